package io.sqlmq.jms.access;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.TransactionBinding.Status;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a connection factory and the transactions of the application that it takes part in, for modules that work with
 * messages but not through sessions. Thread-safe.
 */
public interface EngineAccess {

    /** The engine, in whose database the tables have been looked after. */
    Engine engine() throws JMSException;

    /** What becomes of failed messages of a queue, by the options of the factory. */
    FailureRules failureRules(String queue);

    /** How many bytes a message may have. */
    long maxMessageSize();

    /** Writes messages: in the transaction of the application that the calling thread is in, else committed on return. */
    void send(List<NewMessage> messages) throws JMSException;

    /** Writes messages in the transaction of {@code connection}, or, if that is in auto-commit mode, committed on return. */
    void send(Connection connection, List<NewMessage> messages) throws JMSException;

    /**
     * A message is about to be worked on, on the calling thread: what surrounds a message listener is to surround that, a tracer's span and the
     * message's name in the log. Its end is told on the same thread. Null where nothing surrounds it.
     */
    MessageTracer.@Nullable Processing process(Delivery.Row message);

    /** The transaction of the application that the calling thread is in, or null. */
    @Nullable
    CurrentTransaction transaction() throws JMSException;

    /** One use of a transaction of the application, by the thread that asked for it. */
    interface CurrentTransaction extends AutoCloseable {

        /** The connection on which it runs. It is neither committed, rolled back nor closed. */
        Connection connection();

        /** Calls {@code action} when it has ended, where that can be told; else never. */
        void afterCompletion(Consumer<Status> action);

        /** Ends this use, not the transaction. */
        @Override
        void close() throws JMSException;
    }
}
