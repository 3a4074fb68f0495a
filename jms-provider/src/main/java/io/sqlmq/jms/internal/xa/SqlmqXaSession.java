package io.sqlmq.jms.internal.xa;

import io.sqlmq.jms.internal.client.Domain;
import io.sqlmq.jms.internal.client.SqlmqSession;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.mode.WindowMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TopicSession;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XATopicSession;
import javax.transaction.xa.XAResource;

/**
 * A session for a transaction manager (§11.3.3). Between {@code start} and {@code end} of its {@link XAResource} what it
 * sends and receives belongs to the transaction branch; otherwise it is sent at once and acknowledged automatically. The
 * messages of its consumers' listeners are never part of a branch.
 */
final class SqlmqXaSession extends SqlmqSession implements XAQueueSession, XATopicSession {
    private final SqlmqXaResource resource;

    SqlmqXaSession(SqlmqXaConnection connection, WindowMode outside, Domain domain, XaBranches branches) {
        super(connection, outside, domain);
        this.resource = new SqlmqXaResource(branches, outside::release);
    }

    @Override
    public SessionMode modeForOperation() throws JMSException {
        XaBranch branch = resource.current();
        if (branch == null) {
            return super.modeForOperation();
        }
        branch.checkUsable();
        makeCurrent();
        return new BranchMode(branch);
    }

    @Override
    public boolean isTransacted() {
        return true;
    }

    /** Usable also when the session is closed, because transactions may end later. */
    @Override
    public XAResource getXAResource() {
        return resource;
    }

    @Override
    public Session getSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public QueueSession getQueueSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public TopicSession getTopicSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return SESSION_TRANSACTED;
    }

    @Override
    public void commit() throws JMSException {
        throw inProgress("commit");
    }

    @Override
    public void rollback() throws JMSException {
        throw inProgress("rollback");
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        throw new IllegalStateException(
                "recover() is not for transacted sessions, which XA sessions are. Roll the global transaction back"
                        + " instead.",
                "TRANSACTED");
    }

    @Override
    public void noteFailure(String error) {
        XaBranch branch = resource.current();
        if (branch == null) {
            super.noteFailure(error);
        } else {
            branch.work.noteFailure(error);
        }
    }

    private TransactionInProgressException inProgress(String method) throws IllegalStateException {
        checkOpen();
        return BranchMode.inProgress(method);
    }
}
