package io.sqlmq.embedded;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and drops the databases of the test classes on one server. Each is a copy of a template that is migrated once
 * per JVM, and is made ahead of its use. An advisory lock held by this JVM marks its databases as in use, so that those of
 * killed JVMs can be dropped. Thread-safe.
 */
final class TestDatabases {

    private static final Logger LOG = LoggerFactory.getLogger(TestDatabases.class);
    private static final Map<TestServer, TestDatabases> SERVERS = new ConcurrentHashMap<>();
    private static final String PREFIX = "sqlmq_test_";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** First key of the advisory locks; any number that others are unlikely to use. */
    static final int LOCKS = 0x5317_3e57;

    private final TestServer server;
    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private final Queue<CompletableFuture<String>> spares = new ArrayDeque<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(TestDatabases::thread);
    private int created;
    private boolean migrated;
    private boolean ended;
    private @Nullable Connection connection;

    private TestDatabases(TestServer server) {
        this.server = server;
        if (!server.ours()) {
            Runtime.getRuntime().addShutdownHook(new Thread(this::dropAll, "sqlmq-test-databases"));
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sqlmq-test-databases");
        thread.setDaemon(true);
        return thread;
    }

    static TestDatabases of(String embeddedUrl) {
        return SERVERS.computeIfAbsent(TestServer.of(embeddedUrl), TestDatabases::new);
    }

    /** A new database with the empty tables of sqlmq: the spare one if there is one, and a new spare is made meanwhile. */
    TestDatabase create(String... options) {
        String name = takeSpare().orElseGet(this::make);
        synchronized (spares) {
            if (spares.isEmpty()) {
                spares.add(CompletableFuture.supplyAsync(this::make, worker));
            }
        }
        return new TestDatabase(this, name, server.url(name), options);
    }

    /** A new database with nothing in it. */
    synchronized TestDatabase createEmpty() {
        String name = PREFIX + run + "_" + ++created;
        try {
            execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw failure(e);
        }
        return new TestDatabase(this, name, server.url(name));
    }

    private Optional<String> takeSpare() {
        CompletableFuture<String> spare;
        synchronized (spares) {
            spare = spares.poll();
        }
        try {
            return spare == null ? Optional.empty() : Optional.of(spare.join());
        } catch (CompletionException e) {
            LOG.debug("The spare database was not made; the next attempt will say why", e);
            return Optional.empty();
        }
    }

    private synchronized String make() {
        try {
            if (!migrated) {
                migrateTemplate();
            }
            String name = PREFIX + run + "_" + ++created;
            execute("CREATE DATABASE " + name + " TEMPLATE " + template());
            return name;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /** Returns at once; nobody else uses the database. */
    void drop(String name) {
        worker.execute(() -> dropNow(name));
    }

    private synchronized void dropNow(String name) {
        try {
            execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        } catch (SQLException e) {
            LOG.debug("Could not drop the test database {}; the next run will", name, e);
        }
    }

    private String template() {
        return PREFIX + run + "_template";
    }

    private void migrateTemplate() throws SQLException {
        execute("DROP DATABASE IF EXISTS " + template());
        execute("CREATE DATABASE " + template());
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.url(template()));
        Provider.migrate(dataSource);
        // A template that someone is connected to cannot be copied, and poolers hold on to connections.
        execute("ALTER DATABASE " + template() + " WITH ALLOW_CONNECTIONS false");
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + template() + "'");
        migrated = true;
    }

    private void execute(String sql) throws SQLException {
        if (ended) {
            throw new SQLException("The JVM is ending");
        }
        try (Statement statement = connection().createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null || !open.isValid(5)) {
            open = DriverManager.getConnection(server.url());
            connection = open;
            lock(open, run);
            dropAbandoned(open);
        }
        return open;
    }

    private void dropAbandoned(Connection open) throws SQLException {
        List<String> names = names(open, PREFIX + "%");
        for (String name : names) {
            String owner = name.substring(PREFIX.length()).replaceFirst("_.*", "");
            if (!owner.equals(run) && lock(open, owner)) {
                drop(open, name);
                unlock(open, owner);
            }
        }
    }

    private static List<String> names(Connection open, String pattern) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement query = open.prepareStatement(
                "SELECT datname FROM pg_database WHERE datname LIKE replace(?, '_', '\\_') ORDER BY datname")) {
            query.setString(1, pattern);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    private static void drop(Connection open, String name) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
        }
    }

    private static boolean lock(Connection open, String owner) throws SQLException {
        return advisory(open, "SELECT pg_try_advisory_lock(?, hashtext(?))", owner);
    }

    private static void unlock(Connection open, String owner) throws SQLException {
        advisory(open, "SELECT pg_advisory_unlock(?, hashtext(?))", owner);
    }

    private static boolean advisory(Connection open, String sql, String owner) throws SQLException {
        try (PreparedStatement statement = open.prepareStatement(sql)) {
            statement.setInt(1, LOCKS);
            statement.setString(2, owner);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** On a server that lives on: the template, and what classes that did not end have left. */
    private synchronized void dropAll() {
        ended = true; // the worker thread may still be making a spare one
        try (Connection open = connection()) {
            for (String name : names(open, PREFIX + run + "_%")) {
                drop(open, name);
            }
        } catch (SQLException e) {
            LOG.warn("Could not drop the test databases {}{}_*: {}", PREFIX, run, e.getMessage());
        }
    }

    private EmbeddedDatabaseException failure(SQLException e) {
        String remedy = INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())
                ? "; give the user of " + TestServer.URL_PROPERTY + " the right CREATEDB"
                : "";
        return new EmbeddedDatabaseException("Could not make a test database: " + e.getMessage() + remedy, e);
    }
}
