package io.sqlmq.jms;

import io.sqlmq.jms.internal.client.DeliveryContext;
import io.sqlmq.jms.internal.client.SqlmqMessageConsumer;
import io.sqlmq.jms.internal.client.SqlmqSession;
import io.sqlmq.jms.internal.errors.FailureText;
import io.sqlmq.jms.internal.mode.JoinedConnection;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What Jakarta Messaging has no interface for: the database transactions of sessions.
 *
 * <p>The connections returned here take part in the transaction of a transacted session (§6.2.7). They can do everything
 * but end it: {@code close()} and {@code setAutoCommit(false)} are ignored, {@code commit()}, {@code rollback()} and
 * {@code setAutoCommit(true)} are refused, savepoints work. A connection is usable until the session commits, rolls
 * back or closes, and, like the session, by one thread at a time. In a session used inside a transaction of the
 * application, the connection returned is the one of that transaction, as the application made it.
 */
public final class SqlmqTransactions {
    /** The property of a message that has the text of the last {@link #checkpoint} on it. */
    public static final String CHECKPOINT = "JMS_SQLMQ_Checkpoint";

    /** The property of a message delivered again that says why the delivery before failed, where that is known. */
    public static final String LAST_ERROR = "JMS_SQLMQ_LastError";

    private SqlmqTransactions() {}

    /** A scope in which sessions take part in a transaction; see {@link SqlmqTransactions#join}. */
    public interface Scope extends AutoCloseable {
        /** Ends the scope, not the transaction. Idempotent. */
        @Override
        void close();
    }

    /**
     * The connection of a session's transaction, begun if there is none. Sessions from pools, which wrap them, are
     * understood.
     *
     * @throws jakarta.jms.IllegalStateException if the session is closed or not transacted
     * @throws JMSException if the session is another provider's, or the database cannot be reached
     */
    public static Connection connection(Session session) throws JMSException {
        // Whatever wraps a session, the messages that it creates are ours and know their session.
        return session instanceof SqlmqSession own ? own.ownConnection() : connection(session.createMessage());
    }

    /**
     * As {@link #connection(Session)}, for the session of a context.
     *
     * @throws JMSRuntimeException where that throws a JMSException; the cause tells which
     */
    public static Connection connection(JMSContext context) {
        try {
            return connection(context.createMessage());
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    /**
     * As {@link #connection(Session)}, for the session that delivered or created a message.
     *
     * @throws JMSException also if the message is another provider's
     */
    public static Connection connection(Message message) throws JMSException {
        return sessionOf(message).ownConnection();
    }

    /**
     * Notes why a message could not be processed. The text is kept with the messages that the session's next
     * {@code rollback()} or {@code recover()} gives back, and is found with them in the dead-letter queue. For a message
     * received inside a transaction of the application, or a global one, it is kept with those of that transaction, when
     * that has been rolled back; where the end of the transaction cannot be told ({@link #join}), when the message is
     * claimed again in this process.
     *
     * @throws JMSException if the message is another provider's
     */
    public static void noteFailure(Message message, Throwable failure) throws JMSException {
        String text = FailureText.of(failure);
        if (message instanceof SqlmqMessage own && own.deliveryContext() instanceof DeliveryContext delivered) {
            delivered.noteFailure(text);
        } else {
            sessionOf(message).noteFailure(text);
        }
    }

    /**
     * Waits until a receive by a consumer may find what the one before, which found nothing, did not. Takes nothing and uses no
     * connection to the database, so that a listener container need not begin a transaction in order to wait.
     *
     * @param timeout milliseconds; 0: for ever
     * @return false if nothing has come within the time, or the consumer was closed; true at once if it is of another provider
     */
    public static boolean awaitMessages(MessageConsumer consumer, long timeout) throws JMSException {
        return !(consumer instanceof SqlmqMessageConsumer own) || own.awaitMessages(timeout);
    }

    /**
     * Stores how far the work on a message has come. Should the process die, or the work fail, the next delivery of the message
     * has the text of the last checkpoint as its property {@link #CHECKPOINT}; it is removed when the message is sent again.
     *
     * <p>Inside a transaction of the application ({@link #join}, a {@link TransactionBinding}, {@link SqlmqTransactionManager})
     * the checkpoint is committed and rolled back with it, and so with the work that it stands for; it has to end before the
     * message is acknowledged. Outside of transactions the checkpoint is durable when this returns.
     *
     * <p>For messages that are being worked on in a session that is not transacted: by a listener, or with CLIENT_ACKNOWLEDGE
     * or individual acknowledgement. No transaction is open and no connection held for them between two checkpoints, however long
     * the work takes.
     *
     * @param progress up to 100,000 characters; replaces that of earlier checkpoints
     * @throws jakarta.jms.IllegalStateException if the message was received in a transaction, which would roll back what the
     *     checkpoint stands for, or is acknowledged already
     * @throws JMSException also if somebody else has got the message, because this process was frozen for longer than a lease
     *     lasts: roll back; or if the message is another provider's
     */
    public static void checkpoint(Message message, String progress) throws JMSException {
        if (message instanceof SqlmqMessage own && own.deliveryContext() instanceof DeliveryContext delivered) {
            delivered.checkpoint(MessageCodec.checkpoint(progress));
            return;
        }
        throw new JMSException(
                "The message was not delivered by a session of sqlmq: "
                        + message.getClass().getName(),
                "FOREIGN");
    }

    /**
     * Lets all sessions that the calling thread uses take part in the transaction of {@code connection}, until the scope
     * is closed: what they send and receive is committed and rolled back with it. The scope must be closed on the same
     * thread, inner scopes first; it neither ends the transaction nor closes the connection.
     *
     * <pre>{@code
     * try (var scope = SqlmqTransactions.join(connection)) {
     *     producer.send(message);
     * }
     * connection.commit();
     * }</pre>
     *
     * @throws SQLException if the connection is in auto-commit mode or closed
     */
    public static Scope join(Connection connection) throws SQLException {
        return JoinedConnection.join(connection)::close;
    }

    private static SqlmqSession sessionOf(Message message) throws JMSException {
        if (message instanceof SqlmqMessage own && own.deliveryContext() instanceof SqlmqSession session) {
            return session;
        }
        if (message instanceof SqlmqMessage own && own.deliveryContext() instanceof DeliveryContext delivered) {
            return delivered.session();
        }
        throw new JMSException(
                "The message does not come from a session of sqlmq: "
                        + message.getClass().getName(),
                "FOREIGN");
    }
}
