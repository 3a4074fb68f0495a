package io.sqlmq.console;

import org.jspecify.annotations.Nullable;

/** A piece of a page. Whatever is added as text or as the value of an attribute is escaped; there is no way around it. */
final class Html {
    private final StringBuilder out = new StringBuilder();

    /**
     * Begins an element.
     *
     * @param attributes names and values by turns: without a value (null) it is left out, with an empty one it is a flag
     */
    Html open(String tag, @Nullable String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            String value = attributes[i + 1];
            if (value != null) {
                out.append(' ').append(attributes[i]);
                if (!value.isEmpty()) {
                    out.append("=\"").append(escape(value)).append('"');
                }
            }
        }
        out.append('>');
        return this;
    }

    /** Ends an element. */
    Html close(String tag) {
        out.append("</").append(tag).append('>');
        return this;
    }

    /** A text; null is nothing. */
    Html text(@Nullable Object text) {
        if (text != null) {
            out.append(escape(text.toString()));
        }
        return this;
    }

    /** An element with a text in it. */
    Html element(String tag, @Nullable Object text, @Nullable String... attributes) {
        return open(tag, attributes).text(text).close(tag);
    }

    Html add(Html piece) {
        out.append(piece.out);
        return this;
    }

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
