package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.message.HeaderText;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A set of pools per role over one URL. {@code this} guards the map; nothing connects while it is held. */
final class PooledRoles implements DataSources {
    /** Senders commit in groups, two at once; NOTIFY and the repair of acknowledgements want to get through besides. */
    private static final int SENDERS = 4;

    /** As many as the server admits: a branch that waited for another's connection might wait for its own thread. */
    private static final int BRANCHES = 1_000;

    private static final long IDLE_MILLIS = 10_000;
    private static final long KEEPALIVE_MILLIS = 120_000;
    private static final AtomicInteger POOLS = new AtomicInteger();

    private final SqlmqOptions options;
    private final @Nullable String defaultUser;
    private final Pools defaultPools;
    private final Map<String, Pools> byUser = new HashMap<>();
    private boolean closed;

    PooledRoles(SqlmqOptions options) {
        this.options = options;
        String user = options.getUser();
        String password = options.getPassword();
        this.defaultUser = user != null ? user : options.getDriverParameters().get("user");
        this.defaultPools = new Pools(
                defaultUser,
                password != null ? password : options.getDriverParameters().get("password"));
        if (defaultUser != null) {
            byUser.put(defaultUser, defaultPools);
        }
    }

    @Override
    public Role role(@Nullable String user, @Nullable String password, boolean inTransaction) throws JMSException {
        if (user == null && password == null) {
            return defaultRole(defaultPools);
        }
        if (user == null) {
            throw new JMSSecurityException("A password is given without a user name", "28000");
        }
        if (!HeaderText.isStorable(user) || (password != null && password.indexOf('\0') >= 0)) {
            throw new JMSSecurityException(
                    "The user name or the password contains a NUL character or half of a surrogate pair, as none can",
                    "28000");
        }
        Pools known = known(user);
        if (known != null && known.isVerified(password)) {
            return known.role;
        }
        connectOnce(new DriverDataSource(options, user, password));
        return verified(user, password).role;
    }

    private Role defaultRole(Pools pools) throws JMSException {
        requireOpen();
        if (!pools.isVerified()) {
            connectOnce(pools.driver);
            pools.verified();
        }
        return pools.role;
    }

    private static void connectOnce(DataSource dataSource) throws JMSException {
        try {
            Connection connection = dataSource.getConnection();
            connection.close();
        } catch (SQLException e) {
            throw JmsErrors.from(Right.CONNECT, "Connecting", e);
        }
    }

    private synchronized @Nullable Pools known(String user) throws JMSException {
        requireOpen();
        return byUser.get(user);
    }

    private synchronized Pools verified(String user, @Nullable String password) throws JMSException {
        requireOpen();
        Pools pools = byUser.computeIfAbsent(user, name -> new Pools(name, password));
        pools.verified(password);
        return pools;
    }

    private synchronized void requireOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The connection factory is closed");
        }
    }

    @Override
    public DataSource dataSource() {
        return defaultPools.role.lendWindows();
    }

    @Override
    public synchronized void close() {
        closed = true;
        defaultPools.close();
        byUser.values().forEach(Pools::close);
    }

    private HikariDataSource pool(DriverDataSource driver, String purpose, int size) {
        HikariDataSource pool = new QuietPool();
        pool.setPoolName("sqlmq-" + POOLS.incrementAndGet() + "-" + purpose);
        pool.setDataSource(driver);
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(0);
        pool.setIdleTimeout(IDLE_MILLIS);
        pool.setKeepaliveTime(KEEPALIVE_MILLIS);
        pool.setConnectionTimeout(options.getConnectionTimeout());
        pool.setInitializationFailTimeout(-1);
        pool.setAutoCommit(true);
        // Found out with the first connection otherwise; should that break just then, the pool never gives one any
        // more.
        pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        return pool;
    }

    /** The pools of one role, with the hash of the password that the database last accepted. */
    private final class Pools {
        private final DriverDataSource driver;
        private final HikariDataSource windows;
        private final HikariDataSource senders;
        private final Role role;
        private volatile @Nullable PasswordHash accepted;
        private @Nullable HikariDataSource branches;

        Pools(@Nullable String user, @Nullable String password) {
            driver = new DriverDataSource(options, user, password);
            windows = pool(driver, "sessions", options.getMaximumPoolSize());
            senders = pool(driver, "senders", SENDERS);
            role = new Role(user, windows, senders, this::branches, driver::getConnection);
        }

        /** Made when the first is needed: few applications use global transactions. */
        private synchronized DataSource branches() {
            HikariDataSource pool = branches;
            if (pool == null) {
                pool = pool(driver, "branches", BRANCHES);
                branches = pool;
            }
            return pool;
        }

        boolean isVerified() {
            return accepted != null;
        }

        boolean isVerified(@Nullable String password) {
            PasswordHash hash = accepted;
            return hash != null && hash.matches(password);
        }

        void verified() {
            accepted = driver.passwordHash();
        }

        void verified(@Nullable String password) {
            driver.setPassword(password); // it may have been changed in the database since
            accepted = driver.passwordHash();
        }

        synchronized void close() {
            windows.close();
            senders.close();
            if (branches != null) {
                branches.close();
            }
        }
    }
}
