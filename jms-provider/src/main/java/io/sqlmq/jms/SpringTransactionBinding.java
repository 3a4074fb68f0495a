package io.sqlmq.jms;

import io.sqlmq.jms.internal.errors.TransactionRefusedException;
import io.sqlmq.jms.internal.mode.SpringPhase;
import io.sqlmq.jms.internal.pool.SpringDataSources;
import java.lang.ref.WeakReference;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.ConnectionHandle;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.SimpleConnectionHandle;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.support.ResourceHolderSupport;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Binds sessions to Spring's transactions: those of a {@code DataSourceTransactionManager}, or of any other transaction
 * manager that exposes its JDBC connection, as {@code JpaTransactionManager} does, for the same database. That is a {@link
 * DataSource} with the same pool at the bottom, whatever proxies are around it on either side. A transaction on another
 * DataSource is not joined, which is said once as a warning.
 *
 * <p>Work that comes when a transaction has ended, in {@code afterCommit}, {@code afterCompletion} or a {@code
 * TransactionalEventListener}, does not belong to it: the session works as if there were none.
 *
 * <p>Needs spring-jdbc and spring-tx on the class path.
 */
public final class SpringTransactionBinding implements TransactionBinding {
    private static final Logger log = LoggerFactory.getLogger(SpringTransactionBinding.class);

    /** SQLSTATE of a transaction in which nothing can be done here. */
    private static final String WRONG_STATE = "55000";

    private static final String ROLLED_BACK = "40000";

    /** Spring does since 6.2. */
    private static final boolean TELLS_OF_SAVEPOINTS = Arrays.stream(TransactionSynchronization.class.getMethods())
            .anyMatch(method -> method.getName().equals("savepointRollback"));

    private final DataSource dataSource;
    private final AtomicBoolean warned = new AtomicBoolean();

    /** A binding to the transactions that Spring runs on {@code dataSource}, or on the pool at the bottom of it. */
    public SpringTransactionBinding(DataSource dataSource) {
        this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
    }

    /**
     * Whether sessions of a connection factory over one DataSource can take part in transactions on another: both have the same
     * pool at the bottom, whatever proxies are around it.
     */
    public static boolean canJoin(DataSource ofMessages, DataSource ofTransactions) {
        return SpringDataSources.bottoms(ofTransactions).contains(SpringDataSources.pool(ofMessages));
    }

    @Override
    public @Nullable BoundTransaction current() throws SQLException {
        Map<Object, Object> resources = TransactionSynchronizationManager.getResourceMap();
        // Without callbacks but with a transaction: it has ended. With callbacks only: a scope without a transaction.
        // With neither: perhaps a transaction of a manager that is configured to keep it to itself.
        boolean told = TransactionSynchronizationManager.isSynchronizationActive();
        if (resources.isEmpty() || told != TransactionSynchronizationManager.isActualTransactionActive()) {
            return null;
        }
        if (TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder) {
            BoundTransaction own = bound(dataSource, holder, told);
            if (own != null) {
                return own;
            }
        }
        DataSource pool = SpringDataSources.pool(dataSource);
        Object other = null;
        boolean ended = false;
        for (Map.Entry<Object, Object> resource : resources.entrySet()) {
            if (!(resource.getValue() instanceof ConnectionHolder holder)
                    || !(resource.getKey() instanceof DataSource key)) {
                continue;
            }
            if (key == dataSource || SpringDataSources.bottoms(key).contains(pool)) {
                BoundTransaction own = key == dataSource ? null : bound(key, holder, told);
                if (own != null) {
                    return own;
                }
                ended |= isManaged(holder);
            } else if (isManaged(holder)) {
                other = key;
            }
        }
        if (other != null && !ended && warned.compareAndSet(false, true)) {
            log.warn(
                    "A Spring transaction is active on {}, but the connection factory works on {}: messages are sent and"
                            + " received outside of that transaction, here and from now on. Give both the same DataSource"
                            + " if they are to commit and roll back together",
                    other,
                    dataSource);
        }
        return null;
    }

    /** The transaction of a holder with the pool of this binding, or null if it has ended or is none. */
    private @Nullable BoundTransaction bound(DataSource key, ConnectionHolder holder, boolean told)
            throws SQLException {
        if (holder instanceof SpringSessionTransaction.JdbcHolder) {
            // Begun by our manager for another factory with the same pool; with its own, sessions do not ask here.
            requireTime(holder);
            return new SpringTransaction(holder, null, key, told);
        }
        if (told && Phase.of(holder).ended) {
            return null;
        }
        Connection connection = DataSourceUtils.getConnection(key);
        BoundTransaction bound = null;
        try {
            // A connection that is only kept for the length of somebody else's transaction is in auto-commit mode.
            if (!connection.getAutoCommit() && !isKeptOnly(holder) && isHere(key, connection)) {
                requireTime(holder);
                bound = new SpringTransaction(holder, connection, key, told);
            }
        } finally {
            if (bound == null) {
                DataSourceUtils.releaseConnection(connection, key);
            }
        }
        return bound;
    }

    /** Or it is, where the pool has auto-commit mode off. */
    private boolean isKeptOnly(ConnectionHolder holder) {
        return SpringDataSources.hasAutoCommitOff(dataSource) && !isManaged(holder);
    }

    /** Whether a transaction manager has made the holder, not {@link DataSourceUtils} for the length of a transaction. */
    static boolean isManaged(ConnectionHolder holder) {
        ConnectionHandle handle =
                holder.getConnectionHandle(); // null: one that was kept only, and let go by a suspension
        return (handle != null && !(handle instanceof SimpleConnectionHandle)) || ManagedHolders.isActive(holder);
    }

    private boolean isHere(DataSource key, Connection connection) throws SQLException {
        if (!SpringDataSources.isRouting(key)
                || SpringDataSources.isOf(SpringDataSources.pool(dataSource), connection, key)) {
            return true;
        }
        if (SpringDataSources.isRouting(dataSource)) {
            throw new TransactionRefusedException(
                    "The transaction runs on another target of " + key + " than its default, and the connection factory"
                            + " over that DataSource works on the default. Make a connection factory for each target",
                    WRONG_STATE,
                    null);
        }
        return false;
    }

    static boolean isActive(ConnectionHolder holder) {
        return ManagedHolders.isActive(holder);
    }

    /** Refuses to do anything in a transaction whose time is over. */
    static void requireTime(ResourceHolderSupport holder) throws SQLException {
        if (holder.hasTimeout()) {
            try {
                holder.getTimeToLiveInMillis();
            } catch (TransactionTimedOutException e) {
                throw new TransactionRefusedException(
                        "The transaction's time is over, and it can only be rolled back. Raise its timeout",
                        ROLLED_BACK,
                        e);
            }
        }
    }

    private static final class SpringTransaction implements BoundTransaction {
        private final ConnectionHolder holder;
        private final DataSource dataSource;
        private final boolean told;
        private @Nullable Connection connection;

        /** With the connection if it has been borrowed already. */
        SpringTransaction(
                ConnectionHolder holder, @Nullable Connection connection, DataSource dataSource, boolean told) {
            this.holder = holder;
            this.connection = connection;
            this.dataSource = dataSource;
            this.told = told;
        }

        @Override
        public Connection connection() {
            Connection borrowed = connection;
            if (borrowed == null) {
                borrowed = DataSourceUtils.getConnection(dataSource);
                connection = borrowed;
            }
            return borrowed;
        }

        @Override
        public Object key() {
            return holder;
        }

        @Override
        public void beforeCommit(Runnable action) {
            register(new TransactionSynchronization() {
                @Override
                public void beforeCommit(boolean readOnly) {
                    action.run();
                }
            });
        }

        @Override
        public void afterCompletion(Consumer<Status> action) {
            register(new TransactionSynchronization() {
                @Override
                public void afterCompletion(int status) {
                    action.accept(statusOf(status));
                }
            });
        }

        @Override
        public boolean onRollbackToSavepoint(Runnable action) {
            register(new TransactionSynchronization() {
                @Override
                public void savepointRollback(Object savepoint) {
                    action.run();
                }
            });
            return told && TELLS_OF_SAVEPOINTS;
        }

        private void register(TransactionSynchronization callback) {
            if (told) {
                TransactionSynchronizationManager.registerSynchronization(callback);
            }
        }

        @Override
        public void release() {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }

        private static Status statusOf(int status) {
            return switch (status) {
                case TransactionSynchronization.STATUS_COMMITTED -> Status.COMMITTED;
                case TransactionSynchronization.STATUS_ROLLED_BACK -> Status.ROLLED_BACK;
                default -> Status.UNKNOWN;
            };
        }
    }

    /** Notes the end of a transaction, before anybody else hears of it. */
    private static final class Phase implements TransactionSynchronization {
        private static final Map<ConnectionHolder, Phase> PHASES = Collections.synchronizedMap(new WeakHashMap<>());

        private final WeakReference<ConnectionHolder> presumed;
        private boolean ended;

        private Phase(@Nullable ConnectionHolder presumed) {
            this.presumed = new WeakReference<>(presumed);
        }

        static Phase of(ConnectionHolder holder) throws SQLException {
            Phase known = PHASES.get(holder);
            if (known != null) {
                return known;
            }
            SpringPhase current = SpringPhase.current();
            if (current == SpringPhase.UNKNOWN) {
                throw new TransactionRefusedException(
                        "Within a callback after the end of a transaction there is one of which nobody can tell whether"
                                + " it is the same. Use @Transactional(propagation = REQUIRES_NEW) there, without"
                                + " further transactions inside, or send before any callback is registered",
                        WRONG_STATE,
                        null);
            }
            Phase phase = new Phase(current == SpringPhase.PRESUMED ? holder : null);
            phase.ended = current == SpringPhase.ENDED;
            PHASES.put(holder, phase);
            TransactionSynchronizationManager.registerSynchronization(phase);
            return phase;
        }

        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }

        /** What a scope did that took part in an ended transaction was not committed: its caller must hear of that. */
        @Override
        public void afterCommit() {
            ended = true;
            ConnectionHolder holder = presumed.get();
            if (holder != null && isOpen(holder.getConnection())) {
                throw new IllegalTransactionStateException("Messages were sent or received in a transaction that takes"
                        + " part in one that had ended before, and nobody commits them. Use PROPAGATION_REQUIRES_NEW in"
                        + " callbacks after the end of a transaction");
            }
        }

        @Override
        public void afterCompletion(int status) {
            ended = true;
        }

        private static boolean isOpen(Connection connection) {
            try {
                return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
            } catch (SQLException e) {
                return false; // it is broken, or not PostgreSQL's, and Spring's word has to do
            }
        }
    }

    /** Spring does not show which holders its DataSourceTransactionManager has made. */
    private static final class ManagedHolders {
        private static final @Nullable Method ACTIVE = method();

        private static @Nullable Method method() {
            try {
                Method method = ConnectionHolder.class.getDeclaredMethod("isTransactionActive");
                method.setAccessible(true);
                return method;
            } catch (NoSuchMethodException | InaccessibleObjectException | SecurityException e) {
                return null;
            }
        }

        static boolean isActive(ConnectionHolder holder) {
            try {
                return ACTIVE == null || (boolean) ACTIVE.invoke(holder);
            } catch (ReflectiveOperationException e) {
                return true;
            }
        }
    }
}
