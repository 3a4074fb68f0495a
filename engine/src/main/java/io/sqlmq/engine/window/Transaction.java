package io.sqlmq.engine.window;

import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.PlannerPins;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.NewMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One database transaction of a {@link Window} and the connection it runs on. Guarded by the window. */
final class Transaction {

    private final Connection connection;
    private final Thread opener = Thread.currentThread();
    private final List<NewMessage> written = new ArrayList<>();
    private final Set<String> writers = new LinkedHashSet<>();
    private final Set<String> grouped = new LinkedHashSet<>();
    private final long takenAt = System.nanoTime();
    private volatile boolean open;
    private volatile long openedAt;
    private long usedNanos;
    private long usedMillis;
    private boolean shared;
    private boolean savepoint;
    private boolean claimSavepoint;
    private final boolean sessionPinned;
    private boolean pinned;
    private boolean relaxed;
    private final List<Long> apart = new ArrayList<>(0);
    private @Nullable Long signature;
    private @Nullable String id;

    /**
     * Nothing has begun yet.
     *
     * @param sessionPinned whether the planner is pinned for as long as the connection lives
     */
    Transaction(Connection connection, boolean sessionPinned) {
        this.connection = connection;
        this.sessionPinned = sessionPinned;
    }

    Connection connection() {
        return connection;
    }

    /** Whether it is the calling thread that has taken the connection. */
    boolean isOfThisThread() {
        return opener == Thread.currentThread();
    }

    boolean isOpen() {
        return open;
    }

    /**
     * BEGIN has been run, and what {@link #addPins} has added, if that was called.
     *
     * @param pinned whether plans of plain statements can be relied on
     * @param relaxed whether its commit does not wait for the disk
     */
    void opened(boolean pinned, boolean relaxed) {
        open = true;
        this.pinned = pinned;
        this.relaxed = relaxed;
        openedAt = System.nanoTime();
        if (usedNanos == 0) {
            used();
        }
    }

    /** A COMMIT is on its way, and what is added behind it belongs to the next transaction, which the application does not know yet. */
    void turns() {
        written.clear();
        writers.clear();
        id = null;
        shared = false;
        savepoint = false;
        claimSavepoint = false;
        pinned = false;
    }

    /** Committed, and BEGIN has been run again. */
    void reopened(boolean pinned, boolean relaxed) {
        used();
        opened(pinned, relaxed);
    }

    // Signatures

    /**
     * What the next claim is signed with.
     *
     * @param inSubtransaction whether it may be made in a subtransaction; whoever has signed does not sign again for those
     */
    @Nullable
    Long sign(boolean inSubtransaction, Signatures all) {
        if (!inSubtransaction && signature != null) {
            return signature;
        }
        Long taken = all.take();
        if (!inSubtransaction) {
            signature = taken;
        } else if (taken != null) {
            apart.add(taken);
        }
        return taken;
    }

    /** What subtransactions have signed with. */
    List<Long> takeSignaturesApart() {
        List<Long> taken = List.copyOf(apart);
        apart.clear();
        return taken;
    }

    /** What it has signed with; it has ended. */
    List<Long> takeSignatures() {
        if (signature != null) {
            apart.add(signature);
            signature = null;
        }
        return takeSignaturesApart();
    }

    // State

    /** Whether plans of plain statements can be relied on. */
    boolean isPlannerPinned() {
        return pinned;
    }

    /** Whether they can be relied on from its first statement on. */
    boolean isSessionPinned() {
        return sessionPinned;
    }

    /** Whether its commit does not wait for the disk, whatever it does. */
    boolean isRelaxed() {
        return relaxed;
    }

    /** A statement is sent. */
    void used() {
        usedNanos = System.nanoTime();
        usedMillis = System.currentTimeMillis();
    }

    /** Milliseconds since the last statement was sent, whether this machine was awake or not. */
    long idleMillis() {
        return Math.max((System.nanoTime() - usedNanos) / 1_000_000, System.currentTimeMillis() - usedMillis);
    }

    /** Nanoseconds since BEGIN. */
    long age() {
        return System.nanoTime() - openedAt;
    }

    /** Nanoseconds since the connection was taken. */
    long held() {
        return System.nanoTime() - takenAt;
    }

    /** The application has the connection. */
    boolean isShared() {
        return shared;
    }

    void share() throws SQLException {
        // The driver wants this for cursors and savepoints; no statement is sent, a transaction is open already.
        connection.setAutoCommit(false);
        shared = true;
    }

    /** Messages that were written before the commit. */
    List<NewMessage> written() {
        return written;
    }

    /** The (sub)transactions that wrote messages within this transaction. */
    Set<String> writers() {
        return writers;
    }

    void wrote(List<NewMessage> messages) {
        written.addAll(messages);
    }

    /** Its identifier, if that was asked for: then it must not end before its work is done. */
    @Nullable
    String id() {
        return id;
    }

    void identified(String xid) {
        id = xid;
    }

    /** It has claimed messages of groups, so that others have to wait for its end. */
    void holdsGroups(String channel) {
        grouped.add(channel);
    }

    /** It has ended: the channels where others may have waited for it. */
    List<String> releasedGroups() {
        List<String> channels = List.copyOf(grouped);
        grouped.clear();
        return channels;
    }

    /** There is more in it than claims. */
    boolean hasWork() {
        return shared || id != null || !written.isEmpty();
    }

    /** Marks the place that a rollback returns to: what was claimed before stays locked. */
    void addSavepoint(Pipeline pipeline) {
        if (!savepoint) {
            savepoint = true;
            pipeline.add(Statements.SAVEPOINT);
        }
    }

    /**
     * Adds what pins the planner for the transaction that the statement before begins, if it is not pinned for the session.
     *
     * @param mayBeShared whether {@link #unpinning} may have to undo it
     */
    void addPins(Pipeline pipeline, boolean mayBeShared) {
        if (!sessionPinned) {
            pipeline.query(mayBeShared ? PlannerPins.PIN_AND_REMEMBER : PlannerPins.PIN, p -> {}, rows -> {});
        }
    }

    /** The query that gives the planner back to the application. */
    String unpinning() {
        return sessionPinned ? PlannerPins.UNPIN_TRANSACTION : PlannerPins.UNPIN_REMEMBERED;
    }

    /**
     * Adds what the application's taking the connection needs, see {@link LocalTransaction#connection}.
     *
     * @param isPinned whether the planner is pinned until then
     */
    void addPreparedForSharing(Pipeline pipeline, boolean isPinned) {
        addSavepoint(pipeline);
        if (isPinned) {
            pipeline.query(unpinning(), p -> {}, rows -> {});
        }
        pinned = false;
    }

    boolean hasSavepoint() {
        return savepoint;
    }

    void addRollback(Pipeline pipeline) {
        pipeline.add(Statements.ROLLBACK_TO_SAVEPOINT);
    }

    void addClaimSavepoint(Pipeline pipeline) {
        if (claimSavepoint) {
            pipeline.add(Statements.RELEASE_CLAIM_SAVEPOINT);
        }
        claimSavepoint = true;
        pipeline.add(Statements.CLAIM_SAVEPOINT);
    }

    void addRollbackToClaim(Pipeline pipeline) {
        claimSavepoint = false;
        pipeline.add(Statements.ROLLBACK_TO_CLAIM_SAVEPOINT).add(Statements.RELEASE_CLAIM_SAVEPOINT);
    }

    void close() {
        Failures.close(connection);
    }

    void abandon() {
        Failures.rollBackAndClose(connection);
    }
}
