package io.sqlmq.integration.xa;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.XAConnection;
import org.postgresql.xa.PGXADataSource;

/** A second database, with a table, as the other resource of global transactions. */
final class OtherDatabase implements AutoCloseable {

    private final String url;
    private final String server;
    private final String name;

    private OtherDatabase(String server, String url, String name) {
        this.server = server;
        this.url = url;
        this.name = name;
    }

    /** Makes one on the server of that URL. */
    static OtherDatabase create(String server) throws SQLException {
        String name = "other_" + UUID.randomUUID().toString().replace("-", "");
        OtherDatabase other = new OtherDatabase(server, server.replaceFirst("(//[^/]+/)[^?]*", "$1" + name), name);
        execute(server, "CREATE DATABASE " + name);
        execute(other.url, "CREATE TABLE noted (text text)");
        return other;
    }

    String url() {
        return url;
    }

    static XAConnection connect(String url) throws SQLException {
        PGXADataSource dataSource = new PGXADataSource();
        dataSource.setUrl(url);
        return dataSource.getXAConnection();
    }

    XAConnection connect() throws SQLException {
        return connect(url);
    }

    static void note(XAConnection connection, String text) throws SQLException {
        try (Connection sql = connection.getConnection();
                Statement statement = sql.createStatement()) {
            statement.execute("INSERT INTO noted VALUES ('" + text + "')");
        }
    }

    List<String> noted() throws SQLException {
        List<String> noted = new ArrayList<>();
        try (Connection sql = DriverManager.getConnection(url);
                Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("SELECT text FROM noted ORDER BY 1")) {
            while (rows.next()) {
                noted.add(rows.getString(1));
            }
        }
        return noted;
    }

    private static void execute(String url, String statement) throws SQLException {
        try (Connection sql = DriverManager.getConnection(url);
                Statement all = sql.createStatement()) {
            all.execute(statement);
        }
    }

    @Override
    public void close() throws SQLException {
        execute(server, "DROP DATABASE " + name);
    }
}
