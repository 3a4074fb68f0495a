package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.jms.internal.destination.TemporaryDestinations;
import io.sqlmq.jms.internal.mapping.SubscriptionSelectors;
import io.sqlmq.jms.internal.mode.JoinedWork;
import jakarta.jms.JMSException;
import java.util.concurrent.Executor;

/** What all connections of one factory share. Thread-safe. */
public interface SharedByConnections {
    /** Selectors of subscriptions, read once. */
    SubscriptionSelectors selectors();

    /** The temporary destinations of this process. */
    TemporaryDestinations temporaryDestinations();

    /** Which transacted session a thread works in. */
    CurrentSession currentSession();

    /** Whose transaction a thread works in, where a transaction manager of ours says so. */
    ManagedSession managedSession();

    /** What sessions do in transactions of the application. */
    JoinedWork.Registry joinedWork();

    /** Runs callbacks of the application; refuses none. */
    Executor executor();

    /**
     * Asks the database whether it takes work, for a few seconds at most.
     *
     * @throws JMSException if it does not
     */
    void checkHealth(Engine engine) throws JMSException;

    /** A connection was closed and needs no closing any more. */
    void closed(SqlmqConnection connection);
}
