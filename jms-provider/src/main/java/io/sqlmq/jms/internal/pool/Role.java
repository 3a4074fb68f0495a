package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.jms.FactoryState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Database connections of one PostgreSQL role. Senders have connections of their own, so that a handler that sends on
 * another session does not wait for connections that handlers hold. Compared by identity. Thread-safe.
 */
public final class Role {
    private static final Logger log = LoggerFactory.getLogger(Role.class);

    /** A pool with fewer has none to spare for LISTEN. */
    private static final int FEW_CONNECTIONS = 3;

    private static final int MIGRATION_CONNECTIONS = 3;

    private final @Nullable String user;
    private final DataSource windows;
    private final DataSource senders;
    private final Supplier<DataSource> branches;
    private final boolean given;
    private final @Nullable Opener beside;
    private final AtomicBoolean said = new AtomicBoolean();
    private volatile boolean refused;
    private volatile @Nullable DataSource branchesInUse;
    private volatile boolean lent;

    /** Over pools of our own. */
    Role(@Nullable String user, DataSource windows, DataSource senders, Supplier<DataSource> branches, Opener beside) {
        this(user, windows, senders, branches, false, beside);
    }

    /**
     * Over a DataSource of the application.
     *
     * @param beside opens connections to the same database that are not of that DataSource; null if that is not known
     */
    Role(DataSource given, @Nullable Opener beside) {
        this(null, given, given, () -> given, true, beside);
    }

    private Role(
            @Nullable String user,
            DataSource windows,
            DataSource senders,
            Supplier<DataSource> branches,
            boolean given,
            @Nullable Opener beside) {
        this.user = user;
        this.windows = windows;
        this.senders = senders;
        this.branches = branches;
        this.given = given;
        this.beside = beside;
    }

    /** The name of the role, or null where it is the DataSource's or the operating system's business. */
    public @Nullable String user() {
        return user;
    }

    /** For transactions of sessions. */
    public DataSource windows() {
        return windows;
    }

    /** Whether no connection of {@link #windows} is ever the application's, but for transactions that a session lends it. */
    public boolean ownsWindows() {
        return !given && !lent;
    }

    /** As {@link #windows}, for the application: no session there is as the engine has made it for itself. */
    DataSource lendWindows() {
        if (ownsWindows()) {
            lent = true;
            evictIdle(windows);
        }
        return windows;
    }

    /** For short transactions that never wait for an application. */
    public DataSource senders() {
        return senders;
    }

    /** For branches of global transactions; a thread may hold several at once, so that no small number would do. */
    public DataSource branches() {
        DataSource pool = branches.get();
        branchesInUse = pool;
        return pool;
    }

    /** A connection to probe with, not one of {@link #windows} or {@link #senders} where that can be avoided. */
    public Connection openConnection() throws SQLException {
        Connection opened = openBeside();
        return opened == null ? windows.getConnection() : opened;
    }

    /** A connection to keep, for LISTEN and upkeep. */
    public Connection openToKeep() throws SQLException {
        Connection opened = openBeside();
        if (opened != null) {
            return opened;
        }
        if (!canSpareConnection()) {
            throw new SQLException("The application's pool has no connection to spare", "53300");
        }
        if (said.compareAndSet(false, true)) {
            log.info(
                    "LISTEN and upkeep keep two connections of the application's DataSource. A HikariCP pool with a URL, or"
                            + " SqlmqConnectionFactory.setUpkeepDataSource, would let them have others");
        }
        return windows.getConnection();
    }

    /** Null where there are none to be had beside the application's DataSource. */
    private @Nullable Connection openBeside() throws SQLException {
        if (beside == null) {
            return null;
        }
        try {
            Connection opened = beside.open();
            refused = false;
            return opened;
        } catch (SQLException e) {
            if (!given || Failures.isUnreachable(e)) {
                throw e;
            }
            refused = true;
            if (said.compareAndSet(false, true)) {
                log.warn(
                        "LISTEN and upkeep keep connections of the application's DataSource, as others are refused: {}",
                        e.getMessage());
            }
            return null;
        }
    }

    /** Whether {@link #openToKeep} takes none of an application's DataSource, as far as is known. */
    public boolean keepsItsOwn() {
        return beside != null && !refused;
    }

    /** False when {@link #openToKeep} would take one of the few connections of an application's pool. */
    public boolean canSpareConnection() {
        HikariDataSource pool = hikari(windows);
        return keepsItsOwn() || pool == null || pool.getMaximumPoolSize() >= FEW_CONNECTIONS;
    }

    /**
     * Connections are opened anew, after a probe that came from beside the pools and says nothing about what is in them. Where it came
     * from the application's pool, that is its own affair.
     */
    public void dropIdleConnections() {
        if (keepsItsOwn()) {
            dropConnectionsOfHost();
        }
    }

    /** A pool would find out about its idle connections one by one, and wait for each. */
    public void dropConnectionsOfHost() {
        for (@Nullable DataSource pool : new @Nullable DataSource[] {windows, senders, branchesInUse}) {
            evictIdle(pool);
        }
    }

    /** Closes those that nobody uses, and the others when they come back. */
    private static void evictIdle(@Nullable DataSource pool) {
        HikariDataSource hikari = hikari(pool);
        if (hikari != null && hikari.getHikariPoolMXBean() != null) {
            hikari.getHikariPoolMXBean().softEvictConnections();
        }
    }

    /** How much of our own pools is in use. */
    public List<FactoryState.Pool> pools() {
        List<FactoryState.Pool> pools = new ArrayList<>();
        if (!given) {
            for (@Nullable DataSource pool : new @Nullable DataSource[] {windows, senders, branchesInUse}) {
                HikariDataSource hikari = hikari(pool);
                HikariPoolMXBean state = hikari == null ? null : hikari.getHikariPoolMXBean();
                if (hikari != null && state != null) {
                    pools.add(new FactoryState.Pool(
                            hikari.getPoolName(),
                            state.getActiveConnections(),
                            state.getIdleConnections(),
                            state.getThreadsAwaitingConnection(),
                            hikari.getMaximumPoolSize()));
                }
            }
        }
        return pools;
    }

    static @Nullable HikariDataSource hikari(@Nullable DataSource pool) {
        try {
            return pool != null && pool.isWrapperFor(HikariDataSource.class)
                    ? pool.unwrap(HikariDataSource.class)
                    : null;
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            return null; // some wrappers throw whatever they are asked
        }
    }

    /** Whether {@link #windows} cannot give as many connections at once as a migration takes, also while nobody has any. */
    public boolean isTooSmallToMigrate() {
        HikariDataSource pool = hikari(windows);
        return pool != null && pool.getMaximumPoolSize() < MIGRATION_CONNECTIONS;
    }

    /**
     * Another pool like {@link #windows}, for a migration while that may have no connection to spare, or null where such a
     * pool cannot be made. The caller closes it.
     */
    @Nullable
    public HikariDataSource poolBeside() {
        HikariDataSource pool = hikari(windows);
        if (pool == null) {
            return null;
        }
        HikariDataSource like = new HikariDataSource();
        pool.copyStateTo(like);
        like.setPoolName(pool.getPoolName() + "-schema");
        like.setMinimumIdle(0);
        like.setMaximumPoolSize(MIGRATION_CONNECTIONS);
        like.setRegisterMbeans(false);
        return like;
    }

    @Override
    public String toString() {
        return "Role[" + (user == null ? "default" : user) + "]";
    }
}
