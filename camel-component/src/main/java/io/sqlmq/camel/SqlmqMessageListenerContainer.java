package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqTransactionManager;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.apache.camel.component.jms.DefaultJmsMessageListenerContainer;
import org.apache.camel.component.jms.JmsEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.util.backoff.BackOffExecution;

/**
 * The container of Camel's JMS component, which tells sqlmq why a route failed, so that dead letters have the text, and holds no
 * connection while it waits.
 */
class SqlmqMessageListenerContainer extends DefaultJmsMessageListenerContainer {
    private static final Logger log = LoggerFactory.getLogger(SqlmqMessageListenerContainer.class);

    SqlmqMessageListenerContainer(JmsEndpoint endpoint) {
        super(endpoint);
    }

    /**
     * Does what its consumers do before they receive, and takes nothing.
     *
     * @param autoCreate whether no destination has to be declared
     * @throws JMSException what they would fail with
     */
    void checkSetup(boolean autoCreate) throws JMSException {
        try (Connection connection = createConnection()) {
            prepareSharedConnection(connection);
            Session session = createSession(connection);
            String name = getDestinationName();
            if (autoCreate && name != null && isPlainTopic(name)) {
                resolveDestinationName(session, name);
            } else {
                createListenerConsumer(session);
            }
        }
    }

    /**
     * Whoever may receive at all may subscribe to it. To do so would write a subscription that ends at once; consumers of queues
     * write nothing.
     */
    private boolean isPlainTopic(String name) {
        return isPubSubDomain()
                && !isSubscriptionDurable()
                && !isSubscriptionShared()
                && getMessageSelector() == null
                && name.chars().noneMatch(c -> "?,*>".indexOf(c) >= 0);
    }

    @Override
    protected void invokeListener(Session session, Message message) throws JMSException {
        noting(message, () -> super.invokeListener(session, message));
    }

    /** What a container does with a message. */
    @FunctionalInterface
    interface Listening {
        void run() throws JMSException;
    }

    /** Does it, and tells sqlmq why it failed. */
    static void noting(Message message, Listening listening) throws JMSException {
        try {
            listening.run();
        } catch (JMSException | RuntimeException | Error e) {
            note(message, e);
            throw e;
        }
    }

    /**
     * Somebody who took part in the transaction wants it rolled back, such as an idempotent repository that another consumer was
     * ahead of, or the database has done so. To Spring that is a failed container, which begins anew. But it has ended one message's
     * transaction, as a failed route does.
     */
    @Override
    protected boolean receiveAndExecute(Object invoker, @Nullable Session session, @Nullable MessageConsumer consumer)
            throws JMSException {
        if (consumer != null
                && waitsBeforeTransaction()
                && !SqlmqTransactions.awaitMessages(consumer, getReceiveTimeout())) {
            noMessageReceived(invoker, session);
            return false;
        }
        try {
            return super.receiveAndExecute(invoker, session, consumer);
        } catch (UnexpectedRollbackException e) {
            if (e.getCause() == null) {
                log.info(
                        "A message from {} is delivered again: what took part in its transaction has marked it as"
                                + " rollback-only",
                        getDestinationDescription());
            } else {
                handleListenerException(e);
            }
            return true;
        }
    }

    /**
     * Spring's container, if it is stopped while an attempt to connect fails, would wait for its next attempt, and the stop for that.
     */
    @Override
    protected boolean applyBackOffTime(BackOffExecution execution) {
        lifecycleLock.lock();
        try {
            return !isRunning() || super.applyBackOffTime(execution);
        } finally {
            lifecycleLock.unlock();
        }
    }

    @Override
    protected @Nullable Message receiveMessage(MessageConsumer consumer) throws JMSException {
        return waitsBeforeTransaction() ? consumer.receiveNoWait() : super.receiveMessage(consumer);
    }

    /**
     * Whether the transaction begins after the wait: those of other managers hold a connection from their beginning, those of ours
     * from the first message.
     */
    private boolean waitsBeforeTransaction() {
        return getTransactionManager() != null
                && !(getTransactionManager() instanceof SqlmqTransactionManager)
                && getCacheLevel() >= CACHE_CONSUMER
                && getReceiveTimeout() >= 0;
    }

    static void note(Message message, Throwable failure) {
        try {
            SqlmqTransactions.noteFailure(message, RouteFailure.of(failure));
        } catch (JMSException e) {
            failure.addSuppressed(e);
        }
    }
}
