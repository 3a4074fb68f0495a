package io.sqlmq.boot;

import io.sqlmq.embedded.SqlmqEmbedded;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** New, empty databases of one embedded server, whose tables nobody has made. */
final class Databases {
    private static final AtomicInteger MADE = new AtomicInteger();

    private Databases() {}

    static SqlmqEmbedded server() {
        return SqlmqEmbedded.named("boot");
    }

    /** The URL of a new one. */
    static String create() {
        String name = "boot_" + MADE.incrementAndGet();
        execute(server().jdbcUrl(), "CREATE DATABASE " + name);
        return server().jdbcUrl(name);
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
