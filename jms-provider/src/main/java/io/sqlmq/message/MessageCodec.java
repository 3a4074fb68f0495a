package io.sqlmq.message;

import jakarta.jms.JMSException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Between messages and what is stored of them. Immutable. */
public final class MessageCodec {
    private static final int LONGEST_CHECKPOINT = 100_000;

    private final TrustedClasses trusted;

    /** A codec whose decoded ObjectMessages give objects of these classes only. */
    public MessageCodec(TrustedClasses trusted) {
        this.trusted = trusted;
    }

    /**
     * What to store for a message. Later changes of the message do not change it (§3.9), and the message stays as it is,
     * also one that is still being written.
     */
    public StoredContent encode(SqlmqMessage message) throws JMSException {
        return encode(message.storedBody(), message.storedProperties());
    }

    /** As {@link #encode(SqlmqMessage)}, but without some properties and with one more. */
    public StoredContent encode(SqlmqMessage message, Set<String> without, String name, Object value)
            throws JMSException {
        return encode(message.storedBody(), message.storedProperties(without, name, value));
    }

    /**
     * How far the work on a message has come, as a property of its next delivery: a JSON object.
     *
     * @throws JMSException if a property cannot hold it
     */
    public static String checkpoint(String progress) throws JMSException {
        if (!HeaderText.isStorable(progress) || progress.length() > LONGEST_CHECKPOINT) {
            throw MessageFaults.format("A checkpoint is a text of up to " + LONGEST_CHECKPOINT
                    + " characters without NUL and unpaired surrogates. Keep what is larger in a table, and its key in the"
                    + " checkpoint.");
        }
        String json = PropertyJsonWriter.write(Map.of(PropertyNames.CHECKPOINT, progress))
                .json();
        return Objects.requireNonNull(json);
    }

    private static StoredContent encode(StoredBody body, StoredProperties properties) {
        return new StoredContent(body.type(), body.text(), body.bytes(), properties.json(), properties.types());
    }

    /**
     * The message that was stored, in the state of a received one ({@link SqlmqMessage#markReceived}). Properties and
     * bodies are parsed when they are first asked for, so errors in them show only then.
     *
     * @throws JMSException when the type of body is unknown
     */
    public SqlmqMessage decode(StoredContent content) throws JMSException {
        SqlmqMessage message = create(content);
        message.markReceived();
        return message;
    }

    /** A job with a body of JSON and one of bytes. */
    private static SqlmqMessage both(StoredProperties properties, String json, byte[] bytes) throws JMSException {
        SqlmqMapMessage body = new SqlmqMapMessage(StoredProperties.NONE, null);
        body.setString("json", json);
        body.setBytes("bytes", bytes);
        return new SqlmqMapMessage(properties, body.storedBody().bytes());
    }

    private SqlmqMessage create(StoredContent content) throws JMSException {
        StoredProperties properties = content.properties() == null
                ? StoredProperties.NONE
                : new StoredProperties(content.properties(), content.propertyTypes());
        byte[] bytes = content.bytes();
        if (content.bodyType() == null) {
            return content.text() != null && bytes != null
                    ? both(properties, content.text(), bytes)
                    : new SqlmqTextMessage(properties, content.text());
        }
        return switch (content.bodyType()) {
            case StoredContent.TEXT ->
                new SqlmqTextMessage(properties, bytes == null ? content.text() : BodyReader.text(bytes));
            case StoredContent.BYTES -> new SqlmqBytesMessage(properties, bytes);
            case StoredContent.MAP -> new SqlmqMapMessage(properties, bytes);
            case StoredContent.STREAM -> new SqlmqStreamMessage(properties, bytes);
            case StoredContent.OBJECT -> new SqlmqObjectMessage(properties, bytes, trusted);
            case StoredContent.MESSAGE -> new SqlmqPlainMessage(properties);
            default -> throw MessageFaults.unreadable("its type of body is '" + content.bodyType() + "'", null);
        };
    }
}
