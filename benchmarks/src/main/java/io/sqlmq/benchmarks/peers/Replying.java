package io.sqlmq.benchmarks.peers;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Listeners that send each request's text back to where it asks for the reply.
 *
 * @param place where the requests come
 * @param repliers how many, each with a connection of its own
 */
record Replying(Place place, int repliers) implements Part.Plan {

    @Override
    public Part open(Provider provider, ConnectionFactory factory, long run) throws Exception {
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < repliers; i++) {
            Connection connection = factory.createConnection();
            connections.add(connection);
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(null);
            session.createConsumer(place.destination(session, 0))
                    .setMessageListener(request -> reply(session, producer, request));
        }
        return new Running(connections);
    }

    private static void reply(Session session, MessageProducer producer, Message request) {
        try {
            TextMessage reply = session.createTextMessage(((TextMessage) request).getText());
            reply.setJMSCorrelationID(request.getJMSCorrelationID());
            producer.send(request.getJMSReplyTo(), reply);
        } catch (JMSException e) {
            throw new IllegalStateException("A request cannot be answered", e);
        }
    }

    private record Running(List<Connection> connections) implements Part {

        @Override
        public void go() throws JMSException {
            for (Connection connection : connections) {
                connection.start();
            }
        }

        @Override
        public void await(long expected) {
            // The requesters know when they are done, and what they got.
        }

        @Override
        public Outcome outcome() {
            return new Outcome(0, 0, List.of(), List.of(), new Micros(), List.of());
        }

        @Override
        public void close() throws JMSException {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }
}
