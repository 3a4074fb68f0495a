package io.sqlmq.engine.xa;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.OutcomeUnknownException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transaction that a transaction manager ends: in one phase, or prepared first and committed or rolled back later,
 * perhaps by another process ({@link PreparedBranches}). It has a database connection from its first use until it is
 * prepared or ended, and while nothing was done in it, only for the length of a call.
 *
 * <p>Nothing in it notifies: PostgreSQL refuses to prepare a transaction that did. Consumers are woken after the commit.
 * Thread-safe: its monitor is held for the length of a statement.
 */
public final class Branch {

    private static final Logger LOG = LoggerFactory.getLogger(Branch.class);

    /** SQLSTATE of operations in a branch that has been rolled back. */
    private static final String ROLLED_BACK = "40000";

    private enum State {
        OPEN,
        PREPARED,
        ENDED
    }

    private interface Work<T extends @Nullable Object> {
        T on(Connection connection) throws SQLException;
    }

    private final Branches shared;
    private final String name;
    private final Set<String> writers = new LinkedHashSet<>();
    private final List<NewMessage> written = new ArrayList<>();
    private final List<Delivery> taken = new ArrayList<>();
    private State state = State.OPEN;
    private long began;
    private @Nullable Connection connection;
    private @Nullable String transaction;
    private @Nullable Future<?> timer;
    private @Nullable String error;

    /** Whether there is anything to commit. */
    private boolean worked;

    /** The connection broke while PREPARE, COMMIT or ROLLBACK was on its way. */
    private boolean unsure;

    private volatile boolean timedOut;
    private volatile @Nullable SQLException undone;

    Branch(Branches shared, String name) {
        this.shared = shared;
        this.name = name;
    }

    // What happens in it

    /** Takes the next message, or null. It is gone when the branch commits. */
    public synchronized @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        if (!worked && state == State.OPEN && undone == null && shared.database.isDown()) {
            return null; // whoever waits is woken when the database is back
        }
        Delivery message = run(c -> shared.joinedReceiving.takeInBranch(c, consumer, writers));
        if (message != null) {
            worked = true;
            taken.add(message);
        }
        return message;
    }

    /** Sets a message aside that was taken in it and cannot be read: when the branch is committed. */
    public synchronized void setAside(Delivery delivery, String reason) throws SQLException {
        run(c -> {
            shared.joinedReceiving.setAside(c, delivery, reason);
            return null;
        });
    }

    /** Writes a message. */
    public synchronized void send(NewMessage message) throws SQLException {
        List<NewMessage> rows = run(c -> shared.sends.writer().writeAll(c, List.of(message), writers));
        worked |= !rows.isEmpty();
        written.addAll(rows);
    }

    /** The connection, for SQL of the application. */
    public synchronized Connection connection() throws SQLException {
        Connection own = open();
        worked = true;
        own.setAutoCommit(false);
        return own;
    }

    /** The identifier of the database transaction, which is begun if need be. */
    public synchronized String transactionId() throws SQLException {
        open();
        return Objects.requireNonNull(transaction, "transaction");
    }

    /** The application is going to wait. */
    public synchronized void idle() {
        if (state == State.OPEN && !worked) {
            endUnused();
        }
    }

    /** Text to keep with the messages if the branch is rolled back. */
    public synchronized void noteFailure(String text) {
        error = text;
        shared.claims.knownFailures().note(taken, text);
    }

    private <T extends @Nullable Object> T run(Work<T> work) throws SQLException {
        Connection own = open();
        try {
            return work.on(own);
        } catch (SQLException e) {
            connection = null;
            boolean broken = Failures.isBroken(e, own);
            if (worked) {
                undone = e;
            }
            rollBack(own);
            shared.database.statementFailed(e, broken);
            throw e;
        }
    }

    private Connection open() throws SQLException {
        requireOpen();
        Connection own = connection;
        if (own != null) {
            return own;
        }
        own = shared.database.connections().takeForBranch();
        try {
            begin(own);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, own);
            Failures.rollBackAndClose(own);
            shared.database.statementFailed(e, broken);
            throw e;
        }
        connection = own;
        return own;
    }

    private void begin(Connection own) throws SQLException {
        began = System.nanoTime();
        Pipeline pipeline = new Pipeline().add(Statements.BEGIN);
        long timeout = shared.transactionTimeout.toMillis();
        if (timeout > 0) {
            pipeline.add(Statements.idleTimeout(Long.toString(timeout)));
        }
        pipeline.query("SELECT pg_current_xact_id()::text", p -> {}, rows -> {
                    rows.next();
                    transaction = rows.getString(1);
                })
                .run(own);
    }

    private void requireOpen() throws SQLException {
        SQLException cause = undone;
        if (cause != null) {
            throw new SQLException(
                    "the transaction branch was rolled back earlier: " + cause.getMessage(), ROLLED_BACK, cause);
        }
        if (state != State.OPEN) {
            throw new SQLException("the transaction branch is being ended", ROLLED_BACK);
        }
    }

    // How it ends

    /** Rolls back after so much time, if it has not been prepared or ended before. */
    public synchronized void expireAfter(long millis) {
        timer = shared.threads.startTimer(
                () -> shared.threads.workers().execute(this::expire), TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private synchronized void expire() {
        if (state == State.OPEN && undone == null) {
            timedOut = true;
            undone = new SQLException("its time is over", ROLLED_BACK);
            rollBackOpen();
        }
    }

    /** Whether it was rolled back because its time was over. */
    public boolean isTimedOut() {
        return timedOut;
    }

    /** Why it was rolled back before its end, or null. */
    public @Nullable SQLException undone() {
        return undone;
    }

    /** Whether the connection broke while its end was on its way, so that what became of it is not known yet. */
    public synchronized boolean isUnsure() {
        return unsure;
    }

    /**
     * Makes everything durable, to be committed or rolled back later.
     *
     * @return false when there was nothing to do, and the branch has ended
     * @throws SQLException when it was rolled back, or, if {@link #isUnsure}, perhaps was
     */
    public synchronized boolean prepare() throws SQLException {
        requireOpen();
        Connection own = connection;
        if (own == null || !worked) {
            endUnused();
            end();
            return false;
        }
        connection = null;
        try {
            // PREPARE of a failed transaction is a ROLLBACK, without an error; any other statement is refused in it.
            PreparedBranches.execute(own, "SELECT 1; PREPARE TRANSACTION " + shared.preparedBranches.literal(name));
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, own);
            unsure = broken;
            state = broken ? State.PREPARED : State.ENDED;
            rollBack(own);
            shared.database.statementFailed(e, broken);
            throw e;
        }
        Failures.close(own);
        state = State.PREPARED;
        stopTimer();
        return true;
    }

    /**
     * Commits without preparing.
     *
     * @throws OutcomeUnknownException when the connection broke and nobody can tell
     * @throws SQLException when it was rolled back
     */
    public synchronized void commit() throws SQLException {
        requireOpen();
        Connection own = connection;
        if (own == null || !worked) {
            endUnused();
            end();
            return;
        }
        connection = null;
        try {
            // The same goes for COMMIT.
            new Pipeline().add("SELECT 1").add(Statements.COMMIT).run(own);
            Failures.close(own);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, own);
            state = State.ENDED;
            rollBack(own);
            shared.database.statementFailed(e, broken);
            if (!broken
                    || !shared.sends
                            .outcomes()
                            .isCommitted(transaction, taken, written, System.nanoTime() - began, e)) {
                throw e;
            }
        }
        committed();
    }

    /**
     * Commits what is prepared.
     *
     * @return false when it is not there any more
     * @throws SQLException if it is still prepared, or, if {@link #isUnsure}, perhaps is: call again
     */
    public synchronized boolean commitPrepared() throws SQLException {
        boolean done;
        try {
            done = shared.preparedBranches.endCommit(name) || (unsure && hasEnded("committed"));
        } catch (SQLException e) {
            unsure = true;
            throw e;
        }
        if (done) {
            committed();
        }
        return done;
    }

    /**
     * Rolls back, also what is prepared.
     *
     * @return false when it was prepared and is not there any more
     * @throws SQLException as with {@link #commitPrepared}
     */
    public synchronized boolean rollback() throws SQLException {
        if (state == State.OPEN) {
            rollBackOpen();
            end();
            return true;
        }
        boolean done;
        try {
            done = shared.preparedBranches.endRollback(name) || (unsure && !hasEnded("committed"));
        } catch (SQLException e) {
            unsure = true;
            throw e;
        }
        if (done) {
            countFailures();
            end();
        }
        return done;
    }

    private boolean hasEnded(String status) throws SQLException {
        String known = transaction;
        return known != null && status.equals(shared.sends.outcomes().status(known));
    }

    private void committed() {
        shared.claims.payloads().released(taken);
        shared.claims.listeners().acknowledged(taken);
        shared.wakeups.groupsReleased(taken);
        shared.wakeups.committed(written);
        end();
    }

    private void end() {
        state = State.ENDED;
        stopTimer();
        taken.clear();
        written.clear();
    }

    private void stopTimer() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
    }

    /** Gives back the connection of a transaction in which nothing was done. */
    private void endUnused() {
        Connection own = connection;
        connection = null;
        if (own == null) {
            return;
        }
        try {
            new Pipeline().add(Statements.COMMIT).run(own);
            Failures.close(own);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, own);
            Failures.rollBackAndClose(own);
            shared.database.statementFailed(e, broken);
        }
    }

    private void rollBackOpen() {
        Connection own = connection;
        connection = null;
        if (own != null) {
            rollBack(own);
        }
    }

    /** Ends the transaction on its connection, counts the deliveries that failed with it, and closes the connection. */
    private void rollBack(Connection own) {
        try {
            if (!own.isClosed()) {
                new Pipeline().add(Statements.ROLLBACK).run(own);
                shared.claims.rolledBack().count(own, taken, error);
                taken.clear();
            }
        } catch (SQLException e) {
            LOG.debug("Rolling back a branch; its messages are counted when they are claimed", e);
        }
        Failures.rollBackAndClose(own);
    }

    private void countFailures() {
        shared.claims.rolledBack().count(taken, error);
        taken.clear();
    }
}
