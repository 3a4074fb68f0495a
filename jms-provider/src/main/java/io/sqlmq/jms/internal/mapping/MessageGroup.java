package io.sqlmq.jms.internal.mapping;

import io.sqlmq.message.HeaderText;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The group of a message as the database knows it. mq_group in the migrations says the same for messages sent by SQL. */
final class MessageGroup {
    private static final String PROPERTY = "JMSXGroupID";

    /** The names of groups are in an index, whose entries are bounded; of longer ones their digest is. */
    private static final int LONGEST = 512;

    private MessageGroup() {}

    /** The group that JMSXGroupID (§3.5.9) names; null without one or with an empty name. */
    static @Nullable String of(SqlmqMessage message) throws JMSException {
        String id = message.getStringProperty(PROPERTY);
        if (id == null || id.isEmpty()) {
            return null;
        }
        String text = HeaderText.encode(id);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= LONGEST ? text : "sha256:" + HexFormat.of().formatHex(sha256(bytes));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
