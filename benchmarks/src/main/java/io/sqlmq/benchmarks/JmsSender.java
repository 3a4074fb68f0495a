package io.sqlmq.benchmarks;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;

/** Sends through JMS: each message on its own (not transacted), or so many in a transaction. */
final class JmsSender implements Worker {

    private final Session session;
    private final MessageProducer producer;
    private final String body;
    private final int perCommit;

    JmsSender(Connection connection, String queue, String body, int perCommit) throws JMSException {
        this.session = perCommit == 1
                ? connection.createSession(false, Session.AUTO_ACKNOWLEDGE)
                : connection.createSession(true, Session.SESSION_TRANSACTED);
        this.producer = session.createProducer(session.createQueue(queue));
        this.body = body;
        this.perCommit = perCommit;
    }

    @Override
    public void move(int messages) throws JMSException {
        for (int sent = 1; sent <= messages; sent++) {
            producer.send(session.createTextMessage(body));
            if (perCommit > 1 && (sent % perCommit == 0 || sent == messages)) {
                session.commit();
            }
        }
    }

    @Override
    public void close() throws JMSException {
        session.close();
    }
}
