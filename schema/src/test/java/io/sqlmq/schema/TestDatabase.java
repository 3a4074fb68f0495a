package io.sqlmq.schema;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** The PostgreSQL of this module's tests: an embedded one, or that of {@code -Dsqlmq.test.url}. */
final class TestDatabase {
    private static String url = System.getProperty("sqlmq.test.url", "");

    private TestDatabase() {}

    /** A connection of its own; each test uses another schema. */
    static synchronized Connection connect() throws SQLException, IOException {
        if (url.isEmpty()) {
            url = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .start()
                    .getJdbcUrl("postgres", "postgres");
        }
        return DriverManager.getConnection(url);
    }

    /** Makes a schema anew by these scripts. */
    static void create(Statement statement, SchemaName schema, List<String> scripts) throws SQLException {
        statement.execute("DROP SCHEMA IF EXISTS " + schema.quoted() + " CASCADE");
        statement.execute("CREATE SCHEMA " + schema.quoted());
        add(statement, schema, scripts);
    }

    /** Runs scripts in a schema. */
    static void add(Statement statement, SchemaName schema, List<String> scripts) throws SQLException {
        for (String script : scripts) {
            String sql = script;
            for (Map.Entry<String, String> placeholder : schema.placeholders().entrySet()) {
                sql = sql.replace("${" + placeholder.getKey() + "}", placeholder.getValue());
            }
            statement.execute(sql);
        }
    }

    /** What all migrations say. */
    static List<String> migrations() {
        return Migrations.load(Migrator.LOCATION).all().stream()
                .map(Migration::sql)
                .toList();
    }
}
