package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Texts;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Those who ask and wait for the answer on a temporary queue of their own, one request after the other.
 *
 * @param place where the requests go
 * @param requesters how many, each with a connection of its own
 * @param bytes of each request and reply
 * @param limit when they end
 */
record Requesting(Place place, int requesters, int bytes, Limit limit) implements Part.Plan {

    private static final long PATIENCE_MILLIS = 20_000;

    @Override
    public Part open(Provider provider, ConnectionFactory factory, long run) throws Exception {
        Running part = new Running(run);
        for (int i = 0; i < requesters; i++) {
            part.open(factory.createConnection());
        }
        return part;
    }

    private final class Running implements Part {
        private final long run;
        private final List<One> all = new ArrayList<>();
        private final Workers workers = new Workers();
        private final String padding = Texts.of(bytes);
        private long began;
        private long ended;

        private Running(long run) {
            this.run = run;
        }

        private void open(Connection connection) throws JMSException {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            TemporaryQueue replies = session.createTemporaryQueue();
            all.add(new One(
                    all.size(),
                    connection,
                    session,
                    replies,
                    session.createProducer(place.destination(session, 0)),
                    session.createConsumer(replies)));
            connection.start();
        }

        @Override
        public void go() {
            began = Micros.now();
            all.forEach(one -> workers.start(one::loop));
        }

        @Override
        public void await(long expected) throws Exception {
            workers.join();
            ended = Micros.now();
        }

        @Override
        public Outcome outcome() {
            Ledger ledger = Ledger.ordered(1, true);
            Micros micros = new Micros();
            List<Long> sent = new ArrayList<>();
            for (One one : all) {
                sent.add((long) one.sent);
                ledger.addAll(one.ledger);
                micros.addAll(one.micros);
            }
            return new Outcome(began, ended, sent, List.of(ledger), micros, List.of());
        }

        @Override
        public void close() throws Exception {
            workers.close();
            for (One one : all) {
                one.connection.close();
            }
        }

        /** One requester, on its own thread. */
        private final class One {
            private final int index;
            private final Connection connection;
            private final Session session;
            private final TemporaryQueue replies;
            private final MessageProducer producer;
            private final MessageConsumer consumer;
            private final Ledger ledger = Ledger.ordered(1, true);
            private final Micros micros = new Micros();
            private int sent;

            private One(
                    int index,
                    Connection connection,
                    Session session,
                    TemporaryQueue replies,
                    MessageProducer producer,
                    MessageConsumer consumer) {
                this.index = index;
                this.connection = connection;
                this.session = session;
                this.replies = replies;
                this.producer = producer;
                this.consumer = consumer;
            }

            private Void loop() throws JMSException {
                long end = limit.end();
                while (System.nanoTime() < end && sent < limit.each(requesters)) {
                    Stamp stamp = new Stamp(run, index, sent, Micros.now());
                    Message request = session.createTextMessage(stamp.text(padding));
                    request.setJMSReplyTo(replies);
                    request.setJMSCorrelationID(index + "-" + sent);
                    sent++;
                    producer.send(request);
                    if (consumer.receive(PATIENCE_MILLIS) instanceof TextMessage reply
                            && request.getJMSCorrelationID().equals(reply.getJMSCorrelationID())) {
                        ledger.add(Stamp.of(reply.getText()));
                        micros.add(Micros.now() - stamp.micros());
                    } // else it counts as lost
                }
                return null;
            }
        }
    }
}
