package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.NewMessage.Job;
import io.sqlmq.message.HeaderText;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/** The properties that make a message to a queue a job as well, for programs that poll (docs/sql.md). */
final class JobProperties {
    private static final String NAME = "JMS_SQLMQ_JobName";
    private static final String ARGUMENTS = "JMS_SQLMQ_ChannelArgs";
    private static final String COMMIT_INTERVAL = "JMS_SQLMQ_CommitInterval";

    /** They are in an index, whose entries are bounded. */
    private static final int LONGEST = 500;

    private JobProperties() {}

    /** The job; null if the message has no name of one. */
    static @Nullable Job of(SqlmqMessage message) throws JMSException {
        String name = message.getStringProperty(NAME);
        if (name == null || name.isEmpty()) {
            return null;
        }
        String arguments = message.getStringProperty(ARGUMENTS);
        if (arguments == null) {
            String group = message.getStringProperty("JMSXGroupID");
            arguments = group == null ? "" : group;
        }
        long interval =
                message.propertyExists(COMMIT_INTERVAL) ? Math.max(0, message.getLongProperty(COMMIT_INTERVAL)) : 0;
        if (arguments.length() > LONGEST) {
            throw new MessageFormatException(
                    "The property " + ARGUMENTS + " (or JMSXGroupID, where that is not set) has " + arguments.length()
                            + " characters; arguments of a job may have " + LONGEST,
                    "JOB_ARGUMENTS");
        }
        return new Job(HeaderText.encode(name), HeaderText.encode(arguments), interval);
    }
}
