package io.sqlmq.jms.internal.xa;

import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A session's access to the resource manager, for a transaction manager. It works in one branch at a time. Branches do
 * not end with the session: whichever resource of the same factory and role is at hand can end them.
 */
final class SqlmqXaResource implements XAResource {
    private final XaBranches branches;
    private final Runnable beforeStart;
    private volatile @Nullable XaBranch current;
    private volatile int timeoutSeconds;

    /**
     * The resource of a session.
     *
     * @param beforeStart lets go what the session has claimed outside of branches
     */
    SqlmqXaResource(XaBranches branches, Runnable beforeStart) {
        this.branches = branches;
        this.beforeStart = beforeStart;
    }

    /** The branch in which the session works now, or null. */
    @Nullable
    XaBranch current() {
        return current;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        BranchId id = BranchId.of(xid);
        XaBranch before = current;
        if (before != null) {
            throw XaErrors.of(
                    XAException.XAER_PROTO,
                    "This session works in the branch " + before.id + ". Suspend that or end it first.");
        }
        beforeStart.run();
        current = branches.start(id, flags, this, TimeUnit.SECONDS.toMillis(timeoutSeconds));
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        BranchId id = BranchId.of(xid);
        XaBranch own = current;
        branches.end(id, flags, this, own);
    }

    /** This resource does not work in a branch any more. */
    void left(XaBranch branch) {
        if (current == branch) {
            current = null;
        }
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return branches.prepare(BranchId.of(xid));
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        branches.commit(BranchId.of(xid), onePhase);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        branches.rollback(BranchId.of(xid));
    }

    @Override
    public void forget(Xid xid) throws XAException {
        branches.forget(BranchId.of(xid));
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        return branches.recover(flags);
    }

    /**
     * True for all resources of the same factory and role: a branch begun by one can be joined by the others. Those of
     * another factory are another resource manager, also on the same database: a branch is a database connection and what
     * its factory's consumers know, which the other has no part in.
     */
    @Override
    public boolean isSameRM(@Nullable XAResource other) {
        return other instanceof SqlmqXaResource resource && resource.branches == branches;
    }

    @Override
    public int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /** For the branches that this resource begins from now on; 0, the default: none. */
    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) {
            throw XaErrors.of(XAException.XAER_INVAL, "A time-out cannot be negative: " + seconds);
        }
        timeoutSeconds = seconds;
        return true;
    }
}
