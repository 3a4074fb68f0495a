package io.sqlmq.console;

import io.sqlmq.jms.StoredBody;
import java.io.StringReader;
import java.io.StringWriter;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Bodies as people read them. */
final class Bodies {
    /** Characters or bytes of a body that are shown. */
    static final int MOST = 100_000;

    private Bodies() {}

    /**
     * What is shown of a body.
     *
     * @param kind JSON, XML, text or bytes
     */
    record Shown(String kind, String text) {}

    static Shown show(StoredBody body) {
        byte[] bytes = body.bytes();
        if (bytes != null) {
            return new Shown("bytes", hex(bytes));
        }
        String text = body.text() == null ? "" : body.text();
        String start = text.stripLeading();
        String json = start.startsWith("{") || start.startsWith("[") ? Json.pretty(text) : null;
        String xml = json == null && start.startsWith("<") ? xml(text) : null;
        return json != null ? new Shown("JSON", json) : xml != null ? new Shown("XML", xml) : new Shown("text", text);
    }

    /** Offset, sixteen bytes, and what is ASCII of them. */
    static String hex(byte[] bytes) {
        StringBuilder lines = new StringBuilder();
        for (int line = 0; line < bytes.length; line += 16) {
            lines.append(String.format("%08x ", line));
            StringBuilder ascii = new StringBuilder();
            for (int i = line; i < line + 16; i++) {
                if (i < bytes.length) {
                    lines.append(String.format(" %02x", bytes[i]));
                    ascii.append(bytes[i] >= 32 && bytes[i] < 127 ? (char) bytes[i] : '.');
                } else {
                    lines.append("   ");
                }
            }
            lines.append("  ").append(ascii).append('\n');
        }
        return lines.toString();
    }

    /** Indented; null if it is no XML, or has a document type, which could make the reader fetch or expand things. */
    private static @Nullable String xml(String text) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new DefaultHandler());
            Document document = builder.parse(new InputSource(new StringReader(text)));
            TransformerFactory transformers = TransformerFactory.newInstance();
            transformers.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            Transformer transformer = transformers.newTransformer();
            transformer.setOutputProperty(OutputKeys.INDENT, "yes");
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter lines = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(lines));
            return lines.toString();
        } catch (ParserConfigurationException | SAXException | java.io.IOException | TransformerException e) {
            return null;
        }
    }
}
