package io.sqlmq.cli;

import java.sql.SQLException;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "show",
        description =
                "Shows all there is of a message: its queue, state, headers, properties, body if it is text, and why it is not delivered.")
final class Show extends Verb {
    @Parameters(paramLabel = "<id>", description = "the JMSMessageID, or the id in mq_messages")
    private String id = "";

    @Override
    int run() throws SQLException {
        UUID row = rowId(id);
        Table found = query("""
                SELECT m.id, m.queue, m.state, (SELECT mq_why(m.id)) AS why, m.priority, m.persistent, m.sent_at, m.due_at, m.expires_at,
                       m.delivery_count, m.last_error, m.correlation_id, m.jms_type AS type, m.reply_to, m.properties, m.body_type, m.body
                  FROM mq_messages m WHERE m.id = ? ORDER BY m.queue""", row);
        if (found.isEmpty()) {
            throw missing(id);
        }
        printVertical(found);
        return DONE;
    }

    static UUID rowId(String id) {
        try {
            return UUID.fromString(id.startsWith("ID:") ? id.substring(3) : id);
        } catch (IllegalArgumentException e) {
            throw Problem.wrongArguments(id + " is not the JMSMessageID of a stored message: ID:01234567-89ab-…");
        }
    }

    static Problem missing(String id) {
        return Problem.failed("there is no message " + id + ": it was received, has expired, or is not committed");
    }
}
