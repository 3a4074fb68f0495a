package io.sqlmq.jms.internal.factory;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.Daemons;
import io.sqlmq.jms.internal.client.CurrentSession;
import io.sqlmq.jms.internal.client.ManagedSession;
import io.sqlmq.jms.internal.client.SharedByConnections;
import io.sqlmq.jms.internal.client.SqlmqConnection;
import io.sqlmq.jms.internal.destination.TemporaryDestinations;
import io.sqlmq.jms.internal.mapping.SubscriptionSelectors;
import io.sqlmq.jms.internal.mode.JoinedWork;
import io.sqlmq.jms.internal.xa.XaBranches;
import jakarta.jms.JMSException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections of one factory share. Thread-safe. */
public final class FactoryResources implements SharedByConnections, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FactoryResources.class);

    private final SubscriptionSelectors selectors = new SubscriptionSelectors();
    private final TemporaryDestinations temporaryDestinations = new TemporaryDestinations();
    private final CurrentSession currentSession = new CurrentSession();
    private final JoinedWork.Registry joinedWork = new JoinedWork.Registry();
    private final Map<Engine, XaBranches> xaBranches = new ConcurrentHashMap<>();
    private final Map<Engine, HealthCheck> healthChecks = new ConcurrentHashMap<>();
    private final Set<SqlmqConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile ManagedSession managedSession = ManagedSession.NONE;
    private final AtomicInteger threads = new AtomicInteger();
    // Never shut down, so that no callback is ever refused: idle threads end by themselves, and daemons do not keep the
    // JVM from ending.
    private final Executor executor = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), this::newThread);

    private Thread newThread(Runnable task) {
        return Daemons.thread(task, "sqlmq-listener-" + threads.incrementAndGet());
    }

    @Override
    public SubscriptionSelectors selectors() {
        return selectors;
    }

    @Override
    public TemporaryDestinations temporaryDestinations() {
        return temporaryDestinations;
    }

    @Override
    public CurrentSession currentSession() {
        return currentSession;
    }

    @Override
    public ManagedSession managedSession() {
        return managedSession;
    }

    /** A transaction manager of ours works with this factory; several tell the same. */
    public void setManagedSession(ManagedSession managedSession) {
        this.managedSession = managedSession;
    }

    @Override
    public JoinedWork.Registry joinedWork() {
        return joinedWork;
    }

    /** The resource manager of global transactions on that engine. */
    public XaBranches xaBranches(Engine engine) {
        return xaBranches.computeIfAbsent(engine, XaBranches::new);
    }

    /**
     * Makes sure that branches can be prepared. One statement for each engine.
     *
     * @throws JMSException when the server does not allow it
     */
    public void requirePreparedTransactions(Engine engine) throws JMSException {
        xaBranches(engine).requirePreparedTransactions();
    }

    @Override
    public void checkHealth(Engine engine) throws JMSException {
        healthChecks.computeIfAbsent(engine, e -> new HealthCheck(e, executor)).ask();
    }

    @Override
    public Executor executor() {
        return executor;
    }

    /**
     * The connections of the transacted sessions of this factory: see {@link TransactionDataSource}.
     *
     * @param pool gives connections where there is no session
     */
    public DataSource transactionDataSource(Supplier<DataSource> pool) {
        return new TransactionDataSource(this, pool);
    }

    /** A connection that is to be closed with the factory. */
    public void opened(SqlmqConnection connection) {
        connections.add(connection);
    }

    @Override
    public void closed(SqlmqConnection connection) {
        connections.remove(connection);
    }

    /** Closes the connections that are open and rolls back global transactions that are not prepared. */
    @Override
    public void close() {
        for (SqlmqConnection connection : connections) {
            try {
                connection.close();
            } catch (JMSException e) {
                log.warn("Closing a connection with its factory failed", e);
            }
        }
        xaBranches.values().forEach(XaBranches::close);
    }
}
