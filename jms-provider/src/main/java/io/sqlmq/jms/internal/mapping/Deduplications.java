package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.NewMessage.Deduplication;
import io.sqlmq.message.HeaderText;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the identifier by which a sender wants duplicates dropped. Immutable. */
public final class Deduplications {
    static final String PROPERTY = "JMS_SQLMQ_DeduplicationId";

    /** The same in Artemis. */
    static final String ARTEMIS_PROPERTY = "_AMQ_DUPL_ID";

    /** Longer ones do not fit into the index. */
    private static final int LONGEST = 2_000;

    private final long window;

    /**
     * Identifiers that hold for so long.
     *
     * @param window milliseconds; 0: they mean nothing
     */
    public Deduplications(long window) {
        this.window = window;
    }

    /** The identifier of a message to a queue, or to a topic as text, or null. */
    @Nullable
    Deduplication of(SqlmqMessage message, String channel) throws JMSException {
        if (window == 0) {
            return null;
        }
        Object value = message.getObjectProperty(PROPERTY);
        String name = PROPERTY;
        if (value == null) {
            value = message.getObjectProperty(ARTEMIS_PROPERTY);
            name = ARTEMIS_PROPERTY;
        }
        if (value == null) {
            return null;
        }
        String id = HeaderText.encode(value.toString());
        int length = id.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > LONGEST) {
            throw new MessageFormatException(
                    "The property " + name + " has " + length + " bytes; an identifier has 1 to " + LONGEST + ".",
                    "DEDUPLICATION_ID");
        }
        return new Deduplication(channel, id, window);
    }
}
