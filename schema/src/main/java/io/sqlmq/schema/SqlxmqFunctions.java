package io.sqlmq.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The functions that sqlxmq has under the same names. Its migrations, run after ours, put them back beside ours or in their
 * place, where they do harm: they know nothing of the tables as they are.
 */
final class SqlxmqFunctions {
    private static final List<String> OURS = List.of(
            "mq_insert",
            "mq_poll",
            "mq_commit",
            "mq_delete",
            "mq_keep_alive",
            "mq_checkpoint",
            "mq_clear",
            "mq_clear_all");
    private static final List<String> ITS_OWN = List.of("mq_active_channels", "mq_latest_message", "mq_uuid_exists");

    /** An SQL expression: an array of sqlxmq's functions in the schema. Its parameters are those of {@link #bind}. */
    static final String FOREIGN = """
            (SELECT coalesce(pg_catalog.array_agg(p.oid::regprocedure::text ORDER BY p.proname, p.oid), '{}')
               FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS own ON own.oid = p.pronamespace
              WHERE own.nspname = ?::name
                AND (p.proname = ANY ('{%s}'::name[])
                  OR (p.proname = ANY ('{%s}'::name[]) AND pg_catalog.strpos(p.prosrc, ?::text) = 0)))""".formatted(String.join(",", ITS_OWN), String.join(",", OURS));

    private final SchemaName schema;

    SqlxmqFunctions(SchemaName schema) {
        this.schema = schema;
    }

    /** Sets the parameters of {@link #FOREIGN}, from number {@code first} on. */
    void bind(PreparedStatement statement, int first) throws SQLException {
        statement.setString(first, schema.name());
        statement.setString(first + 1, schema.quoted() + ".mq_");
    }

    /** The value of {@link #FOREIGN}. */
    static List<String> read(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    /** Drops sqlxmq's functions, within the transaction of the connection. */
    void drop(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String function : foreign(connection)) {
                statement.execute("DROP FUNCTION " + function);
            }
        }
    }

    private List<String> foreign(Connection connection) throws SQLException {
        // What is in no other schema of the search_path is named with its own.
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL search_path = pg_catalog, pg_temp");
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + FOREIGN + " AS functions")) {
            bind(statement, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return read(row, "functions");
            }
        }
    }

    /** Puts ours back, as the newest of these migrations that has them says. */
    void restore(Connection connection, Migrations migrations) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String name : OURS) {
                statement.execute(definition(name, migrations));
            }
        }
    }

    private String definition(String name, Migrations migrations) {
        List<Migration> newestFirst = new ArrayList<>(migrations.all());
        Collections.reverse(newestFirst);
        for (Migration migration : newestFirst) {
            var begin = Pattern.compile(
                            "^CREATE (?:OR REPLACE )?FUNCTION \\$\\{schema}\\." + name + "\\(", Pattern.MULTILINE)
                    .matcher(migration.sql());
            if (begin.find()) {
                String tag = "$body${tag}$";
                int body = migration.sql().indexOf(tag, begin.end());
                int end = migration.sql().indexOf(tag, body + tag.length());
                String sql = migration.sql().substring(begin.start(), end + tag.length());
                return schema.fill(sql.replaceFirst("^CREATE (?:OR REPLACE )?", "CREATE OR REPLACE "));
            }
        }
        throw new IllegalStateException("No migration makes " + name);
    }
}
