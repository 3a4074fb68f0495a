package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Server;
import io.sqlmq.benchmarks.ServerCpu;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The PostgreSQL server that peers keep their messages in, with a connection for looking at it. Used by one thread. */
final class Postgres implements AutoCloseable {

    private final Server server;
    private final Connection admin;
    private final ServerCpu cpu;

    Postgres(Server server) throws SQLException {
        this.server = server;
        this.admin = server.connect("ApplicationName=benchmark");
        this.cpu = ServerCpu.of(admin);
    }

    /** CPU time of the whole server so far; it does not move if the server runs elsewhere. */
    long cpuNanos() {
        return cpu.nanos();
    }

    /** Has something go on in it; what is returned ends it. */
    AutoCloseable begin(Disturbance disturbance) throws SQLException {
        return disturbance.begin(server);
    }

    /** The driver's URL with more parameters. */
    String url(String parameters) {
        return server.url(parameters);
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Bytes of write-ahead log so far. */
    long walBytes() throws SQLException {
        return number("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
    }

    /** Transactions that have written something so far: those with a number. */
    long writers() throws SQLException {
        return number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public void close() throws SQLException {
        admin.close();
    }
}
