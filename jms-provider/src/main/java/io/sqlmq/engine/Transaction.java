package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One database transaction of a {@link Window} and the connection it runs on. Guarded by the window. */
final class Transaction {

    private final Connection connection;
    private final List<NewMessage> written = new ArrayList<>();
    private volatile boolean open;
    private volatile long openedAt;
    private boolean shared;
    private boolean savepoint;
    private boolean claimSavepoint;
    private boolean nailed;

    Transaction(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    boolean isOpen() {
        return open;
    }

    /**
     * BEGIN has been run.
     *
     * @param withNails and {@link ReadySql#nail}
     */
    void opened(boolean withNails) {
        open = true;
        nailed = withNails;
        openedAt = System.nanoTime();
    }

    /** Committed, and BEGIN has been run again. */
    void reopened(boolean withNails) {
        written.clear();
        claimSavepoint = false;
        opened(withNails);
    }

    /** Whether plans of plain statements can be relied on. */
    boolean isNailed() {
        return nailed;
    }

    void loosen() {
        nailed = false;
    }

    /** Nanoseconds since BEGIN. */
    long age() {
        return System.nanoTime() - openedAt;
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

    void wrote(List<NewMessage> messages) {
        written.addAll(messages);
    }

    /** There is more in it than claims. */
    boolean hasWork() {
        return shared || !written.isEmpty();
    }

    /** Marks the place that a rollback returns to: what was claimed before stays locked. */
    void addSavepoint(Pipeline pipeline) {
        if (!savepoint) {
            savepoint = true;
            pipeline.add(Sql.SAVEPOINT);
        }
    }

    boolean hasSavepoint() {
        return savepoint;
    }

    void addRollback(Pipeline pipeline) {
        pipeline.add(Sql.ROLLBACK_TO_SAVEPOINT);
    }

    void addClaimSavepoint(Pipeline pipeline) {
        if (claimSavepoint) {
            pipeline.add(Sql.RELEASE_CLAIM_SAVEPOINT);
        }
        claimSavepoint = true;
        pipeline.add(Sql.CLAIM_SAVEPOINT);
    }

    void addRollbackToClaim(Pipeline pipeline) {
        claimSavepoint = false;
        pipeline.add(Sql.ROLLBACK_TO_CLAIM_SAVEPOINT).add(Sql.RELEASE_CLAIM_SAVEPOINT);
    }

    void close() {
        Failures.close(connection);
    }

    void abandon() {
        Failures.rollBackAndClose(connection);
    }
}
