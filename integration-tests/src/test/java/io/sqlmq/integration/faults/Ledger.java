package io.sqlmq.integration.faults;

import io.sqlmq.integration.KeptConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/** What the test's own SQL says, on a connection of its own. */
final class Ledger {

    private Ledger() {}

    /** Refuses whatever is written to messages above READ COMMITTED: there, it would fail now and then. */
    static void requireReadCommitted(String url) throws SQLException {
        execute(
                url,
                "CREATE FUNCTION read_committed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " ASSERT current_setting('transaction_isolation') LIKE 'read %'; RETURN NULL; END $$",
                "CREATE TRIGGER read_committed BEFORE INSERT OR UPDATE OR DELETE ON mq_msgs EXECUTE FUNCTION read_committed()",
                "CREATE TRIGGER read_committed BEFORE INSERT OR UPDATE OR DELETE ON mq_msgs_unlogged"
                        + " EXECUTE FUNCTION read_committed()");
    }

    static void execute(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static Set<String> texts(String url, String query) throws SQLException {
        return new HashSet<>(KeptConnection.ask(url, query));
    }

    static String value(String url, String query) {
        try {
            return String.join(",", texts(url, query));
        } catch (SQLException e) {
            throw new AssertionError(query, e);
        }
    }
}
