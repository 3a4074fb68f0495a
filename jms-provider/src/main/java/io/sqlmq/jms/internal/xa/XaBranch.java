package io.sqlmq.jms.internal.xa;

import io.sqlmq.engine.xa.Branch;
import io.sqlmq.jms.internal.mode.GuardedConnection;
import jakarta.jms.TransactionRolledBackException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/** A transaction branch and who works in it. Guarded by its {@link XaBranches}, but for the connection. */
final class XaBranch {
    enum Phase {
        /** Work is done in it, or may be. */
        ACTIVE,
        /** One thread is ending it. */
        ENDING,
        /** It waits for commit or rollback. */
        PREPARED,
        ENDED
    }

    final BranchId id;
    final Branch work;
    final Set<SqlmqXaResource> active = Collections.newSetFromMap(new IdentityHashMap<>());
    final Set<SqlmqXaResource> suspended = Collections.newSetFromMap(new IdentityHashMap<>());
    Phase phase = Phase.ACTIVE;
    boolean rollbackOnly;
    private volatile @Nullable GuardedConnection guarded;

    XaBranch(BranchId id, Branch work) {
        this.id = id;
        this.work = work;
    }

    /** Whether nothing can come of it any more but a rollback. */
    boolean isLost() {
        return rollbackOnly || work.undone() != null;
    }

    XAException lost() {
        return XaErrors.rolledBack(work, work.undone());
    }

    /** Refuses to work in a branch that was rolled back under the session's hands. */
    void checkUsable() throws TransactionRolledBackException {
        SQLException undone = work.undone();
        if (undone != null) {
            throw new TransactionRolledBackException(
                    "The global transaction in which this session works was rolled back"
                            + (work.isTimedOut() ? " because its time was over" : ": " + undone.getMessage())
                            + ". End it and begin another.",
                    "ROLLED_BACK",
                    undone);
        }
    }

    /** The connection for the application's own SQL; the handle dies with the branch. */
    synchronized Connection connection() throws SQLException {
        GuardedConnection handle = guarded;
        if (handle == null) {
            handle = new GuardedConnection(work.connection());
            guarded = handle;
        }
        return handle.proxy();
    }

    /** Does not wait for a statement on its way. */
    void endConnection() {
        GuardedConnection handle = guarded;
        if (handle != null) {
            handle.end();
        }
    }
}
