package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A schema for a test class, a queue for each test, and connections that end with it. Tests tell messages by their texts. */
final class QueueSchema implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final List<String> TABLES = List.of(
            "mq_msgs", "mq_msgs_unlogged", "mq_payloads", "mq_payloads_unlogged", "mq_signatures", "mq_failures");

    private final List<QueueSession> sessions = new ArrayList<>();
    private SchemaName schema;
    private QueueSession outside;
    private String queue = "";

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        schema = new SchemaName("sqlmq's " + context.getRequiredTestClass().getSimpleName());
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            TestDatabase.create(statement, schema, TestDatabase.migrations());
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        queue = context.getRequiredTestMethod().getName();
        outside = connect(true);
        for (String table : TABLES) {
            outside.execute("DELETE FROM " + table);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (QueueSession session : sessions) {
            session.close();
        }
        sessions.clear();
        outside.close();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA " + schema.quoted() + " CASCADE");
        }
    }

    /** In a transaction; closed when the test ends. */
    QueueSession open() throws Exception {
        QueueSession session = connect(false);
        sessions.add(session);
        return session;
    }

    private QueueSession connect(boolean autoCommit) throws Exception {
        Connection connection = TestDatabase.connect();
        try (Statement statement = connection.createStatement()) {
            // Nothing here waits for a lock: that is a failure, and no reason to wait for ever.
            statement.execute("SET statement_timeout = '20s'; SET search_path = " + schema.quoted());
        }
        connection.setAutoCommit(autoCommit);
        return new QueueSession(connection, queue);
    }

    /** For what a test looks at or does apart from its sessions; each statement is a transaction. */
    QueueSession outside() {
        return outside;
    }

    String queue() {
        return queue;
    }

    /** Sends a text; other columns and their values, in SQL, in turn. Returns its id. */
    String insert(String text, String... columns) throws SQLException {
        return insertInto("mq_msgs", text, columns);
    }

    String insertUnlogged(String text, String... columns) throws SQLException {
        return insertInto("mq_msgs_unlogged", text, columns);
    }

    String insertGrouped(String group, String text, String... columns) throws SQLException {
        List<String> all = new ArrayList<>(List.of(columns));
        all.addAll(List.of("grp", Call.literal(group), "slot", "mq_slot(" + Call.literal(group) + ")"));
        return insertInto("mq_msgs", text, all.toArray(String[]::new));
    }

    private String insertInto(String table, String text, String... columns) throws SQLException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("id", "gen_random_uuid()");
        values.put("channel_name", Call.literal(queue));
        values.put("payload_text", Call.literal(text));
        for (int i = 0; i < columns.length; i += 2) {
            values.put(columns[i], columns[i + 1]);
        }
        return outside.rows("INSERT INTO " + table + " (" + String.join(", ", values.keySet()) + ") VALUES ("
                        + String.join(", ", values.values()) + ") RETURNING id")
                .get(0)
                .get("id");
    }

    String id(String text) throws SQLException {
        return row(text).get("id");
    }

    long seq(String text) throws SQLException {
        return Long.parseLong(row(text).get("seq"));
    }

    /** The message with this text, in whatever queue and table: its table, place and columns. */
    Map<String, String> row(String text) throws SQLException {
        List<Map<String, String>> rows =
                outside.rows("SELECT * FROM (SELECT tableoid::regclass AS table, m.ctid, m.* FROM mq_msgs m"
                        + " UNION ALL SELECT tableoid::regclass, m.ctid, m.* FROM mq_msgs_unlogged m) m WHERE payload_text = "
                        + Call.literal(text));
        assertThat(rows).as("messages '%s'", text).hasSize(1);
        return rows.get(0);
    }

    /** Whether a condition, in SQL, is true of that message. */
    boolean holds(String text, String condition) throws SQLException {
        return outside.values("coalesce(bool_and(" + condition + "), false) FROM (SELECT * FROM mq_msgs"
                        + " UNION ALL SELECT * FROM mq_msgs_unlogged) m WHERE payload_text = " + Call.literal(text))
                .equals(List.of("t"));
    }

    /** All that are in this queue, ready or not, as they were sent. */
    List<String> texts(String channel) throws SQLException {
        return outside.values("payload_text FROM (SELECT * FROM mq_msgs UNION ALL SELECT * FROM mq_msgs_unlogged) m"
                + " WHERE channel_name = " + Call.literal(channel) + " ORDER BY seq");
    }

    List<String> texts() throws SQLException {
        return texts(queue);
    }
}
