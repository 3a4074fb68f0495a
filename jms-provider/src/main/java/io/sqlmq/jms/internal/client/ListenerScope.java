package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What surrounds the work of a listener on a message: a tracer's span, and the message's name in the log. To be ended on the
 * thread where it began.
 */
public final class ListenerScope {

    /** The keys in the logger's context (MDC). */
    private static final String DESTINATION = "sqlmq.destination";

    private static final String MESSAGE_ID = "sqlmq.messageId";

    private final boolean logs;
    private final MessageTracer.@Nullable Processing traced;

    private ListenerScope(boolean logs, MessageTracer.@Nullable Processing traced) {
        this.logs = logs;
        this.traced = traced;
    }

    /** For listeners that are called by others; null where nothing is to surround them. */
    public static @Nullable ListenerScope of(Message message) throws JMSException {
        return message instanceof SqlmqMessage own && own.deliveryContext() instanceof DeliveryContext delivered
                ? begin(
                        delivered.session().connection().services(),
                        delivered.delivery().row(),
                        own)
                : null;
    }

    static @Nullable ListenerScope begin(ConnectionServices services, Delivery.Row row, SqlmqMessage message)
            throws JMSException {
        MessageTracer tracer = services.tracer();
        boolean logs = services.logsMessages();
        return tracer == null && !logs ? null : begin(tracer, logs, row, message);
    }

    /** For who works on messages without a session. */
    public static ListenerScope begin(
            @Nullable MessageTracer tracer, boolean logs, Delivery.Row row, SqlmqMessage message) throws JMSException {
        if (logs) {
            MDC.put(DESTINATION, row.channel());
            String id = message.getJMSMessageID();
            MDC.put(MESSAGE_ID, id == null ? row.id().toString() : id);
        }
        return new ListenerScope(logs, tracer == null ? null : tracer.process(message));
    }

    /**
     * The listener has returned.
     *
     * @param thrown what it threw, or null
     */
    public void end(@Nullable Throwable thrown) {
        if (traced != null) {
            traced.ended(thrown);
        }
        if (logs) {
            MDC.remove(DESTINATION);
            MDC.remove(MESSAGE_ID);
        }
    }
}
