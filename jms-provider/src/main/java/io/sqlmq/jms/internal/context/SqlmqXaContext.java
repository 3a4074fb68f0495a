package io.sqlmq.jms.internal.context;

import io.sqlmq.jms.internal.errors.Unchecked;
import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import javax.transaction.xa.XAResource;

/** The simplified API over an XA connection and an XA session of the classic one (§11.3.4). */
public final class SqlmqXaContext extends SqlmqContext implements XAJMSContext {

    /** A context that owns {@code connection}. */
    public SqlmqXaContext(XAConnection connection) {
        super(connection, SESSION_TRANSACTED);
    }

    @Override
    Session newSession(Connection connection) throws JMSException {
        return ((XAConnection) connection).createXASession();
    }

    @Override
    public JMSContext getContext() {
        Unchecked.run(this::checkOpen);
        return this;
    }

    /** Makes the session if there is none yet. */
    @Override
    public XAResource getXAResource() {
        return Unchecked.call(() -> ((XASession) session()).getXAResource());
    }
}
