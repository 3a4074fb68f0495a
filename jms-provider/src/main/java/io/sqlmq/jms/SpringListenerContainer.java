package io.sqlmq.jms;

import io.sqlmq.jms.internal.client.ListenerScope;
import io.sqlmq.jms.internal.client.SqlmqMessageConsumer;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/**
 * Spring's {@link DefaultMessageListenerContainer} with three differences:
 *
 * <ul>
 *   <li>It tells sqlmq why a listener failed: the exception's text is kept with the message that the rollback gives back, and is
 *       found with it in the dead-letter queue, whether the transaction is a transaction manager's or the session's own. Otherwise
 *       nobody but the container hears of the exception.
 *   <li>It begins a transaction when a message may be there, and not in order to wait for one, so that a listener holds no database
 *       connection while it waits, whatever the transaction manager. For that it keeps its consumers ({@link
 *       #CACHE_CONSUMER}) also where it has a transaction manager, unless it is told otherwise.
 *   <li>When it stops, it works on what it has received and receives nothing more, while Spring's receives a last message in order to
 *       reject it, which counts as a failed delivery.
 * </ul>
 *
 * <p>Needs spring-jms on the class path. Messages of other providers are received as usual.
 */
public class SpringListenerContainer extends DefaultMessageListenerContainer {

    /** A container as Spring's own, to be configured like that. */
    public SpringListenerContainer() {
        setAcceptMessagesWhileStopping(true);
    }

    @Override
    public void initialize() {
        if (getCacheLevel() == CACHE_AUTO) {
            setCacheLevel(CACHE_CONSUMER);
        }
        super.initialize();
    }

    /**
     * Does what a listener does before it receives, and takes nothing: for applications that would rather not start than log every few
     * seconds that a listener cannot begin.
     *
     * @throws JMSException what the listener would fail with
     */
    public void checkSetup() throws JMSException {
        try (Connection connection = createConnection()) {
            prepareSharedConnection(connection);
            connection.start();
            Session session = createSession(connection);
            createListenerConsumer(session);
            // Where nothing is: what is received needs the same rights wherever it is.
            session.createConsumer(session.createTemporaryQueue()).receiveNoWait();
        }
    }

    @Override
    protected boolean receiveAndExecute(Object invoker, @Nullable Session session, @Nullable MessageConsumer consumer)
            throws JMSException {
        SqlmqMessageConsumer waiting = waitsBefore(consumer);
        if (waiting != null && !waiting.awaitMessages(getReceiveTimeout())) {
            noMessageReceived(invoker, session);
            return false;
        }
        return super.receiveAndExecute(invoker, session, consumer);
    }

    @Override
    protected @Nullable Message receiveMessage(MessageConsumer consumer) throws JMSException {
        if (!isRunning()) {
            return null;
        }
        return waitsBefore(consumer) != null ? consumer.receiveNoWait() : super.receiveMessage(consumer);
    }

    /** The consumer, if the transaction is to begin after the wait: a transaction of ours takes no connection before a message. */
    private @Nullable SqlmqMessageConsumer waitsBefore(@Nullable MessageConsumer consumer) {
        return consumer instanceof SqlmqMessageConsumer own
                        && getTransactionManager() != null
                        && !(getTransactionManager() instanceof SqlmqTransactionManager)
                        && getCacheLevel() >= CACHE_CONSUMER
                        && getReceiveTimeout() >= 0
                ? own
                : null;
    }

    @Override
    protected void invokeListener(Session session, Message message) throws JMSException {
        ListenerScope scope = ListenerScope.of(message);
        Throwable thrown = null;
        try {
            super.invokeListener(session, message);
        } catch (JMSException | RuntimeException | Error e) {
            thrown = e;
            note(message, e);
            throw e;
        } finally {
            if (scope != null) {
                scope.end(thrown);
            }
        }
    }

    private static void note(Message message, Throwable failure) {
        Throwable told = failure;
        // What Spring's adapters of annotated methods wrap around the application's exception says nothing.
        if (failure.getCause() != null
                && failure.getClass().getName().startsWith("org.springframework.jms.listener.")) {
            told = failure.getCause();
        }
        try {
            SqlmqTransactions.noteFailure(message, told);
        } catch (JMSException e) {
            failure.addSuppressed(e);
        }
    }
}
