package io.sqlmq.jms.internal.xa;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.OutcomeUnknownException;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.xa.XaBranch.Phase;
import jakarta.jms.JMSException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resource manager (XA): the transaction branches of one engine, that is of one factory and role, for the sessions of
 * all its connections. Thread-safe; {@code this} guards the branches and is not held while the database is asked.
 */
public final class XaBranches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(XaBranches.class);

    private final Engine engine;
    private final Map<BranchId, XaBranch> branches = new HashMap<>();
    private volatile boolean allowed;
    private boolean closed;

    public XaBranches(Engine engine) {
        this.engine = engine;
    }

    /** Refuses when the server allows no prepared transactions. */
    public void requirePreparedTransactions() throws JMSException {
        if (allowed) {
            return;
        }
        if (ExceptionTranslation.call(
                        "Connecting", () -> engine.preparedBranches().limit())
                == 0) {
            throw new JMSException(
                    "Global transactions (XA) need prepared transactions, which the server does not allow: its setting"
                            + " max_prepared_transactions is 0. Set it to at least the number of global transactions"
                            + " at a time, and restart the server.",
                    "MAX_PREPARED_TRANSACTIONS");
        }
        allowed = true;
    }

    // ---- who works in which branch

    /** A resource begins to work in a new branch, joins one, or resumes; see {@link XAResource#start}. */
    synchronized XaBranch start(BranchId id, int flags, SqlmqXaResource resource, long timeoutMillis)
            throws XAException {
        if (closed) {
            throw XaErrors.of(XAException.XAER_RMFAIL, "The connection factory is closed.");
        }
        return switch (flags) {
            case XAResource.TMNOFLAGS -> begin(id, resource, timeoutMillis);
            case XAResource.TMJOIN -> join(workable(id), resource);
            case XAResource.TMRESUME -> resume(workable(id), resource);
            default ->
                throw XaErrors.of(
                        XAException.XAER_INVAL, "start() knows TMNOFLAGS, TMJOIN and TMRESUME, not " + flags + ".");
        };
    }

    private XaBranch begin(BranchId id, SqlmqXaResource resource, long timeoutMillis) throws XAException {
        if (branches.containsKey(id)) {
            throw XaErrors.of(XAException.XAER_DUPID, "The branch " + id + " exists. Use TMJOIN to join it.");
        }
        XaBranch branch = new XaBranch(id, engine.branch(id.text()));
        branches.put(id, branch);
        branch.active.add(resource);
        if (timeoutMillis > 0) {
            branch.work.expireAfter(timeoutMillis);
        }
        return branch;
    }

    private XaBranch workable(BranchId id) throws XAException {
        XaBranch branch = known(id);
        if (branch.phase != Phase.ACTIVE) {
            throw XaErrors.of(XAException.XAER_PROTO, "The branch " + id + " is prepared or being ended.");
        }
        if (branch.isLost()) {
            throw branch.lost();
        }
        return branch;
    }

    private static XaBranch join(XaBranch branch, SqlmqXaResource resource) {
        branch.active.add(resource);
        return branch;
    }

    private static XaBranch resume(XaBranch branch, SqlmqXaResource resource) throws XAException {
        if (!leave(branch.suspended, resource)) {
            throw XaErrors.of(XAException.XAER_PROTO, "The branch " + branch.id + " is not suspended.");
        }
        branch.active.add(resource);
        return branch;
    }

    /** Also another resource of this resource manager may go on where one was suspended. */
    private static boolean leave(Set<SqlmqXaResource> suspended, SqlmqXaResource resource) {
        if (suspended.remove(resource)) {
            return true;
        }
        return !suspended.isEmpty() && suspended.remove(suspended.iterator().next());
    }

    /**
     * A resource suspends its work in a branch or ends it; see {@link XAResource#end}.
     *
     * @param own the branch in which the resource works, or null
     */
    synchronized void end(BranchId id, int flags, SqlmqXaResource resource, @Nullable XaBranch own) throws XAException {
        if (flags != XAResource.TMSUCCESS && flags != XAResource.TMFAIL && flags != XAResource.TMSUSPEND) {
            throw XaErrors.of(
                    XAException.XAER_INVAL, "end() knows TMSUCCESS, TMFAIL and TMSUSPEND, not " + flags + ".");
        }
        XaBranch branch = own != null && own.id.equals(id) ? own : known(id);
        boolean wasActive = branch.active.remove(resource);
        if (wasActive) {
            resource.left(branch);
        }
        if (!wasActive && (flags == XAResource.TMSUSPEND || !leave(branch.suspended, resource))) {
            throw XaErrors.of(XAException.XAER_PROTO, "Nothing is done in the branch " + id + " that could be ended.");
        }
        if (flags == XAResource.TMFAIL) {
            branch.rollbackOnly = true;
        }
        if (branch.phase == Phase.ENDED) {
            throw branch.lost(); // it was rolled back meanwhile
        }
        if (flags == XAResource.TMSUSPEND) {
            branch.suspended.add(resource);
        }
        if (branch.work.undone() != null && flags != XAResource.TMFAIL) {
            throw branch.lost();
        }
    }

    // ---- how branches end

    /** See {@link XAResource#prepare}. */
    int prepare(BranchId id) throws XAException {
        XaBranch branch = take(id);
        try {
            if (branch.isLost()) {
                throw discard(branch);
            }
            if (branch.work.prepare()) {
                back(branch, Phase.PREPARED);
                return XAResource.XA_OK;
            }
            forget(branch);
            return XAResource.XA_RDONLY;
        } catch (SQLException e) {
            if (branch.work.isUnsure()) {
                back(branch, Phase.PREPARED);
                throw XaErrors.unfinished("Preparing", e);
            }
            forget(branch);
            throw XaErrors.rolledBack(branch.work, e);
        }
    }

    /** See {@link XAResource#commit}. */
    void commit(BranchId id, boolean onePhase) throws XAException {
        XaBranch branch = find(id);
        if (onePhase) {
            commitOnePhase(id);
        } else if (branch == null) {
            commitUnknown(id);
        } else {
            commitPrepared(branch);
        }
    }

    private void commitOnePhase(BranchId id) throws XAException {
        XaBranch branch = take(id);
        try {
            if (branch.isLost()) {
                throw discard(branch);
            }
            branch.work.commit();
        } catch (OutcomeUnknownException e) {
            throw XaErrors.unfinished("Committing", e);
        } catch (SQLException e) {
            throw XaErrors.rolledBack(branch.work, e);
        } finally {
            forget(branch);
        }
    }

    private void commitPrepared(XaBranch branch) throws XAException {
        takePrepared(branch);
        boolean done;
        try {
            done = branch.work.commitPrepared();
        } catch (SQLException e) {
            back(branch, Phase.PREPARED);
            throw XaErrors.unfinished("Committing", e);
        }
        forget(branch);
        if (!done) {
            throw XaErrors.unknown(branch.id);
        }
    }

    private void commitUnknown(BranchId id) throws XAException {
        try {
            if (!engine.preparedBranches().commit(id.text())) {
                throw XaErrors.unknown(id);
            }
        } catch (SQLException e) {
            throw XaErrors.unfinished("Committing", e);
        }
    }

    /** See {@link XAResource#rollback}. Also while work is done in the branch, because time-outs come at any time. */
    void rollback(BranchId id) throws XAException {
        XaBranch branch = find(id);
        if (branch == null) {
            rollbackUnknown(id);
            return;
        }
        Phase before = takeAny(branch);
        boolean done;
        try {
            done = branch.work.rollback();
        } catch (SQLException e) {
            back(branch, before);
            throw XaErrors.unfinished("Rolling back", e);
        }
        forget(branch);
        if (!done) {
            throw XaErrors.unknown(id);
        }
    }

    private void rollbackUnknown(BranchId id) throws XAException {
        try {
            if (!engine.preparedBranches().rollback(id.text())) {
                throw XaErrors.unknown(id);
            }
        } catch (SQLException e) {
            throw XaErrors.unfinished("Rolling back", e);
        }
    }

    /** See {@link XAResource#forget}: nothing is ever ended heuristically, so that there is nothing to forget. */
    void forget(BranchId id) throws XAException {
        if (find(id) != null) {
            throw XaErrors.of(
                    XAException.XAER_PROTO, "The branch " + id + " has not ended. Commit it or roll it back.");
        }
        throw XaErrors.unknown(id);
    }

    /** See {@link XAResource#recover}: the branches in the database that are prepared, by whichever process. */
    Xid[] recover(int flags) throws XAException {
        if ((flags & ~(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) != 0) {
            throw XaErrors.of(
                    XAException.XAER_INVAL, "recover() knows TMSTARTRSCAN, TMENDRSCAN and TMNOFLAGS, not " + flags);
        }
        if ((flags & XAResource.TMSTARTRSCAN) == 0) {
            return new Xid[0]; // the scan's first call returns all
        }
        try {
            return engine.preparedBranches().names().stream()
                    .map(BranchId::parse)
                    .filter(Objects::nonNull)
                    .toArray(Xid[]::new);
        } catch (SQLException e) {
            throw XaErrors.unfinished("Looking for prepared branches", e);
        }
    }

    // ---- their phases

    private synchronized @Nullable XaBranch find(BranchId id) {
        return branches.get(id);
    }

    private synchronized XaBranch known(BranchId id) throws XAException {
        XaBranch branch = branches.get(id);
        if (branch == null) {
            throw XaErrors.unknown(id);
        }
        return branch;
    }

    /** Takes a branch whose work is done, to end it. */
    private synchronized XaBranch take(BranchId id) throws XAException {
        XaBranch branch = known(id);
        if (branch.phase != Phase.ACTIVE) {
            throw XaErrors.of(XAException.XAER_PROTO, "The branch " + id + " is prepared or being ended already.");
        }
        if (!branch.active.isEmpty() || !branch.suspended.isEmpty()) {
            throw XaErrors.of(
                    XAException.XAER_PROTO, "Work in the branch " + id + " has not been ended. Call end() first.");
        }
        return taken(branch);
    }

    private synchronized void takePrepared(XaBranch branch) throws XAException {
        if (branch.phase != Phase.PREPARED) {
            throw XaErrors.of(
                    XAException.XAER_PROTO,
                    "The branch " + branch.id + " is not prepared. Prepare it, or commit it in one phase.");
        }
        taken(branch);
    }

    private synchronized Phase takeAny(XaBranch branch) throws XAException {
        Phase before = branch.phase;
        if (before == Phase.ENDING || before == Phase.ENDED) {
            throw XaErrors.of(XAException.XAER_PROTO, "The branch " + branch.id + " is being ended already.");
        }
        taken(branch);
        return before;
    }

    private static XaBranch taken(XaBranch branch) {
        branch.phase = Phase.ENDING;
        branch.endConnection();
        return branch;
    }

    private synchronized void back(XaBranch branch, Phase phase) {
        branch.phase = phase;
    }

    private synchronized void forget(XaBranch branch) {
        branch.phase = Phase.ENDED;
        branches.remove(branch.id, branch);
    }

    /** Rolls back what cannot be committed any more; returns what to tell. */
    private XAException discard(XaBranch branch) {
        XAException lost = branch.lost();
        rollBackQuietly(branch);
        forget(branch);
        return lost;
    }

    private static void rollBackQuietly(XaBranch branch) {
        try {
            branch.work.rollback();
        } catch (SQLException e) {
            log.debug("The server rolls the branch {} back when it notices that its connection is gone", branch.id, e);
        }
    }

    /** Rolls back the branches that are not prepared. Idempotent. */
    @Override
    public void close() {
        List<XaBranch> open;
        synchronized (this) {
            closed = true;
            open = new ArrayList<>(branches.values());
            branches.clear();
            open.removeIf(branch -> branch.phase != Phase.ACTIVE);
            open.forEach(branch -> branch.phase = Phase.ENDED);
        }
        open.forEach(XaBranches::rollBackQuietly);
    }
}
