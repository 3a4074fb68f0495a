package io.sqlmq.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.schema.Migrator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The tables of one schema made for measuring, which both sides use, and how both reach them. Used by one thread, but
 * for {@link #connect()} and {@link #factory}.
 */
final class Tables implements AutoCloseable {

    private final Server server;
    private final String schema;
    private final Connection admin;

    /**
     * Creates the schema.
     *
     * @throws IllegalStateException if it exists: it would be emptied and dropped
     */
    Tables(Server server, String schema) throws SQLException {
        this.server = server;
        this.schema = schema;
        this.admin = server.connect("");
        if (number("SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'") > 0) {
            admin.close();
            throw new IllegalStateException("The schema " + schema
                    + " exists already, and it would be dropped. If it is left from an earlier run: DROP SCHEMA "
                    + schema
                    + " CASCADE");
        }
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.url(""));
        new Migrator(dataSource, schema).migrate();
        execute("SET search_path = " + schema);
    }

    /**
     * A connection for statements by hand. The planner's switches are what a careful programmer sets for a queue: without
     * them a plan made while the table was empty stays, and scans it.
     */
    Connection connect() throws SQLException {
        Connection connection = server.connect("currentSchema=" + schema + "&ApplicationName=by-hand");
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off");
        }
        return connection;
    }

    /** A pool of connections, as an application has one. The caller closes it. */
    HikariDataSource pool(int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(applicationUrl());
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }

    /** The URL for an application. */
    String applicationUrl() {
        return server.url("currentSchema=" + schema);
    }

    String schema() {
        return schema;
    }

    /** The URL for the provider. */
    String url(String options) {
        return server.url("sqlmq.schema=" + schema + (options.isEmpty() ? "" : "&" + options));
    }

    /** A factory of the provider with options, {@code sqlmq.name=value&…}, or none. */
    SqlmqConnectionFactory factory(String options) {
        return new SqlmqConnectionFactory(url(options));
    }

    void empty() throws SQLException {
        execute("TRUNCATE mq_msgs, mq_msgs_unlogged");
    }

    /** Adds text messages as JMS would send them. */
    void fill(String queue, int messages, String body) throws SQLException {
        try (PreparedStatement insert = admin.prepareStatement("""
                INSERT INTO mq_msgs (id, channel_name, prio_rank, sent_at, payload_text)
                SELECT (lpad(to_hex(?), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid, ?, 5, ?, ?
                  FROM generate_series(1, ?) AS n""")) {
            insert.setLong(1, System.currentTimeMillis());
            insert.setString(2, queue);
            insert.setLong(3, System.currentTimeMillis());
            insert.setString(4, body);
            insert.setInt(5, messages);
            insert.executeUpdate();
        }
    }

    /**
     * Adds text messages with a property of so many values in turns.
     *
     * @param grouped the property is JMSXGroupID
     */
    void fillInTurns(String queue, int messages, String body, int values, boolean grouped) throws SQLException {
        try (PreparedStatement insert = admin.prepareStatement("""
                INSERT INTO mq_msgs (id, channel_name, prio_rank, sent_at, payload_text, properties, grp, slot)
                SELECT gen_random_uuid(), ?, 5, ?, ?, jsonb_build_object(?, v), CASE WHEN ? THEN v END,
                       CASE WHEN ? THEN mq_slot(v) END
                  FROM (SELECT 'customer-' || n % ? AS v FROM generate_series(1, ?) AS n) AS m""")) {
            insert.setString(1, queue);
            insert.setLong(2, System.currentTimeMillis());
            insert.setString(3, body);
            insert.setString(4, grouped ? "JMSXGroupID" : "customerName");
            insert.setBoolean(5, grouped);
            insert.setBoolean(6, grouped);
            insert.setInt(7, values);
            insert.setInt(8, messages);
            insert.executeUpdate();
        }
    }

    int count(String queue) throws SQLException {
        try (PreparedStatement count = admin.prepareStatement("SELECT count(*) FROM mq_msgs WHERE channel_name = ?")) {
            count.setString(1, queue);
            try (ResultSet row = count.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** Reclaims dead rows and writes hint bits, so that neither happens in a round. */
    void vacuum() throws SQLException {
        execute("VACUUM ANALYZE mq_msgs");
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    long number(String sql) throws SQLException {
        try (Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    String text(String sql) throws SQLException {
        try (Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    Connection admin() {
        return admin;
    }

    @Override
    public void close() throws SQLException {
        execute("DROP SCHEMA " + schema + " CASCADE");
        admin.close();
    }
}
