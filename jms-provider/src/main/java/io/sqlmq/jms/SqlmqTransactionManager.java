package io.sqlmq.jms;

import io.sqlmq.jms.SpringSessionTransaction.JdbcHolder;
import io.sqlmq.jms.internal.client.Domain;
import io.sqlmq.jms.internal.client.SqlmqConnection;
import io.sqlmq.jms.internal.client.SqlmqSession;
import io.sqlmq.jms.internal.pool.SpringDataSources;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.sql.SQLException;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.JdbcTransactionObjectSupport;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.InvalidIsolationLevelException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Spring's transactions as transactions of sqlmq's sessions: what is received, sent and done in SQL on the application's
 * DataSource commits and rolls back together, in one transaction of PostgreSQL. It is to listener containers and {@code
 * @Transactional} methods what {@code JmsTransactionManager} and {@code DataSourceTransactionManager} are, in one.
 *
 * <p>A transaction takes a database connection with its first message or SQL. So a container that waits for messages holds none.
 *
 * <ul>
 *   <li>All sessions of the connection factory that the transaction's thread uses work in it, wrapped, cached or transacted as they
 *       may be. Their {@code commit()} and {@code rollback()} are refused.
 *   <li>SQL takes part that is done on the connection factory's DataSource, or what is beneath it, by Spring's means (JdbcTemplate,
 *       DataSourceUtils, TransactionAwareDataSourceProxy, whatever uses these). Methods of a {@code
 *       DataSourceTransactionManager} of the same DataSource take part as well.
 *   <li>NESTED is a savepoint. REQUIRES_NEW is a second connection. In callbacks after the end a method that requires a transaction
 *       gets one of its own; what is done there without is durable when it returns.
 *   <li>The transaction is READ COMMITTED. One that is to be read-only, or of another isolation, is a plain one of the DataSource, as
 *       a DataSourceTransactionManager makes it: messages are sent in it where it may write, and not received.
 *   <li>A commit that the database turned into a rollback is an {@link UnexpectedRollbackException}, or a {@link
 *       DataAccessException} where a deferred constraint or a conflict was the reason; one whose outcome is unknown is a {@link
 *       TransactionSystemException} by {@link OutcomeUnknownJmsException}.
 * </ul>
 *
 * <p>With JPA use {@code JpaTransactionManager} instead: sessions take part in its transactions, see {@link
 * SpringTransactionBinding}.
 *
 * <p>Needs spring-jms and spring-jdbc on the class path. Thread-safe. To be closed ({@link #destroy()}) before the connection
 * factory, or with it.
 */
public final class SqlmqTransactionManager extends AbstractPlatformTransactionManager
        implements ResourceTransactionManager, DisposableBean {
    private static final long serialVersionUID = 1L;
    private static final Logger log = LoggerFactory.getLogger(SqlmqTransactionManager.class);

    private final transient SqlmqConnectionFactory factory;
    private final transient @Nullable DataSource given;
    private final transient Deque<SqlmqSession> idle = new ConcurrentLinkedDeque<>();
    private transient @Nullable Keys keys;
    private transient @Nullable SqlmqConnection connection;

    /** A manager for what is received and sent through a factory, and for SQL on its {@code getDataSource()}. */
    public SqlmqTransactionManager(SqlmqConnectionFactory factory) {
        this.factory = Objects.requireNonNull(factory, "factory");
        this.given = null;
        begin();
    }

    /**
     * A manager for what is received and sent through a factory, and for SQL on a DataSource that has other wrappers than the
     * factory's around the same pool.
     *
     * @throws IllegalArgumentException if it has another pool
     */
    public SqlmqTransactionManager(SqlmqConnectionFactory factory, DataSource dataSource) {
        this.factory = Objects.requireNonNull(factory, "factory");
        this.given = Objects.requireNonNull(dataSource, "dataSource");
        if (SpringDataSources.pool(dataSource) != SpringDataSources.pool(factory.getDataSource())) {
            throw new IllegalArgumentException("The DataSource " + dataSource + " has another pool than the connection"
                    + " factory's, " + factory.getDataSource() + ". Make the connection factory over the application's"
                    + " DataSource");
        }
        begin();
    }

    private void begin() {
        setNestedTransactionAllowed(true);
        factory.resources().setManagedSession(() -> SpringSessionTransaction.current(factory));
    }

    /** The factory whose messages are in the transactions. */
    @Override
    public SqlmqConnectionFactory getResourceFactory() {
        return factory;
    }

    /** The DataSource whose SQL is in the transactions. A factory with a URL makes its pool by this call. */
    public DataSource getDataSource() {
        return given != null ? given : factory.getDataSource();
    }

    // ---- under what transactions are bound

    /**
     * What Spring's classes look under.
     *
     * @param dataSources the DataSource and those beneath it
     * @param plain makes the transactions that a session's cannot be
     */
    private record Keys(List<DataSource> dataSources, DataSourceTransactionManager plain) {}

    private synchronized Keys keys() {
        Keys known = keys;
        if (known == null) {
            DataSource dataSource = getDataSource();
            DataSourceTransactionManager plain = new DataSourceTransactionManager(dataSource);
            plain.setTransactionSynchronization(SYNCHRONIZATION_NEVER);
            known = new Keys(SpringDataSources.wayToPool(dataSource), plain);
            keys = known;
        }
        return known;
    }

    /** Takes away what is bound. */
    private Map<Object, Object> unbind(Keys known) {
        Map<Object, Object> bound = new LinkedHashMap<>();
        unbind(factory, bound);
        known.dataSources.forEach(key -> unbind(key, bound));
        return bound;
    }

    private static void unbind(Object key, Map<Object, Object> bound) {
        Object value = TransactionSynchronizationManager.unbindResourceIfPossible(key);
        if (value != null) {
            bound.put(key, value);
        }
    }

    private static void bind(Map<Object, Object> unbound) {
        unbound.forEach(TransactionSynchronizationManager::bindResource);
    }

    // ---- transactions

    /** What Spring hands from step to step. */
    private static final class Scope extends JdbcTransactionObjectSupport {
        private final Keys keys;
        /** What the transaction stands before, until it has ended: the session of a listener, say. */
        private Map<Object, Object> displaced = Map.of();

        private @Nullable SpringSessionTransaction transaction;
        private @Nullable TransactionStatus plain;

        Scope(Keys keys) {
            this.keys = keys;
            setSavepointAllowed(true);
        }

        SpringSessionTransaction own() {
            return Objects.requireNonNull(transaction);
        }

        void in(SpringSessionTransaction own) {
            transaction = own;
            setConnectionHolder(own.jdbc());
        }

        @Override
        public boolean isRollbackOnly() {
            return transaction != null
                    ? transaction.isRollbackOnly()
                    : getConnectionHolder().isRollbackOnly();
        }
    }

    @Override
    protected Object doGetTransaction() {
        Scope scope = new Scope(keys());
        for (DataSource key : scope.keys.dataSources) {
            if (!(TransactionSynchronizationManager.getResource(key) instanceof ConnectionHolder holder)) {
                continue;
            }
            if (holder instanceof JdbcHolder ours) {
                if (!scope.hasConnectionHolder()) {
                    scope.in(ours.transaction());
                }
            } else if (SpringTransactionBinding.isManaged(holder)) {
                requireTakingPart(key, holder);
                scope.transaction = null;
                scope.setConnectionHolder(holder);
            }
        }
        return scope;
    }

    /** Of others, only a DataSourceTransactionManager looks whether somebody has marked its transaction as rollback-only. */
    private static void requireTakingPart(DataSource key, ConnectionHolder holder) {
        if (!SpringTransactionBinding.isActive(holder)) {
            throw new IllegalTransactionStateException("A transaction of another kind is active on " + key
                    + ", perhaps of a JpaTransactionManager, in which SqlmqTransactionManager cannot take part. Use that"
                    + " manager: sessions of sqlmq take part in its transactions");
        }
    }

    @Override
    protected boolean isExistingTransaction(Object transaction) {
        return ((Scope) transaction).hasConnectionHolder();
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        Scope scope = (Scope) transaction;
        scope.displaced = unbind(scope.keys);
        try {
            if (isForSession(definition)) {
                beginSession(scope, determineTimeout(definition));
            } else {
                beginPlain(scope, definition);
            }
        } catch (JMSException e) {
            bind(scope.displaced);
            throw new CannotCreateTransactionException("Could not begin a transaction of sqlmq", e);
        } catch (RuntimeException | Error e) {
            bind(scope.displaced);
            throw e;
        }
    }

    /** Whether a session's transaction will do, which may write and is READ COMMITTED. */
    private boolean isForSession(TransactionDefinition definition) {
        boolean isolated = switch (definition.getIsolationLevel()) {
            case TransactionDefinition.ISOLATION_REPEATABLE_READ, TransactionDefinition.ISOLATION_SERIALIZABLE -> true;
            default -> false;
        };
        if (isolated && !factory.isBound()) {
            throw new InvalidIsolationLevelException("Sessions of a connection factory that has no DataSource of the"
                    + " application, or no TransactionBinding, are READ COMMITTED. Leave the isolation out, or make the"
                    + " factory over the application's DataSource");
        }
        return !isolated && !(definition.isReadOnly() && factory.isBound());
    }

    private void beginSession(Scope scope, int timeout) throws JMSException {
        if (!SpringDataSources.leadsTo(SpringDataSources.pool(getDataSource()), getDataSource())) {
            throw new CannotCreateTransactionException("The calling thread is on another target of " + getDataSource()
                    + " than its default, which has the messages. Make a connection factory and a transaction manager for"
                    + " each target");
        }
        SqlmqConnection shared = connection();
        SqlmqSession session = idle.poll();
        if (session == null || !session.isReusable()) {
            session = (SqlmqSession) shared.createSession(Session.SESSION_TRANSACTED);
        }
        SpringSessionTransaction begun = new SpringSessionTransaction(factory, shared, session, scope.keys.dataSources);
        if (timeout != TransactionDefinition.TIMEOUT_DEFAULT) {
            begun.setTimeout(timeout);
        }
        begun.bind();
        scope.in(begun);
    }

    private void beginPlain(Scope scope, TransactionDefinition definition) {
        DefaultTransactionDefinition own = new DefaultTransactionDefinition(definition);
        own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRED);
        own.setTimeout(determineTimeout(definition));
        scope.plain = scope.keys.plain.getTransaction(own);
        DataSource key = Objects.requireNonNull(scope.keys.plain.getDataSource());
        scope.setConnectionHolder((ConnectionHolder) TransactionSynchronizationManager.getResource(key));
    }

    @Override
    protected Object doSuspend(Object transaction) {
        Scope scope = (Scope) transaction;
        scope.setConnectionHolder(null);
        scope.transaction = null;
        return unbind(scope.keys);
    }

    @Override
    @SuppressWarnings("unchecked") // it is what doSuspend has returned
    protected void doResume(@Nullable Object transaction, Object suspendedResources) {
        bind((Map<Object, Object>) suspendedResources);
    }

    @Override
    protected void doSetRollbackOnly(DefaultTransactionStatus status) {
        Scope scope = (Scope) status.getTransaction();
        if (scope.transaction != null) {
            scope.transaction.setRollbackOnly();
        } else {
            scope.getConnectionHolder().setRollbackOnly();
        }
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        Scope scope = (Scope) status.getTransaction();
        if (scope.plain != null) {
            scope.keys.plain.commit(scope.plain);
            return;
        }
        try {
            scope.own().commit();
        } catch (TransactionRolledBackException e) {
            DataAccessException ofData = ofData(e);
            throw ofData != null
                    ? ofData
                    : new UnexpectedRollbackException("The transaction was rolled back instead of committed", e);
        } catch (JMSException e) {
            throw new TransactionSystemException("Could not commit the transaction", e);
        }
    }

    /**
     * As a JdbcTransactionManager has it: that a deferred constraint does not hold, or that somebody else was faster, is not the
     * failure of a transaction system, for which a listener container would pause. Null if it is neither.
     */
    private static @Nullable DataAccessException ofData(TransactionRolledBackException failed) {
        return failed.getCause() instanceof SQLException cause
                        && cause.getSQLState() != null
                        && cause.getSQLState().matches("23...|40001|40P01")
                ? new SQLStateSQLExceptionTranslator().translate("Commit", null, cause)
                : null;
    }

    @Override
    protected void doRollback(DefaultTransactionStatus status) {
        Scope scope = (Scope) status.getTransaction();
        if (scope.plain != null) {
            scope.keys.plain.rollback(scope.plain);
            return;
        }
        try {
            scope.own().rollback();
        } catch (JMSException e) {
            throw new TransactionSystemException("Could not roll back the transaction", e);
        }
    }

    @Override
    protected void doCleanupAfterCompletion(Object transaction) {
        Scope scope = (Scope) transaction;
        bind(scope.displaced);
        if (scope.transaction != null) {
            giveBack(scope.transaction.session());
        }
    }

    // ---- sessions

    private synchronized SqlmqConnection connection() throws JMSException {
        SqlmqConnection current = connection;
        if (current == null || current.lifecycle().isClosed()) {
            current = factory.connect(null, null, Domain.COMMON);
            current.start();
            connection = current;
        }
        return current;
    }

    private void giveBack(SqlmqSession session) {
        if (session.isReusable()) {
            idle.push(session);
            return;
        }
        try {
            if (session.hasWork()) {
                log.warn(
                        "After the end of its transaction a session has sent or received messages, which nobody commits. Use"
                                + " another session in callbacks, as JmsTemplate does");
            }
            session.close();
        } catch (JMSException e) {
            log.warn("Closing a session in which something was left open failed", e);
        }
    }

    /** Closes the sessions of transactions that have ended, and those of others. Transactions can begin again all the same. */
    @Override
    public synchronized void destroy() {
        SqlmqConnection current = connection;
        connection = null;
        idle.clear();
        if (current != null) {
            try {
                current.close();
            } catch (JMSException e) {
                log.warn("Closing the connection of a transaction manager failed", e);
            }
        }
    }
}
