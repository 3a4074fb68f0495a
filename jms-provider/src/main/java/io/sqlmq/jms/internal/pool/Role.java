package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.sqlmq.jms.FactoryState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Database connections of one PostgreSQL role. Senders have connections of their own, so that a handler that sends on
 * another session does not wait for connections that handlers hold. Compared by identity. Thread-safe.
 */
public final class Role {
    /** A pool with fewer has none to spare for LISTEN. */
    private static final int FEW_CONNECTIONS = 3;

    private static final int MIGRATION_CONNECTIONS = 3;

    private final @Nullable String user;
    private final DataSource windows;
    private final DataSource senders;
    private final Supplier<DataSource> branches;
    private final DataSource unpooled;
    private volatile @Nullable DataSource branchesInUse;

    Role(
            @Nullable String user,
            DataSource windows,
            DataSource senders,
            Supplier<DataSource> branches,
            DataSource unpooled) {
        this.user = user;
        this.windows = windows;
        this.senders = senders;
        this.branches = branches;
        this.unpooled = unpooled;
    }

    /** The name of the role, or null where it is the DataSource's or the operating system's business. */
    public @Nullable String user() {
        return user;
    }

    /** For transactions of sessions. */
    public DataSource windows() {
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

    /**
     * A connection to keep, for LISTEN, or to probe with; not one of {@link #windows} or {@link #senders} where that can be
     * avoided.
     */
    public Connection openConnection() throws SQLException {
        return unpooled.getConnection();
    }

    /** Our own pools' connections are opened anew; a pool of the application is its own affair. */
    public void dropIdleConnections() {
        if (unpooled != windows) {
            dropConnectionsOfHost();
        }
    }

    /** A pool would find out about its idle connections one by one, and wait for each. */
    public void dropConnectionsOfHost() {
        for (@Nullable DataSource pool : new @Nullable DataSource[] {windows, senders, branchesInUse}) {
            HikariDataSource hikari = hikari(pool);
            if (hikari != null && hikari.getHikariPoolMXBean() != null) {
                hikari.getHikariPoolMXBean().softEvictConnections();
            }
        }
    }

    /** How much of our own pools is in use. */
    public List<FactoryState.Pool> pools() {
        List<FactoryState.Pool> pools = new ArrayList<>();
        if (unpooled != windows) {
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

    private static @Nullable HikariDataSource hikari(@Nullable DataSource pool) {
        try {
            return pool != null && pool.isWrapperFor(HikariDataSource.class)
                    ? pool.unwrap(HikariDataSource.class)
                    : null;
        } catch (SQLException e) {
            return null;
        }
    }

    /** False when {@link #openConnection} would take one of the few connections of an application's pool. */
    public boolean canSpareConnection() {
        HikariDataSource pool = hikari(windows);
        return unpooled != windows || pool == null || pool.getMaximumPoolSize() >= FEW_CONNECTIONS;
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
