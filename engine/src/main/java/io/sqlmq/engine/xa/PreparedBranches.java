package io.sqlmq.engine.xa;

import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The prepared transactions of one schema: what {@link Branch#prepare} leaves behind, told from those of others by the
 * beginning of their identifiers. Any process of the same role can end them. Thread-safe.
 */
public final class PreparedBranches {

    /** The longest name; the server allows 199 bytes for the whole identifier. */
    public static final int NAME_LENGTH = 184;

    /** There is no prepared transaction of that identifier. */
    static final String UNKNOWN = "42704";

    private static final int TAG_LENGTH = 8;

    private static final String LIMIT = "SELECT pg_catalog.current_setting('max_prepared_transactions')::integer";

    /** Only the role that prepared a transaction, and superusers, can end it. */
    private static final String LIST = """
            SELECT gid FROM pg_catalog.pg_prepared_xacts
             WHERE database = current_database() AND pg_catalog.starts_with(gid, ?)
               AND (owner = current_user OR pg_catalog.current_setting('is_superuser') = 'on')
             ORDER BY prepared, gid""";

    private final Database database;
    private final Wakeups wakeups;
    private final Upkeep upkeep;
    private final String prefix;

    public PreparedBranches(Database database, String schema, Wakeups wakeups, Upkeep upkeep) {
        this.database = database;
        this.wakeups = wakeups;
        this.upkeep = upkeep;
        this.prefix = "sqlmq:" + tag(schema) + ":";
    }

    private static String tag(String schema) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(schema.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().encodeToString(hash).substring(0, TAG_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The identifier of the transaction of that name, as an SQL literal. */
    String literal(String name) {
        return "'" + (prefix + name).replace("'", "''") + "'";
    }

    /** How many prepared transactions the server allows; with 0 none can be prepared. */
    public int limit() throws SQLException {
        int[] limit = new int[1];
        database.run(new Pipeline().query(LIMIT, p -> {}, rows -> {
            rows.next();
            limit[0] = rows.getInt(1);
        }));
        return limit[0];
    }

    /** The names of those that are prepared and not ended, the oldest first. */
    public List<String> names() throws SQLException {
        List<String> names = new ArrayList<>();
        database.run(new Pipeline().query(LIST, p -> p.text(prefix), rows -> {
            while (rows.next()) {
                names.add(rows.getString(1).substring(prefix.length()));
            }
        }));
        return names;
    }

    /**
     * Commits one that another process, or another life of this one, has prepared.
     *
     * @return false when there is none of that name
     */
    public boolean commit(String name) throws SQLException {
        boolean done = endCommit(name);
        // What was done in it is not known here.
        wakeups.signalAll();
        return done;
    }

    /** As {@link #commit}, rolling back. */
    public boolean rollback(String name) throws SQLException {
        boolean done = endRollback(name);
        wakeups.signalAll();
        return done;
    }

    boolean endCommit(String name) throws SQLException {
        return end("COMMIT PREPARED ", name);
    }

    boolean endRollback(String name) throws SQLException {
        return end("ROLLBACK PREPARED ", name);
    }

    private boolean end(String command, String name) throws SQLException {
        Connection connection = database.connections().takeForSend();
        try {
            execute(connection, command + literal(name));
        } catch (SQLException e) {
            database.statementFailed(e, Failures.isBroken(e, connection));
            if (UNKNOWN.equals(e.getSQLState())) {
                return false;
            }
            throw e;
        } finally {
            Failures.close(connection);
        }
        upkeep.branchEnded();
        return true;
    }

    /** Runs a statement whose text is used once, past the driver's cache of statements. */
    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
