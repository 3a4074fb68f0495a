package io.sqlmq.jms.internal.pool;

import io.sqlmq.jms.SqlmqOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** One PostgreSQL that asks all roles but postgres for a password. */
final class PasswordServer {
    private static final String RULES = """
            local all all trust
            host all postgres all trust
            host all all all scram-sha-256
            """;

    private static @Nullable EmbeddedPostgres running;

    private PasswordServer() {}

    private static synchronized EmbeddedPostgres server() {
        if (running == null) {
            running = start();
        }
        return running;
    }

    private static EmbeddedPostgres start() {
        try {
            EmbeddedPostgres server =
                    EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
            DataSource admin = server.getPostgresDatabase();
            execute(admin, "CREATE ROLE probe LOGIN PASSWORD 'right'");
            Files.writeString(Path.of(query(admin, "SHOW hba_file")), RULES);
            execute(admin, "SELECT pg_reload_conf()");
            PGSimpleDataSource probe = new PGSimpleDataSource();
            probe.setPortNumbers(new int[] {server.getPort()});
            probe.setDatabaseName("postgres");
            Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> isRefused(probe));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isRefused(PGSimpleDataSource probe) throws SQLException {
        try (Connection connection = probe.getConnection("probe", "wrong")) {
            return connection == null;
        } catch (SQLException e) {
            return "28P01".equals(e.getSQLState());
        }
    }

    static String url() {
        return "jdbc:postgresql://localhost:" + server().getPort() + "/postgres";
    }

    static SqlmqOptions options(String query) {
        return SqlmqOptions.parse(url() + "?" + query);
    }

    static DataSource admin() {
        return server().getPostgresDatabase();
    }

    static void newRole(String name, String password, String with) throws SQLException {
        execute(admin(), "DROP ROLE IF EXISTS " + name);
        execute(admin(), "CREATE ROLE " + name + " LOGIN PASSWORD '" + password + "' " + with);
    }

    static void execute(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String query(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
