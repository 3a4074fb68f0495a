package io.sqlmq.jms;

import io.sqlmq.jms.internal.client.DeliveryContext;
import io.sqlmq.jms.internal.client.ListenerScope;
import io.sqlmq.jms.internal.client.SqlmqMessageConsumer;
import io.sqlmq.jms.internal.client.SqlmqSession;
import io.sqlmq.jms.internal.errors.FailureText;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.connection.JmsResourceHolder;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Spring's {@link DefaultMessageListenerContainer} with three differences:
 *
 * <ul>
 *   <li>It tells sqlmq why a listener failed, or the commit after it: the exception's text is kept with the message that the rollback gives back, and is
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

    /** What the listener of the calling thread has worked on without an exception, until its transaction has ended. */
    private static final ThreadLocal<DeliveryContext> COMMITTING = new ThreadLocal<>();

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
        try {
            return super.receiveAndExecute(invoker, session, consumer);
        } catch (UnexpectedRollbackException e) {
            // Of the listener, which has marked the transaction or called somebody who has: nothing that a container
            // recovers from.
            handleListenerException(e);
            return true;
        } catch (TransactionException e) {
            noteCommitFailure(e);
            throw e;
        } finally {
            DeliveryContext worked = COMMITTING.get();
            if (worked != null) {
                COMMITTING.remove();
                worked.failureNoted();
            }
        }
    }

    /** Also told what a commit failed with, such as a constraint of the database that does not hold. */
    @Override
    protected void handleListenerException(Throwable ex) {
        noteCommitFailure(ex);
        super.handleListenerException(ex);
    }

    private void noteCommitFailure(Throwable failure) {
        DeliveryContext worked = COMMITTING.get();
        if (worked != null) {
            worked.noteFailure(FailureText.of(failure));
        }
    }

    /** In a transaction of the application messages are given back by its rollback, which a session cannot do in its place. */
    @Override
    protected boolean isClientAcknowledge(Session session) throws JMSException {
        return super.isClientAcknowledge(session) && !(session instanceof SqlmqSession own && own.takesPart());
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
            suspendSessionWithTransaction();
            super.invokeListener(session, message);
            if (getTransactionManager() != null
                    && message instanceof SqlmqMessage own
                    && own.deliveryContext() instanceof DeliveryContext delivered) {
                delivered.awaitFailure();
                COMMITTING.set(delivered);
            }
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

    /**
     * What is sent while the listener's transaction is suspended is not for the listener's session, which is shown to {@code JmsTemplate}: Spring's
     * container shows it on, unless it takes a session for each transaction.
     */
    private void suspendSessionWithTransaction() {
        ConnectionFactory key = getConnectionFactory();
        if (key == null
                || !TransactionSynchronizationManager.isSynchronizationActive()
                || !(TransactionSynchronizationManager.getResource(key) instanceof JmsResourceHolder shown)
                || shown.isSynchronizedWithTransaction()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            private boolean hidden;

            @Override
            public void suspend() {
                hidden = TransactionSynchronizationManager.getResource(key) == shown;
                if (hidden) {
                    TransactionSynchronizationManager.unbindResource(key);
                }
            }

            @Override
            public void resume() {
                if (hidden) {
                    TransactionSynchronizationManager.bindResource(key, shown);
                }
            }
        });
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
