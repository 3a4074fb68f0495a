package io.sqlmq.benchmarks;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;

/** Receives through JMS with receive(): in AUTO_ACKNOWLEDGE, or so many in a transaction. */
final class JmsReceiver implements Worker {

    /** Not transacted. */
    static final int AUTO = 0;

    private static final long PATIENCE_MILLIS = 60_000;

    private final Session session;
    private final MessageConsumer consumer;
    private final int perCommit;

    /** Opens the consumer of a session. */
    @FunctionalInterface
    interface Consumers {
        MessageConsumer open(Session session) throws JMSException;
    }

    JmsReceiver(Connection connection, String queue, int perCommit) throws JMSException {
        this(connection, perCommit, session -> session.createConsumer(session.createQueue(queue)));
    }

    JmsReceiver(Connection connection, int perCommit, Consumers consumers) throws JMSException {
        this.session = perCommit == AUTO
                ? connection.createSession(false, Session.AUTO_ACKNOWLEDGE)
                : connection.createSession(true, Session.SESSION_TRANSACTED);
        this.consumer = consumers.open(session);
        this.perCommit = perCommit;
    }

    @Override
    public void move(int messages) throws JMSException {
        for (int received = 1; received <= messages; received++) {
            if (!(consumer.receive(PATIENCE_MILLIS) instanceof TextMessage message)) {
                throw new IllegalStateException(
                        "No message within " + PATIENCE_MILLIS + " ms after " + (received - 1) + " of " + messages);
            }
            if (message.getText() == null) {
                throw new IllegalStateException("A message without a body");
            }
            if (perCommit != AUTO && (received % perCommit == 0 || received == messages)) {
                session.commit();
            }
        }
    }

    @Override
    public void close() throws JMSException {
        session.close();
    }
}
