package io.sqlmq.jms.internal.errors;

import io.sqlmq.engine.model.OutcomeUnknownException;
import io.sqlmq.engine.model.PartlyDoneException;
import io.sqlmq.jms.OutcomeUnknownJmsException;
import io.sqlmq.schema.SchemaException;
import io.sqlmq.schema.internal.CommandHint;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * Which JMSException an SQLException becomes (§10.3), in one place. The error code is the SQLSTATE; cause and linked
 * exception are the SQLException.
 */
public final class JmsErrors {
    /** SQLSTATE "general error", where the driver or the pool gave none. */
    private static final String NO_STATE = "HY000";

    private JmsErrors() {}

    /** Whether an SQLSTATE tells of a lost connection, as the engine's own line in the log and its outage listeners do. */
    public static boolean isOutage(@Nullable String state) {
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }

    /** As {@link #from(Right, String, SQLException)}, for what those need who receive, browse or subscribe. */
    public static JMSException from(String what, SQLException e) {
        return from(Right.RECEIVE, what, e);
    }

    /**
     * For anything but a commit.
     *
     * @param right what the role needs for it
     * @param what what was attempted, as the beginning of a sentence: "Receiving from queue://orders"
     */
    public static JMSException from(Right right, String what, SQLException e) {
        return caused(translate(right, what, e), e);
    }

    private static JMSException translate(Right right, String what, SQLException e) {
        if (e instanceof OutcomeUnknownException) {
            return outcomeUnknown(what, e);
        }
        if (e instanceof PartlyDoneException partly) {
            SQLException failure = partly.failure();
            String after = " after " + partly.done() + (partly.done() == 1 ? " message" : " messages");
            return failure == null
                    ? new JMSException(what + " was interrupted" + after, state(e), e)
                    : translate(right, what + after, failure);
        }
        String state = state(e);
        String text = what + " failed: ";
        if (e instanceof TransactionRefusedException) {
            return state.startsWith("40")
                    ? new TransactionRolledBackException(text + sentence(e), state, e)
                    : new IllegalStateException(text + sentence(e), state, e);
        }
        if (e instanceof SQLTransientConnectionException && state.equals(NO_STATE)) {
            return new ResourceAllocationException(
                    text + "no database connection became free (" + e.getMessage() + "). Sessions with an open "
                            + "transaction hold one each: commit or roll back earlier, or raise maximumPoolSize. A"
                            + " transacted listener that waits for a reply needs a second one",
                    state,
                    e);
        }
        String database = text + "the database says: " + sentence(e);
        return switch (state) {
            case "08004" -> // the driver's own, when it has no password to answer with
                new JMSSecurityException(database + ". Check user name and password", state, e);
            case "42501" -> new JMSSecurityException(database + right.remedy(state), state, e);
            case "42P01", "42883", "3F000" ->
                new JMSException(
                        database + ". The tables of sqlmq are missing, or in another schema than the option schema "
                                + "says. To create them, run: " + CommandHint.of("migrate", null) + ", or set "
                                + "schemaManagement=migrate",
                        state,
                        e);
            case "3D000" ->
                new JMSException(
                        database + ". Correct the name of the database in the URL, or create it (CREATE DATABASE)",
                        state,
                        e);
            case "53300" ->
                new ResourceAllocationException(
                        database + ". Lower maximumPoolSize, or raise max_connections of the server or the "
                                + "CONNECTION LIMIT of the role or database",
                        state,
                        e);
            case "25006" ->
                new ResourceAllocationException(
                        database + ". The server is a hot standby, or default_transaction_read_only is on; sqlmq needs "
                                + "the primary: add targetServerType=primary to the URL. If it is on for this role alone: "
                                + "ALTER ROLE … RESET default_transaction_read_only, or connect as another role",
                        state,
                        e);
            case "26000", "42P05" -> // a statement that another connection has prepared, or one that is another's
                new JMSException(
                        database
                                + ". Between here and the server is a pooler in transaction mode: put prepareThreshold=0 into"
                                + " the URL of the DataSource, and set pgBouncer=true (docs/operating.md, PgBouncer)",
                        state,
                        e);
            default -> byClass(text, database, state, e);
        };
    }

    private static JMSException byClass(String text, String database, String state, SQLException e) {
        return switch (state.substring(0, 2)) {
            case "28" -> new JMSSecurityException(database + ". Check user name and password", state, e);
            case "08" -> unreachable(text, state, e);
            case "57" -> state.startsWith("57P") ? unreachable(text, state, e) : new JMSException(database, state, e);
            case "40" ->
                new TransactionRolledBackException(
                        database + ". The transaction was rolled back and can be tried again", state, e);
            case "53" -> new ResourceAllocationException(database + ". The server is short of resources", state, e);
            default -> new JMSException(database, state, e);
        };
    }

    private static JMSException unreachable(String text, String state, SQLException e) {
        return new JMSException(
                text + "the database cannot be reached or has ended the connection: " + sentence(e)
                        + ". Try again when it is back",
                state,
                e);
    }

    /** For a commit that failed: the transaction is rolled back, unless the engine says that it does not know. */
    public static JMSException fromCommit(SQLException e) {
        if (e instanceof OutcomeUnknownException) {
            return caused(outcomeUnknown("Commit", e), e);
        }
        String state = state(e);
        JMSException rolledBack = new TransactionRolledBackException(
                "Commit failed and the transaction was rolled back: " + sentence(e)
                        + ". What was sent in it is not there, what was received will be delivered again"
                        + Right.SEND_AND_RECEIVE.remedy(state),
                state,
                e);
        return caused(rolledBack, e);
    }

    private static JMSException outcomeUnknown(String what, SQLException e) {
        return new OutcomeUnknownJmsException(
                what
                        + ": the connection broke while a commit was on its way, and whether it took place is unknown. What "
                        + "was sent may be there or not, what was received may be delivered again: "
                        + e.getMessage(),
                state(e),
                e);
    }

    /** For the tables' state at start-up; its message names the command to run. The error code is the reason's name. */
    public static JMSException from(SchemaException e) {
        if (e.reason() == SchemaException.Reason.UNREACHABLE && e.getCause() instanceof SQLException cause) {
            return from("Connecting", cause);
        }
        String code = e.reason().name();
        JMSException translated = e.reason() == SchemaException.Reason.PERMISSION_DENIED
                ? new JMSSecurityException(e.getMessage(), code, e)
                : new JMSException(e.getMessage(), code, e);
        return caused(translated, e);
    }

    /** The constructors set the linked exception only. */
    private static JMSException caused(JMSException e, Exception cause) {
        if (e.getCause() == null) {
            e.initCause(cause);
        }
        return e;
    }

    /** The message without its full stop, to go on with. */
    private static String sentence(SQLException e) {
        String message = String.valueOf(e.getMessage()).strip();
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    /** The SQLSTATE of the exception or, where a pool wrapped it without, of its cause. */
    private static String state(SQLException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql
                    && sql.getSQLState() != null
                    && sql.getSQLState().length() == 5) {
                return sql.getSQLState();
            }
        }
        return NO_STATE;
    }
}
