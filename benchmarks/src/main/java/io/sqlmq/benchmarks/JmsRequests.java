package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;

/** Those who ask and wait for the reply on a temporary queue of their own, and listeners that reply. */
final class JmsRequests implements Side {

    private static final long PATIENCE_MILLIS = 60_000;

    private final SqlmqConnectionFactory factory;
    private final Connection connection;
    private final Crew crew;

    JmsRequests(Tables tables, String body, int threads) throws Exception {
        factory = tables.factory("");
        try {
            connection = factory.createConnection();
            for (int i = 0; i < threads; i++) {
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageProducer replies = session.createProducer(null);
                session.createConsumer(session.createQueue(Bench.QUEUE))
                        .setMessageListener(request -> reply(session, replies, request));
            }
            crew = Crew.of(threads, () -> new Asking(connection, body));
        } catch (Exception e) {
            factory.close();
            throw e;
        }
    }

    private static void reply(Session session, MessageProducer replies, Message request) {
        try {
            replies.send(request.getJMSReplyTo(), session.createTextMessage(request.getBody(String.class)));
        } catch (JMSException e) {
            throw new IllegalStateException("A request cannot be answered", e);
        }
    }

    private static final class Asking implements Worker {
        private final Session session;
        private final TemporaryQueue mine;
        private final MessageProducer requests;
        private final MessageConsumer replies;
        private final String body;

        Asking(Connection connection, String body) throws JMSException {
            this.session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            this.mine = session.createTemporaryQueue();
            this.requests = session.createProducer(session.createQueue(Bench.QUEUE));
            this.replies = session.createConsumer(mine);
            this.body = body;
        }

        @Override
        public void move(int messages) throws JMSException {
            for (int i = 0; i < messages; i++) {
                TextMessage request = session.createTextMessage(body);
                request.setJMSReplyTo(mine);
                requests.send(request);
                if (!(replies.receive(PATIENCE_MILLIS) instanceof TextMessage reply) || reply.getText() == null) {
                    throw new IllegalStateException("No reply came");
                }
            }
        }

        @Override
        public void close() throws JMSException {
            session.close();
        }
    }

    @Override
    public void run(int messages) throws Exception {
        connection.start();
        crew.run(messages);
        connection.stop(); // the last requests are acknowledged
    }

    @Override
    public void close() throws Exception {
        try {
            crew.close();
        } finally {
            factory.close();
        }
    }
}
