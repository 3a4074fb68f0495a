package io.sqlmq.schema;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

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
}
