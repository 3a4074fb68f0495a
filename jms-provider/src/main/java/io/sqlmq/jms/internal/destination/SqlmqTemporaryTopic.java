package io.sqlmq.jms.internal.destination;

import io.sqlmq.jms.SqlmqTopic;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;
import org.jspecify.annotations.Nullable;

/** A temporary topic (§6.2.2): as a {@link SqlmqTemporaryQueue}, for a topic. */
final class SqlmqTemporaryTopic extends SqlmqTopic implements TemporaryTopic {
    private static final long serialVersionUID = 1L;

    private final transient SqlmqTemporaryQueue.@Nullable Deletion deletion;

    SqlmqTemporaryTopic(String name, SqlmqTemporaryQueue.@Nullable Deletion deletion) {
        super(name);
        this.deletion = deletion;
    }

    @Override
    public void delete() throws JMSException {
        if (deletion == null) {
            throw new JMSException(
                    "The temporary topic " + getName() + " was not created by this object's connection;"
                            + " only who created it may delete it.",
                    "TEMPORARY_TOPIC");
        }
        deletion.delete(getName());
    }
}
