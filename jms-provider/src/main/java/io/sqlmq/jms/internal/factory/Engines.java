package io.sqlmq.jms.internal.factory;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Daemons;
import io.sqlmq.engine.jdbc.Tuning;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.EngineReach;
import io.sqlmq.engine.model.EngineState;
import io.sqlmq.engine.model.SubscriptionMatcher;
import io.sqlmq.jms.DatabaseReach;
import io.sqlmq.jms.FactoryState;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.mapping.SelectorMatcher;
import io.sqlmq.jms.internal.mapping.SubscriptionSelectors;
import io.sqlmq.jms.internal.pool.DataSources;
import io.sqlmq.jms.internal.pool.Role;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.TrustedClasses;
import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.SchemaException;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The engines of a connection factory: one for each role. The first makes sure of the tables, under a lock of its own
 * that may be held for long. {@code this} guards the map.
 */
public final class Engines implements AutoCloseable {
    private final SqlmqOptions options;
    private final DataSources dataSources;
    private final Map<Role, Engine> byRole = new HashMap<>();
    private final SubscriptionMatcher audiences;
    private final EngineListeners listeners;
    private final Tuning tuning;
    private final Object schemaCheck = new Object();
    private volatile boolean schemaChecked;
    private CompletableFuture<@Nullable JMSException> checkAside = CompletableFuture.completedFuture(null);
    private boolean closed;

    /** No connection is opened yet. */
    public Engines(SqlmqOptions options, DataSources dataSources, EngineListeners listeners) {
        this.listeners = listeners;
        this.options = options;
        this.dataSources = dataSources;
        this.tuning = new Tuning(!options.isPgBouncer());
        MessageCodec codec = new MessageCodec(TrustedClasses.of(options.getTrustedPackages()));
        SubscriptionSelectors selectors = new SubscriptionSelectors();
        audiences = (message, senders) -> new SelectorMatcher(senders, selectors, codec, message);
    }

    /**
     * The engine of a role; null and null is the default role.
     *
     * @param inTransaction whether the calling thread holds a connection of the application's DataSource: then the tables
     *     are looked after on another thread and, if possible, with connections from beside the DataSource
     */
    public Engine engine(@Nullable String user, @Nullable String password, boolean inTransaction) throws JMSException {
        Role role = dataSources.role(user, password, inTransaction);
        checkOpen();
        if (!schemaChecked) {
            if (inTransaction) {
                requireSchemaAside(role);
            } else {
                requireSchema(role, role.isTooSmallToMigrate());
            }
        }
        synchronized (this) {
            checkOpen();
            return byRole.computeIfAbsent(
                    role,
                    r -> new Engine(
                            engineOptions(), new RoleConnections(r, listens(options), tuning), audiences, listeners));
        }
    }

    /** How the engine of the default role reaches its database. No SQL once there is one. */
    public DatabaseReach reach() throws JMSException {
        Engine engine = engine(null, null, false);
        EngineReach reach = engine.reach();
        return new DatabaseReach(
                DatabaseReach.Listening.valueOf(reach.listen().name()),
                dataSources.defaultRole().keepsItsOwn(),
                reach.downSince(),
                reach.downBecause());
    }

    /** The version of the tables, by one round trip. */
    public @Nullable String schemaVersion() throws JMSException {
        engine(null, null, false);
        try {
            return new Migrator(tuning.over(dataSources.defaultRole().windows()), options.getSchema())
                    .info()
                    .currentVersion();
        } catch (SchemaException e) {
            throw JmsErrors.from(e);
        }
    }

    private synchronized void checkOpen() throws IllegalStateException {
        if (closed) {
            throw new IllegalStateException("The connection factory is closed.", "CLOSED");
        }
    }

    /** On another thread, where no transaction is bound, and not for longer than one waits for a connection. */
    private void requireSchemaAside(Role role) throws JMSException {
        CompletableFuture<@Nullable JMSException> check;
        synchronized (this) {
            if (checkAside.isDone()) {
                checkAside = CompletableFuture.supplyAsync(() -> schemaFailure(role), Engines::onThread);
            }
            check = checkAside;
        }
        JMSException failure;
        try {
            failure = check.get(options.getConnectionTimeout(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ResourceAllocationException(
                    "Looking after the tables of sqlmq (schemaManagement="
                            + options.getSchemaManagement().name().toLowerCase(Locale.ROOT)
                            + ") takes longer than connectionTimeout, and goes on. It waits for locks, for another process,"
                            + " or for a connection of a DataSource that has none to spare while this transaction holds"
                            + " one: make the first JMS connection outside of transactions, or raise the pool's size",
                    "SCHEMA",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JMSException("The thread was interrupted while the tables were looked after.", "INTERRUPTED", e);
        } catch (ExecutionException e) {
            throw new JMSException("Looking after the tables failed: " + e.getCause(), "SCHEMA", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private @Nullable JMSException schemaFailure(Role role) {
        try {
            requireSchema(role, true);
            return null;
        } catch (JMSException e) {
            return e;
        }
    }

    private static void onThread(Runnable work) {
        Daemons.thread(work, "sqlmq-schema").start();
    }

    private void requireSchema(Role role, boolean beside) throws JMSException {
        synchronized (schemaCheck) {
            if (schemaChecked) {
                return;
            }
            try (HikariDataSource own = beside ? role.poolBeside() : null) {
                Migrator migrator = new Migrator(tuning.over(own == null ? role.windows() : own), options.getSchema());
                switch (options.getSchemaManagement()) {
                    case MIGRATE -> migrator.migrate();
                    case VALIDATE -> migrator.validate();
                    // Whatever the tables are, they must not be another schema's.
                    case NONE -> migrator.validateName();
                }
                StartLine.write(migrator, options);
            } catch (SchemaException e) {
                throw JmsErrors.from(e);
            }
            schemaChecked = true;
        }
    }

    /** Whether waiting consumers are to be woken by notifications, as far as the options say. */
    static boolean listens(SqlmqOptions options) {
        return switch (options.getListen()) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> !options.isPgBouncer();
        };
    }

    private EngineOptions engineOptions() {
        String prefix = options.getDeadLetterQueuePrefix();
        String expiredTo =
                !options.isDeadLetterExpired() ? null : prefix == null ? options.getDeadLetterQueue() : prefix;
        return new EngineOptions(
                options.getSchema(),
                options.getApplicationName(),
                listens(options),
                options.isNotifyJoined(),
                new EngineOptions.Receiving(
                        200,
                        // What is fetched is in memory more than once; an OutOfMemoryError would come again with each
                        // delivery.
                        Math.min(
                                options.getMaxMessageSize(),
                                Runtime.getRuntime().maxMemory() / 4),
                        !options.isAckSync(),
                        Duration.ofMillis(options.isOptimizeAcknowledge() ? 50 : 1),
                        Duration.ofMillis(options.getTransactionTimeout())),
                new EngineOptions.Leasing(
                        Duration.ofMillis(options.getLeaseAfter()), Duration.ofMillis(options.getLeaseTime())),
                new EngineOptions.Outages(
                        Duration.ofMillis(options.getConnectionTimeout()),
                        Duration.ofMillis(options.getHostTimeout()),
                        Duration.ofMillis(options.getReconnectGrace())),
                new EngineOptions.Expired(expiredTo, prefix != null));
    }

    /** What they hold now. No SQL. */
    public synchronized FactoryState state() {
        EngineState all = byRole.values().stream().map(Engine::state).reduce(EngineState.NONE, EngineState::plus);
        return new FactoryState(
                all.waitingConsumers(),
                all.openWindows(),
                all.leases(),
                all.outage(),
                byRole.keySet().stream().flatMap(role -> role.pools().stream()).toList());
    }

    @Override
    public synchronized void close() {
        closed = true;
        byRole.values().forEach(Engine::close);
        byRole.clear();
    }

    private static final class RoleConnections implements ConnectionSource {
        private final Role role;
        private final boolean listens;
        private final Tuning tuning;
        private Watcher watcher = connection -> {};

        RoleConnections(Role role, boolean listens, Tuning tuning) {
            this.role = role;
            this.listens = listens;
            this.tuning = tuning;
        }

        @Override
        public void watchedBy(Watcher newWatcher) {
            watcher = newWatcher;
        }

        @Override
        public Connection take() throws SQLException {
            return lend(role.windows()::getConnection, Tuning.Use.TRANSACTIONS, role::ownsWindows);
        }

        @Override
        public boolean isPlannerPinned(Connection connection) throws SQLException {
            return tuning.isPlannerPinned(connection);
        }

        @Override
        public Connection takeForSend() throws SQLException {
            return lend(role.senders()::getConnection, Tuning.Use.STATEMENTS);
        }

        @Override
        public Connection takeForBranch() throws SQLException {
            return lend(role.branches()::getConnection, Tuning.Use.TRANSACTIONS);
        }

        @Override
        public Connection openForProbe() throws SQLException {
            return lend(role::openConnection, Tuning.Use.STATEMENTS);
        }

        @Override
        public void hostIsGone() {
            role.dropConnectionsOfHost();
        }

        @Override
        public void reconnected() {
            role.dropIdleConnections();
        }

        @Override
        public @Nullable Connection openForListen() throws SQLException {
            return listens && role.canSpareConnection() ? lend(role::openToKeep, Tuning.Use.KEPT) : null;
        }

        private Connection lend(Tuning.Lender lender, Tuning.Use use) throws SQLException {
            return lend(lender, use, () -> false);
        }

        private Connection lend(Tuning.Lender lender, Tuning.Use use, BooleanSupplier ours) throws SQLException {
            return tuning.lend(
                    () -> {
                        Connection lent = lender.lend();
                        try {
                            watcher.watch(lent);
                        } catch (SQLException e) {
                            lent.close();
                            throw e;
                        }
                        return lent;
                    },
                    use,
                    ours);
        }
    }
}
