package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failed statement says about its connection. */
final class Failures {

    /** See mq_ack. */
    static final String NOT_HELD = "MQ001";
    /** See mq_take. */
    static final String SUSPECT = "MQ002";

    /** A joined transaction has another isolation than receiving needs. */
    static final String ISOLATION = "MQ003";

    /** lock_not_available */
    static final String LOCK_TIMEOUT = "55P03";

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** True when the connection is gone, so that the outcome of a COMMIT on its way is unknown. */
    static boolean isBroken(SQLException e, Connection connection) {
        String state = e.getSQLState();
        if (state != null && (state.startsWith("08") || state.startsWith("57P") || state.equals("25P03"))) {
            return true;
        }
        try {
            return connection.isClosed();
        } catch (SQLException closed) {
            return true;
        }
    }

    /** Ends a transaction that failed and gives the connection back. */
    static void rollBackAndClose(Connection connection) {
        try {
            if (!connection.isClosed()) {
                new Pipeline().add(Sql.ROLLBACK).run(connection);
            }
        } catch (SQLException e) {
            LOG.debug("ROLLBACK after a failure", e);
        }
        close(connection);
    }

    static void close(Connection connection) {
        try {
            if (!connection.isClosed() && !connection.getAutoCommit()) {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            LOG.debug("Resetting a connection", e);
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("Closing a connection", e);
        }
    }
}
