package io.sqlmq.engine.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failed statement says about its connection. */
public final class Failures {

    /** See mq_ack. */
    static final String NOT_HELD = "MQ001";
    /** See mq_take. */
    public static final String SUSPECT = "MQ002";

    /** A message that a statement cannot take, and mq_take can or tells why not. */
    public static final String UNTAKEN = "MQ004";

    /** A joined transaction has another isolation than receiving needs. */
    public static final String ISOLATION = "MQ003";

    /** The server cannot be written to, or a transaction is not meant to. */
    public static final String READ_ONLY = "25006";

    /** lock_not_available */
    public static final String LOCK_TIMEOUT = "55P03";

    static final String MISSING_RIGHT = "42501";

    /** Of this process (with an OutOfMemoryError as its cause) or of the server. */
    static final String OUT_OF_MEMORY = "53200";

    /** An administrator, a time-out. */
    private static final Set<String> ENDED_BY_SERVER = Set.of("57P01", "57P05", "25P03", "25P04");

    /** Classes: invalid transaction state, rollback, resources, object not in the state, intervention, system error. */
    private static final Set<String> OF_THE_MOMENT = Set.of("25", "40", "53", "55", "57", "58");

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** True when the connection is gone, so that the outcome of a COMMIT on its way is unknown. */
    public static boolean isBroken(SQLException e, Connection connection) {
        if (tellsOfLoss(e)) {
            return true;
        }
        if (READ_ONLY.equals(e.getSQLState()) && isReadOnlyServer(connection)) {
            return true; // a primary no more: another one has to be found
        }
        try {
            return connection.isClosed();
        } catch (SQLException closed) {
            return true;
        }
    }

    /** True when what failed says itself that the connection is gone, or could not be made. */
    static boolean tellsOfLoss(SQLException e) {
        return isUnreachable(e) || "25P03".equals(e.getSQLState()) || "25P04".equals(e.getSQLState());
    }

    /** True when what the server sent was more than the heap of this process can hold. */
    public static boolean isOutOfMemory(SQLException e) {
        return OUT_OF_MEMORY.equals(e.getSQLState()) && e.getCause() instanceof OutOfMemoryError;
    }

    /** True when the database could not be reached. */
    public static boolean isUnreachable(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }

    /**
     * True when the server itself has ended the session instead of answering. Then what was on its way is decided. Statements
     * that were a transaction of their own, without BEGIN and COMMIT, were not committed: while it commits, and until it has said
     * so, the server does not listen to such orders. Behind an explicit COMMIT it does.
     */
    public static boolean endedByServer(SQLException e) {
        return e instanceof PSQLException told
                && told.getServerErrorMessage() != null
                && ENDED_BY_SERVER.contains(String.valueOf(e.getSQLState()));
    }

    /** What the driver was last told; a transaction may be read-only for other reasons. */
    private static boolean isReadOnlyServer(Connection connection) {
        try {
            PGConnection driver = connection.unwrap(PGConnection.class);
            return "on".equals(driver.getParameterStatus("in_hot_standby"))
                    || "on".equals(driver.getParameterStatus("default_transaction_read_only"));
        } catch (SQLException e) {
            return false;
        }
    }

    /** Closes the socket under a connection: whoever waits on it fails, and no pool gives it to anybody again. */
    static void abort(PGConnection driver) {
        if (driver instanceof Connection connection) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("Aborting a connection", e);
            }
        }
    }

    /** True when the statement is refused for what it contains, now and whenever it is tried. */
    public static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("54"));
    }

    /** True when a row says what no column can hold or may hold: the same row fails again, and others do not. */
    public static boolean isForData(SQLException e) {
        String state = e.getSQLState();
        return isRefusal(e) || (state != null && state.startsWith("23"));
    }

    /** True when it is no statement that failed but the moment: the connection, locks, resources, an administrator. */
    public static boolean isForTheMoment(SQLException e) {
        String state = e.getSQLState();
        return state == null
                || tellsOfLoss(e)
                || OF_THE_MOMENT.contains(state.substring(0, Math.min(2, state.length())));
    }

    /** Ends a transaction that failed and gives the connection back. */
    public static void rollBackAndClose(Connection connection) {
        try {
            if (isReadOnlyServer(connection)) {
                abort(connection.unwrap(PGConnection.class));
            } else if (!connection.isClosed() && Tuning.transaction(connection) != TransactionState.IDLE) {
                new Pipeline().add(Statements.ROLLBACK).run(connection);
            }
        } catch (SQLException e) {
            LOG.debug("ROLLBACK after a failure", e);
        }
        close(connection);
    }

    public static void close(Connection connection) {
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
