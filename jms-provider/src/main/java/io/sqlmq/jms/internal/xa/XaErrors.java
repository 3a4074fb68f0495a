package io.sqlmq.jms.internal.xa;

import io.sqlmq.engine.xa.Branch;
import io.sqlmq.jms.internal.errors.Right;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/** Which XAException an SQLException becomes, in one place. */
final class XaErrors {
    private XaErrors() {}

    static XAException of(int code, String text) {
        return of(code, text, null);
    }

    static XAException of(int code, String text, @Nullable Throwable cause) {
        XAException e = new XAException(text);
        e.errorCode = code;
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }

    /** The branch was rolled back. */
    static XAException rolledBack(Branch branch, @Nullable SQLException cause) {
        if (branch.isTimedOut()) {
            return of(
                    XAException.XA_RBTIMEOUT,
                    "The branch was rolled back because it took longer than its time-out. Raise it, or do less.");
        }
        if (cause == null) {
            return of(XAException.XA_RBROLLBACK, "The branch was marked to be rolled back, and was.");
        }
        String state = state(cause);
        return of(
                rollbackCode(state),
                "The branch was rolled back: " + cause.getMessage() + Right.SEND_AND_RECEIVE.remedy(state),
                cause);
    }

    private static int rollbackCode(String state) {
        return switch (state) {
            case "40P01" -> XAException.XA_RBDEADLOCK;
            case "40001" -> XAException.XA_RBTRANSIENT;
            case "25P03" -> XAException.XA_RBTIMEOUT;
            default -> {
                if (state.startsWith("23")) {
                    yield XAException.XA_RBINTEGRITY;
                }
                yield state.startsWith("08") || state.startsWith("57P")
                        ? XAException.XA_RBCOMMFAIL
                        : XAException.XA_RBROLLBACK;
            }
        };
    }

    /** The end of a prepared branch failed; it is still prepared, or what became of it is not known. */
    static XAException unfinished(String what, SQLException e) {
        String state = state(e);
        boolean away = e instanceof SQLTransientConnectionException
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.equals("55000"); // another connection is just ending it
        return away
                ? of(
                        XAException.XAER_RMFAIL,
                        what + ": the database cannot be reached or has broken the connection, and what became of the "
                                + "branch is not known. Try again, or recover, when it is back: " + e.getMessage(),
                        e)
                : of(XAException.XAER_RMERR, what + ": the database says: " + e.getMessage(), e);
    }

    static XAException unknown(BranchId id) {
        return of(
                XAException.XAER_NOTA,
                "There is no branch " + id + ": it was never begun, or has ended, or was prepared by another role.");
    }

    private static String state(SQLException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql
                    && sql.getSQLState() != null
                    && sql.getSQLState().length() == 5
                    && !sql.getSQLState().equals("40000")) {
                return sql.getSQLState();
            }
        }
        return "HY000";
    }
}
