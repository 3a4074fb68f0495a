package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What goes on in the database beside a round. */
enum Disturbance {
    /** Nothing. */
    NONE {
        @Override
        AutoCloseable begin(Server server) {
            return () -> {};
        }
    },
    /** A transaction that somebody leaves open, so that no dead row can be removed. */
    OPEN_TRANSACTION {
        @Override
        AutoCloseable begin(Server server) throws SQLException {
            Connection connection = server.connect("ApplicationName=open-transaction");
            connection.setAutoCommit(false);
            execute(connection, "SELECT pg_current_xact_id()");
            return connection;
        }
    },
    /** A replication slot that nobody reads, so that all write-ahead log is kept. */
    REPLICATION_SLOT {
        @Override
        AutoCloseable begin(Server server) throws SQLException {
            Connection connection = server.connect("ApplicationName=replication-slot");
            execute(connection, "SELECT pg_create_physical_replication_slot('sqlmq_peers', true)");
            return () -> {
                execute(connection, "SELECT pg_drop_replication_slot('sqlmq_peers')");
                connection.close();
            };
        }
    };

    /** Begins; what is returned ends it. */
    abstract AutoCloseable begin(Server server) throws SQLException;

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
