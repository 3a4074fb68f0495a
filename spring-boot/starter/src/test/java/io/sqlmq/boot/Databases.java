package io.sqlmq.boot;

import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.schema.Migrator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGSimpleDataSource;

/** New databases of one embedded server. */
final class Databases {
    private static final AtomicInteger MADE = new AtomicInteger();
    private static final String TEMPLATE = "boot_tables";
    private static boolean templateMade;

    private Databases() {}

    static SqlmqEmbedded server() {
        return SqlmqEmbedded.named("boot");
    }

    /** The URL of a new one with the tables of sqlmq, which most tests are not about. */
    static synchronized String create() {
        if (!templateMade) {
            execute(server().jdbcUrl(), "CREATE DATABASE " + TEMPLATE);
            PGSimpleDataSource template = new PGSimpleDataSource();
            template.setUrl(server().jdbcUrl(TEMPLATE));
            new Migrator(template, "public").migrate();
            templateMade = true;
        }
        return create(" TEMPLATE " + TEMPLATE);
    }

    /** The URL of a new one in which nothing is. */
    static String createEmpty() {
        return create("");
    }

    private static String create(String from) {
        String name = "boot_" + MADE.incrementAndGet();
        execute(server().jdbcUrl(), "CREATE DATABASE " + name + from);
        return server().jdbcUrl(name);
    }

    /** A role that may only send, in this database; the server may have it from a run before. */
    static void createSender(String url, String role) {
        execute(
                url,
                "DO $$ BEGIN CREATE ROLE " + role + " LOGIN; EXCEPTION WHEN duplicate_object THEN END $$; "
                        + "SELECT mq_grant('" + role + "', 'send')");
    }

    static void execute(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The first column of all rows. */
    static List<String> query(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
