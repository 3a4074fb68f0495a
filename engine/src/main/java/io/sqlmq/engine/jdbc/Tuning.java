package io.sqlmq.engine.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Puts connections that somebody else has configured (a pool, a role, a database) into the state that our statements
 * need: auto-commit, READ COMMITTED, read-write, and no time-out that is shorter than our work may take. {@code close()}
 * puts them back. What the driver knows costs nothing; the rest is asked for once per database connection and then now and
 * again, and changed, in a round trip at either end, only where it is not as it should be. Thread-safe.
 */
public final class Tuning {

    /** What a connection is for. */
    public enum Use {
        /** Short statements, none of which waits for an application. */
        STATEMENTS(SHORT_MILLIS, SHORT_MILLIS, 1),
        /** Transactions that may be idle while an application works. */
        TRANSACTIONS(SHORT_MILLIS, LONG_MILLIS, 1),
        /** The engine's own for as long as it lives. */
        KEPT(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

        private final long statement;
        private final long transaction;
        private final long idleSession;

        Use(long statement, long transaction, long idleSession) {
            this.statement = statement;
            this.transaction = transaction;
            this.idleSession = idleSession;
        }

        /** How long a time-out must be, so that it may stay. */
        private long shortest(String setting) {
            return switch (setting) {
                case "statement_timeout", "lock_timeout" -> statement;
                case "idle_session_timeout" -> idleSession;
                default -> transaction;
            };
        }
    }

    /** A statement of ours takes a few milliseconds; on a server that is overloaded much more. */
    private static final long SHORT_MILLIS = 2_000;

    /** The work of a listener. */
    private static final long LONG_MILLIS = 10_000;

    /** How often a connection is asked for, when those that come are dead. */
    private static final int ATTEMPTS = 5;

    /** Others who use a pool may change what it does not reset. */
    private static final long BELIEVED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final String READ_ONLY = "default_transaction_read_only";
    private static final String ISOLATION = "default_transaction_isolation";
    private static final String READ_COMMITTED = "read committed";
    private static final String[] SETTINGS = {
        ISOLATION,
        "statement_timeout",
        "lock_timeout",
        "transaction_timeout",
        "idle_in_transaction_session_timeout",
        "idle_session_timeout"
    };

    private static final String LEARN = """
            SELECT n, pg_catalog.current_setting(n, true), CASE WHEN n LIKE '%timeout'
                   THEN (extract(epoch FROM pg_catalog.current_setting(n, true)::interval) * 1000::numeric)::bigint END
              FROM pg_catalog.unnest(?::text[]) AS n WHERE pg_catalog.current_setting(n, true) IS NOT NULL""";

    private static final String CHANGE =
            "SELECT pg_catalog.set_config(n, v, false) FROM unnest(?::text[], ?::text[]) AS s (n, v)";

    /** Only the statement itself: a pool that tests its connections with auto-commit off leaves such transactions. */
    private static final String UNTOUCHED = """
            SELECT pg_current_xact_id_if_assigned() IS NULL AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_locks
               WHERE pid = pg_backend_pid() AND locktype <> 'virtualxid'
                 AND (locktype, relation) IS DISTINCT FROM ('relation', 'pg_catalog.pg_locks'::regclass::oid))""";

    private static final String READ_ONLY_BY_SESSION =
            "SELECT source IN ('session', 'client') FROM pg_catalog.pg_settings WHERE name = '" + READ_ONLY + "'";

    private record Setting(String value, long millis) {
        boolean isShorter(long shortest) {
            return millis > 0 && millis < shortest;
        }
    }

    private record Learnt(Map<String, Setting> settings, long at, boolean pinned) {}

    private final boolean sessions;
    private final Map<PGConnection, Learnt> known = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * Nothing is connected yet.
     *
     * @param sessions false where connections have no sessions of their own, as behind a pooler in transaction mode: then
     *     only what the driver does by itself is looked after
     */
    public Tuning(boolean sessions) {
        this.sessions = sessions;
    }

    /** Where a connection is lent. */
    @FunctionalInterface
    public interface Lender {
        /** As {@link DataSource#getConnection()}. */
        Connection lend() throws SQLException;
    }

    /**
     * A connection in the state we need, to be used instead of the one that was lent; its {@code close()} puts the state
     * back and gives the connection back. One that turns out to have died while nobody used it is given back for another:
     * pools do not look at each that they lend.
     *
     * @throws SQLException if there is none to be had, or somebody else has a transaction open on it; it was given back as
     *     it was
     */
    public Connection lend(Lender lender, Use use) throws SQLException {
        return lend(lender, use, () -> false);
    }

    /**
     * As {@link #lend(Lender, Use)}.
     *
     * @param ours whether nobody but the engine uses the session, so that the planner can be pinned for as long as it lives; asked
     *     when the connection is there
     */
    public Connection lend(Lender lender, Use use, BooleanSupplier ours) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Connection lent = lender.lend();
            try {
                return tune(lent, use, ours);
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !Failures.tellsOfLoss(e)) {
                    throw e;
                }
            }
        }
    }

    /** Whether the planner is pinned in the session of a connection that was lent. */
    public boolean isPlannerPinned(Connection lent) throws SQLException {
        Learnt learnt = sessions ? known.get(lent.unwrap(PGConnection.class)) : null;
        return learnt != null && learnt.pinned();
    }

    private Connection tune(Connection lent, Use use, BooleanSupplier ours) throws SQLException {
        boolean autoCommit = true;
        boolean readOnly = false;
        try {
            requireNoTransaction(lent);
            autoCommit = lent.getAutoCommit();
            if (!autoCommit) {
                lent.setAutoCommit(true);
            }
            readOnly = lent.isReadOnly();
            if (readOnly) {
                lent.setReadOnly(false);
            }
            Map<String, String> restored = sessions ? change(lent, use, ours.getAsBoolean()) : Map.of();
            return autoCommit && !readOnly && restored.isEmpty()
                    ? lent
                    : new TunedConnection(lent, autoCommit, readOnly, restored).proxy();
        } catch (SQLException | RuntimeException e) {
            giveBack(new TunedConnection(lent, autoCommit, readOnly, Map.of()).proxy(), e);
            throw e;
        }
    }

    /** Gives connections that are tuned for long work. */
    public DataSource over(DataSource dataSource) {
        return (DataSource) Proxy.newProxyInstance(
                Tuning.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> method.getName().equals("getConnection") && arguments == null
                        ? lend(dataSource::getConnection, Use.KEPT)
                        : TunedConnection.call(dataSource, method, arguments));
    }

    private static void giveBack(Connection tuned, Exception cause) {
        try {
            tuned.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static void requireNoTransaction(Connection lent) throws SQLException {
        TransactionState state = transaction(lent);
        if (state == TransactionState.OPEN && ask(lent, UNTOUCHED)) {
            new Pipeline().add(Statements.COMMIT).run(lent); // a pool's own settings may have been made in it
        } else if (state != TransactionState.IDLE) {
            throw new SQLException(
                    "The DataSource gave a connection on which a transaction is open that is not ours: one of the "
                            + "application, or one that somebody left behind. Give the connection factory the DataSource "
                            + "at the bottom, without proxies that share transactions, and let the pool roll back what "
                            + "is returned to it",
                    "25001");
        }
    }

    /** What the driver knows. */
    static TransactionState transaction(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class) instanceof BaseConnection driver
                ? driver.getTransactionState()
                : TransactionState.IDLE;
    }

    /** Changes what must not stay; what is to be restored. */
    private Map<String, String> change(Connection lent, Use use, boolean pins) throws SQLException {
        Map<String, String> before = new LinkedHashMap<>();
        Map<String, String> after = new LinkedHashMap<>();
        PGConnection driver = lent.unwrap(PGConnection.class);
        learnt(lent, driver, pins).settings().forEach((name, setting) -> {
            boolean isolation = name.equals(ISOLATION);
            if (isolation ? !setting.value().equals(READ_COMMITTED) : setting.isShorter(use.shortest(name))) {
                before.put(name, setting.value());
                after.put(name, isolation ? READ_COMMITTED : "0");
            }
        });
        String readOnly = driver.getParameterStatus(READ_ONLY);
        if ("on".equals(readOnly) && isThePools(lent)) {
            before.put(READ_ONLY, readOnly);
            after.put(READ_ONLY, "off");
        }
        if (!after.isEmpty()) {
            set(lent, after);
        }
        return before;
    }

    /** Read-only by the pool's choice, not because somebody has frozen the database, which holds for us as well. */
    private static boolean isThePools(Connection lent) throws SQLException {
        return ask(lent, READ_ONLY_BY_SESSION);
    }

    private static boolean ask(Connection connection, String question) throws SQLException {
        boolean[] answer = {false};
        new Pipeline()
                .query(question, p -> {}, rows -> answer[0] = rows.next() && rows.getBoolean(1))
                .run(connection);
        return answer[0];
    }

    private Learnt learnt(Connection lent, PGConnection driver, boolean pins) throws SQLException {
        Learnt learnt = known.get(driver);
        if (learnt == null || System.nanoTime() - learnt.at() > BELIEVED_NANOS || (pins && !learnt.pinned())) {
            Map<String, Setting> settings = new LinkedHashMap<>();
            Pipeline pipeline = new Pipeline().query(LEARN, p -> p.texts(SETTINGS), rows -> {
                while (rows.next()) {
                    settings.put(rows.getString(1), new Setting(rows.getString(2), rows.getLong(3)));
                }
            });
            if (pins) {
                pipeline.query(PlannerPins.PIN_SESSION, p -> {}, rows -> {});
            }
            pipeline.run(lent);
            learnt = new Learnt(settings, System.nanoTime(), pins);
            known.put(driver, learnt);
        }
        return learnt;
    }

    /** Sets the session's settings. */
    static void set(Connection connection, Map<String, String> settings) throws SQLException {
        @Nullable String[] names = settings.keySet().toArray(String[]::new);
        @Nullable String[] values = settings.values().toArray(String[]::new);
        new Pipeline()
                .query(CHANGE, p -> p.texts(names).texts(values), rows -> {})
                .run(connection);
    }
}
