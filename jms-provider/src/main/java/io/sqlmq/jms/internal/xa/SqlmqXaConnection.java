package io.sqlmq.jms.internal.xa;

import io.sqlmq.engine.Engine;
import io.sqlmq.jms.internal.client.Domain;
import io.sqlmq.jms.internal.client.SharedByConnections;
import io.sqlmq.jms.internal.client.SqlmqConnection;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import jakarta.jms.JMSException;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XASession;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicSession;

/** A connection whose XA sessions take part in global transactions (§11.3.2); its other sessions are ordinary ones. */
public final class SqlmqXaConnection extends SqlmqConnection implements XAQueueConnection, XATopicConnection {
    private final Domain domain;
    private final XaBranches branches;

    /** As {@link SqlmqConnection#SqlmqConnection}. */
    public SqlmqXaConnection(
            Engine engine, ConnectionSettings settings, SharedByConnections shared, Domain domain, XaBranches branches)
            throws JMSException {
        super(engine, settings, shared, domain);
        this.domain = domain;
        this.branches = branches;
    }

    @Override
    public XASession createXASession() throws JMSException {
        return xaSession(Domain.COMMON);
    }

    @Override
    public XAQueueSession createXAQueueSession() throws JMSException {
        lifecycle().checkOpen();
        domain.requireQueues("createXAQueueSession");
        return xaSession(Domain.QUEUE);
    }

    @Override
    public XATopicSession createXATopicSession() throws JMSException {
        lifecycle().checkOpen();
        domain.requireTopics("createXATopicSession");
        return xaSession(Domain.TOPIC);
    }

    private SqlmqXaSession xaSession(Domain sessionDomain) throws JMSException {
        return opened(new SqlmqXaSession(this, automatic(), sessionDomain, branches));
    }
}
