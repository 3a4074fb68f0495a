package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;

/** Durable subscriptions: what a further one costs the publisher, and consuming from one against consuming from a queue. */
final class Subscribing implements Scenario {

    private static final int SUBSCRIPTIONS = 10;
    private static final int MESSAGES = 20_000;
    private static final int BATCH = 100;
    private static final String MANY = "benchmark.many";
    private static final String ONE = "benchmark.one";
    /** With a digit at its end sixty characters. */
    private static final String NAME = "subscription.with.a.name.of.sixty.characters.and.no.more.no";

    @Override
    public String name() {
        return "subscriptions";
    }

    @Override
    public String description() {
        return "Messages of 4 KB to 10 durable subscriptions (names of 60 characters): WAL of the publisher for each further"
                + " one, against one subscription alone; and consuming from one of them, 100 a commit, against consuming the"
                + " same from a queue.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        empty(bench);
        String body = Texts.of(4096);
        int messages = bench.effort().messages(MESSAGES, BATCH);
        List<Measurement> fromSubscription = new ArrayList<>();
        List<Measurement> fromQueue = new ArrayList<>();
        double[] further = new double[bench.effort().rounds()];
        try (SqlmqConnectionFactory factory = bench.tables().factory("");
                Connection connection = factory.createConnection()) {
            connection.setClientID("benchmark");
            connection.start();
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            Topic many = session.createTopic(MANY);
            for (int i = 0; i < SUBSCRIPTIONS; i++) {
                session.createDurableConsumer(many, NAME + i).close();
            }
            Topic one = session.createTopic(ONE);
            session.createDurableConsumer(one, "one").close();
            try (Worker subscriber = new JmsReceiver(connection, BATCH, s -> s.createDurableConsumer(many, NAME + 0));
                    Worker receiver = new JmsReceiver(connection, Bench.QUEUE, BATCH)) {
                for (int i = -bench.effort().warmUps(); i < bench.effort().rounds(); i++) {
                    empty(bench);
                    Measurement toMany =
                            bench.measure(messages, publisher(session, session.createProducer(many), body));
                    Measurement subscribed = bench.measure(messages, side(subscriber));
                    empty(bench);
                    Measurement toOne = bench.measure(messages, publisher(session, session.createProducer(one), body));
                    empty(bench);
                    bench.tables().fill(Bench.QUEUE, messages, body);
                    Measurement queued = bench.measure(messages, side(receiver));
                    bench.requireCount(0);
                    if (i >= 0) {
                        further[i] = (toMany.walBytes() - toOne.walBytes()) / (SUBSCRIPTIONS - 1);
                        fromSubscription.add(subscribed);
                        fromQueue.add(queued);
                    }
                }
            }
            for (int i = 0; i < SUBSCRIPTIONS; i++) {
                session.unsubscribe(NAME + i);
            }
            session.unsubscribe("one");
        }
        double bytes = Quantile.of(further, 0.5);
        return List.of(
                new Finding(
                        name(),
                        "WAL for a further one, B",
                        Finding.number("%,.0f B", bytes),
                        "",
                        bytes,
                        Target.atMost(400),
                        ""),
                Finding.rate(
                        name(),
                        "subscription / queue",
                        new Comparison(fromSubscription, fromQueue),
                        Target.atLeast(0.8)));
    }

    private static void empty(Bench bench) throws Exception {
        bench.tables().empty();
        bench.tables().execute("TRUNCATE mq_payloads, mq_payloads_unlogged");
        bench.tables().execute("CHECKPOINT");
    }

    private static Side publisher(Session session, MessageProducer producer, String body) {
        return new Side() {
            @Override
            public void run(int messages) throws JMSException {
                for (int sent = 1; sent <= messages; sent++) {
                    producer.send(session.createTextMessage(body));
                    if (sent % BATCH == 0) {
                        session.commit();
                    }
                }
                producer.close();
            }

            @Override
            public void close() {
                // The session is the caller's.
            }
        };
    }

    /** A worker that its caller closes. */
    private static Side side(Worker worker) {
        return new Side() {
            @Override
            public void run(int messages) throws Exception {
                worker.move(messages);
            }

            @Override
            public void close() {
                // The caller does.
            }
        };
    }
}
