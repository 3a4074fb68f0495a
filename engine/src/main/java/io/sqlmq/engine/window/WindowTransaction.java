package io.sqlmq.engine.window;

import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transaction that a window has open, if any: how it begins, runs statements, ends and fails, and what that means
 * for the deliveries that it holds. Guarded by the window's lock.
 */
final class WindowTransaction {

    private static final Logger LOG = LoggerFactory.getLogger(WindowTransaction.class);

    private final Windows shared;
    private final Window window;
    private final Window.Mode mode;
    private final Deliveries held;

    private volatile @Nullable Transaction transaction;
    private @Nullable SQLException doomed;

    WindowTransaction(Windows shared, Window window, Window.Mode mode, Deliveries held) {
        this.shared = shared;
        this.window = window;
        this.mode = mode;
        this.held = held;
    }

    /** The transaction, or null when there is none. May be asked without the lock. */
    @Nullable
    Transaction existing() {
        return transaction;
    }

    /** The transaction; takes a connection when there is none, but does not begin it. */
    Transaction current() throws SQLException {
        Transaction current = transaction;
        if (current == null) {
            Connection connection = shared.database.connections().take();
            current = new Transaction(connection, shared.database.connections().isPlannerPinned(connection));
            transaction = current;
            shared.upkeep.start();
            shared.openWindows.opened(window);
        }
        return current;
    }

    /**
     * What the next claim is signed with; null: with nothing.
     *
     * @param guarded whether a savepoint is set before it
     */
    @Nullable
    Long sign(boolean guarded) {
        Transaction current = transaction;
        return current == null
                ? null
                : current.sign(guarded || current.hasSavepoint() || current.isShared(), shared.claims.signatures());
    }

    void begin(Pipeline pipeline) {
        pipeline.add(Statements.BEGIN);
        long timeout = shared.options.receiving().transactionTimeout().toMillis();
        if (mode.isTransacted() && timeout > 0) {
            pipeline.add(Statements.idleTimeout(Long.toString(timeout)));
        }
    }

    /**
     * Runs statements in the current transaction; a failure ends it.
     *
     * @param acknowledges whether they commit acknowledgements
     * @return false if the connection broke over them, which the engine repairs behind the application's back
     */
    boolean run(Pipeline pipeline, boolean acknowledges) throws SQLException {
        return run(pipeline, acknowledges, List.of());
    }

    /**
     * As {@link #run(Pipeline, boolean)}.
     *
     * @param leases what they lease before they commit
     */
    boolean run(Pipeline pipeline, boolean acknowledges, List<Delivery> leases) throws SQLException {
        Transaction current = current();
        current.used();
        try {
            pipeline.run(current.connection());
            return true;
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, current.connection());
            List<Delivery> unwritten =
                    mode.isTransacted() ? List.of() : held.acknowledged().all();
            abandon(e);
            shared.database.statementFailed(e, broken);
            if (!leases.isEmpty()) {
                shared.claims.leases().inDoubt(leases);
            }
            if (!unwritten.isEmpty() && (broken || !mode.endsAtAcknowledgeAll())) {
                shared.claims.pendingAcks().settle(unwritten);
            }
            if (!broken || !acknowledges) {
                throw e;
            }
            LOG.debug("The connection broke while acknowledging", e);
            return false;
        }
    }

    /**
     * Writes what is acknowledged, leases what is handed over and locked (but in TRANSACTED), commits, and gives the
     * connection back.
     *
     * @param relaxed whether the commit need not wait for the disk
     */
    void end(boolean relaxed) throws SQLException {
        Transaction current = transaction;
        if (current == null || !current.isOpen()) {
            return;
        }
        Pipeline pipeline = new Pipeline();
        addAcknowledge(pipeline, relaxed);
        List<Delivery> keep = mode.isTransacted() ? List.of() : held.handed().locked();
        if (!keep.isEmpty()) {
            shared.claims.leases().add(pipeline, keep);
        }
        pipeline.add(Statements.COMMIT);
        if (run(pipeline, !held.acknowledged().isEmpty(), keep)) {
            shared.claims.leases().taken(keep);
            settled();
            close();
        }
    }

    /** Ends a transaction that holds nothing for the application, and gives the connection back. */
    void endIfIdle() throws SQLException {
        Transaction current = transaction;
        if (held.unseen().isEmpty() && !held.handed().hasLocked() && (current == null || !current.hasWork())) {
            end(false);
            current = transaction;
            if (current != null && !current.isOpen()) {
                close();
            }
        }
    }

    /** Lets go what is unseen and ends the transaction. */
    void convert() throws SQLException {
        held.unseen().drop();
        end(shared.options.receiving().asyncAck());
    }

    /** Adds the statement that writes what is acknowledged, if there is something. */
    void addAcknowledge(Pipeline pipeline, boolean relaxed) {
        held.acknowledged().addTo(pipeline, relaxed, transaction);
    }

    /**
     * Whether the server may have ended the transaction because this process did nothing for so long: it was frozen. What is
     * claimed and unseen is then not handed over without asking.
     */
    boolean isStale() {
        Transaction current = transaction;
        long limit = mode.isTransacted()
                ? shared.options.receiving().transactionTimeout().toMillis()
                : mode.idleMillis(shared.options);
        return current != null && current.isOpen() && limit > 0 && current.idleMillis() > limit / 2;
    }

    /** What was acknowledged is written. */
    void settled() {
        held.acknowledged().written();
    }

    /** The transaction has ended, or never begun: gives the connection back. */
    void close() {
        Transaction current = transaction;
        transaction = null;
        held.unseen().drop();
        if (current != null) {
            shared.openWindows.closed(window);
            current.close();
            shared.claims.signatures().free(current.takeSignatures());
            releasedGroups(current);
            tellFreed();
        }
    }

    /** Whether the application has begun to use the transaction, so that only it may commit it (§6.2.7). */
    boolean isApplications() {
        Transaction current = transaction;
        return mode.isTransacted() && (!held.handed().isEmpty() || (current != null && current.hasWork()));
    }

    /** The transaction failed or its connection broke: nothing is held any more. */
    void abandon(SQLException cause) {
        boolean applications = isApplications();
        Transaction current = transaction;
        transaction = null;
        held.unseen().drop();
        held.acknowledged().lose();
        held.handed().lose();
        if (applications) {
            doomed = cause;
        }
        if (mode.isTransacted()) {
            held.handed().clear();
        }
        if (current != null) {
            shared.openWindows.closed(window);
            current.abandon();
            shared.claims.signatures().used(current.takeSignatures());
            releasedGroups(current);
            tellFreed();
        }
    }

    /** TRANSACTED: why the application's transaction was rolled back without its knowing yet, or null. */
    @Nullable
    SQLException doomed() {
        return doomed;
    }

    /** The application hears of the failure now, or does not care. */
    void forgetDoom() {
        doomed = null;
    }

    /** The transaction is over: others may go on with the groups that it held. */
    void releasedGroups(Transaction ended) {
        ended.releasedGroups().forEach(shared.wakeups::groupsReleased);
    }

    /** Lets others have what was let go unseen. */
    void tellFreed() {
        held.unseen().takeFreed().forEach((name, rows) -> {
            if (rows.elsewhere()) {
                shared.wakeups.announce(name, 0, 1);
            } else {
                shared.wakeups.freed(name, rows.logged(), rows.unlogged());
            }
        });
    }
}
