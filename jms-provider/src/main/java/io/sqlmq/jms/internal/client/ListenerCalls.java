package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.jdbc.InListener;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.FailureText;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.threads.DeliveryGate;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands the deliveries of one session to message listeners, and tells its mode how that went (§8.7). */
final class ListenerCalls {
    private static final Logger log = LoggerFactory.getLogger(ListenerCalls.class);

    private final SqlmqSession session;
    private final DeliveryGate gate;

    ListenerCalls(SqlmqSession session, DeliveryGate gate) {
        this.session = session;
        this.gate = gate;
    }

    /**
     * Within {@link DeliveryGate#tryBegin}.
     *
     * @param returned to be run when the listener has returned, before that is written
     */
    void deliver(Delivery delivery, SessionMode mode, MessageListener listener, Runnable returned) throws JMSException {
        SqlmqMessage message = session.read(delivery, mode, false);
        if (message == null) {
            return;
        }
        ListenerScope scope = ListenerScope.begin(session.connection().services(), delivery.row(), message);
        Throwable thrown = call(listener, message, scope);
        returned.run();
        if (thrown == null) {
            ExceptionTranslation.run("Acknowledging", () -> mode.listenerReturned(delivery));
        } else {
            String error = FailureText.of(thrown);
            log(delivery, thrown, error);
            ExceptionTranslation.run("Giving back a message", () -> mode.listenerFailed(delivery, error));
        }
    }

    /** A logger asks the exception for its message, which is code of the application, too. */
    private static void log(Delivery delivery, Throwable thrown, String error) {
        try {
            log.error(
                    "The message listener threw for message {}", delivery.row().id(), thrown);
        } catch (RuntimeException | Error e) {
            log.error(
                    "The message listener threw {} for message {}",
                    error,
                    delivery.row().id());
        }
    }

    /** Runs the application's code; what it throws is returned. */
    private @Nullable Throwable call(MessageListener listener, SqlmqMessage message, @Nullable ListenerScope scope) {
        session.makeCurrent();
        gate.listenerStarts();
        InListener.begins();
        Throwable thrown = null;
        try {
            listener.onMessage(message);
        } catch (Throwable t) {
            thrown = t;
        } finally {
            if (scope != null) {
                scope.end(thrown);
            }
            InListener.ends();
            gate.listenerEnds();
            // An interrupt that the listener left behind must not end the statement that follows.
            Thread.interrupted();
        }
        return thrown;
    }
}
