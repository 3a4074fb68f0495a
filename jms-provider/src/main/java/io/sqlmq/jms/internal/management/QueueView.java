package io.sqlmq.jms.internal.management;

import io.sqlmq.engine.QueueInspection;
import io.sqlmq.jms.internal.factory.AdminCalls;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The MBean of a queue. */
final class QueueView extends DestinationView implements QueueViewMBean {
    private final String queue;
    private final Database database;
    private final Sizes sizes;

    QueueView(String queue, Counts counts, Database database, Sizes sizes) {
        super(queue, counts);
        this.queue = queue;
        this.database = database;
        this.sizes = sizes;
    }

    private <T extends @Nullable Object> T call(String what, AdminCalls.Call<T> call) throws JMSException {
        try {
            return database.calls().call(what + queue, call);
        } finally {
            sizes.forget();
        }
    }

    @Override
    public long getQueueSize() throws JMSException {
        QueueInspection.Size size = sizes.of(queue);
        return size == null ? 0 : size.messages();
    }

    @Override
    public long getOldestMessageAgeMillis() throws JMSException {
        QueueInspection.Size size = sizes.of(queue);
        Duration oldest = size == null ? null : size.oldest();
        return oldest == null ? 0 : oldest.toMillis();
    }

    @Override
    public boolean isPaused() throws JMSException {
        return sizes.isPaused(queue);
    }

    @Override
    public void pause() throws JMSException {
        call("Pausing ", admin -> admin.pause(queue, null));
    }

    @Override
    public void resume() throws JMSException {
        call("Resuming ", admin -> admin.resume(queue));
    }

    @Override
    public long purge() throws JMSException {
        return call("Purging ", admin -> admin.purge(queue));
    }

    @Override
    public boolean removeMessage(String messageId) throws JMSException {
        UUID id = AdminCalls.rowId(messageId);
        return call("Removing a message of ", admin -> admin.remove(queue, id));
    }

    @Override
    public long retryMessages() throws JMSException {
        return call("Retrying ", admin -> admin.retry(queue, null));
    }

    @Override
    public boolean retryMessage(String messageId) throws JMSException {
        UUID id = AdminCalls.rowId(messageId);
        return call("Retrying a message of ", admin -> admin.retry(queue, id)) > 0;
    }

    @Override
    public long moveMessagesTo(String to) throws JMSException {
        AdminCalls.checkTarget(queue, to);
        return call("Moving ", admin -> admin.move(queue, to));
    }

    @Override
    public long copyMessagesTo(String to) throws JMSException {
        AdminCalls.checkTarget(queue, to);
        return call("Copying ", admin -> admin.copy(queue, to, null));
    }
}
