package io.sqlmq.selector;

import io.sqlmq.message.HeaderText;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL with a table of messages: that of {@code -Dsqlmq.test.url}, else an embedded one. Nothing stays behind in
 * it: table and function are temporary.
 */
final class SelectorDatabase implements AutoCloseable {
    static final SqlMapping MAPPING = new SqlMapping(
            "m.properties",
            "m.property_types",
            Set.of("float", "double"),
            "string",
            "m.persistent",
            "(9 - m.prio_rank)",
            "('ID:' || m.id::text)",
            "coalesce(m.sent_at, 0)",
            "m.correlation_id",
            "m.jms_type",
            "pg_temp.mq_try_json(m.payload_text)",
            HeaderText::encode);

    private static @Nullable EmbeddedPostgres server;

    private final Connection connection;

    SelectorDatabase() throws IOException, SQLException {
        String url = System.getProperty("sqlmq.test.url", "");
        connection = url.isEmpty() ? server().getPostgresDatabase().getConnection() : DriverManager.getConnection(url);
        try (Statement statement = connection.createStatement()) {
            statement.execute(migrated("mq_try_json").replace("${schema}", "pg_temp"));
            statement.execute("""
                    CREATE TEMPORARY TABLE messages (
                        n              integer PRIMARY KEY,
                        properties     jsonb,
                        property_types jsonb,
                        persistent     boolean  NOT NULL,
                        prio_rank      smallint NOT NULL,
                        id             uuid     NOT NULL,
                        sent_at        bigint,
                        correlation_id text,
                        jms_type       text,
                        payload_text   text)""");
        }
    }

    /** The statement of the migrations that creates this function. */
    private static String migrated(String function) throws IOException {
        try (InputStream in = Objects.requireNonNull(
                SelectorDatabase.class.getResourceAsStream("/io/sqlmq/schema/migration/V1__sqlmq.sql"))) {
            String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int start = script.indexOf("CREATE FUNCTION ${schema}." + function + "(");
            String end = "$body${tag}$;";
            return script.substring(start, script.indexOf(end, start) + end.length())
                    .replace("${tag}", "");
        }
    }

    /** One for all tests of this JVM; it stops itself when the JVM ends. */
    private static synchronized EmbeddedPostgres server() throws IOException {
        if (server == null) {
            server = EmbeddedPostgres.start();
        }
        return server;
    }

    /** Replaces all rows. */
    void fill(List<SampleMessage> messages) throws SQLException {
        try (Statement truncate = connection.createStatement()) {
            truncate.execute("TRUNCATE messages");
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO messages VALUES (?, ?::jsonb, ?::jsonb, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int n = 0; n < messages.size(); n++) {
                SampleMessage message = messages.get(n);
                StoredSample stored = StoredSample.of(message.properties());
                Object[] row = {
                    n,
                    stored.properties(),
                    stored.types(),
                    message.persistent(),
                    9 - message.priority(),
                    message.id(),
                    message.timestamp() == 0 ? null : message.timestamp(),
                    stored(message.correlationId()),
                    stored(message.type()),
                    message.body()
                };
                for (int column = 0; column < row.length; column++) {
                    insert.setObject(column + 1, row[column]);
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static @Nullable String stored(@Nullable String header) {
        return header == null ? null : HeaderText.encode(header);
    }

    /** A row with just these properties, as SQL might write it. */
    void fill(@Nullable String properties, @Nullable String types) throws SQLException {
        fill(List.of(SampleMessage.EMPTY));
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE messages SET properties = ?::jsonb, property_types = ?::jsonb")) {
            update.setString(1, properties);
            update.setString(2, types);
            update.executeUpdate();
        }
    }

    /** What each selector says of each row, in one round trip; null is unknown. */
    List<List<@Nullable Boolean>> evaluate(List<Selector> selectors) throws SQLException {
        List<SqlPredicate> predicates =
                selectors.stream().map(selector -> selector.toSql(MAPPING)).toList();
        String sql = predicates.stream()
                .map(SqlPredicate::text)
                .collect(Collectors.joining(", ", "SELECT ", " FROM messages m ORDER BY m.n"));
        List<List<@Nullable Boolean>> answers = new ArrayList<>();
        predicates.forEach(predicate -> answers.add(new ArrayList<>()));
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            int index = 1;
            for (SqlPredicate predicate : predicates) {
                for (Object parameter : predicate.parameters()) {
                    query.setObject(index++, parameter);
                }
            }
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    for (int i = 0; i < answers.size(); i++) {
                        answers.get(i).add((Boolean) result.getObject(i + 1));
                    }
                }
            }
        }
        return answers;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
