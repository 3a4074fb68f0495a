package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import java.util.ArrayList;
import java.util.List;

/** A long queue against a short one, each in tables of its own. */
final class Backlog implements Scenario {

    private static final int LONG = 1_000_000;
    private static final int SHORT = 1_000;
    private static final int MESSAGES = 20_000;
    private static final int BATCH = 100;

    @Override
    public String name() {
        return "backlog";
    }

    @Override
    public String description() {
        return "Sending and receiving in batches of 100 (256 B) with 1,000,000 messages waiting in front, against 1,000."
                + " No checkpoint lies between filling and measuring: full-page images are part of neither.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        int waiting = bench.effort().messages(LONG, BATCH);
        try (Tables deep = bench.moreTables();
                Queue longQueue = new Queue(bench, deep, waiting);
                Queue shortQueue = new Queue(bench, bench.tables(), SHORT)) {
            List<Measurement> sentLong = new ArrayList<>();
            List<Measurement> sentShort = new ArrayList<>();
            List<Measurement> receivedLong = new ArrayList<>();
            List<Measurement> receivedShort = new ArrayList<>();
            int messages = bench.effort().messages(MESSAGES, BATCH);
            for (int i = -bench.effort().warmUps(); i < bench.effort().rounds(); i++) {
                Measurement sendLong = bench.measure(messages, longQueue.sending);
                Measurement sendShort = bench.measure(messages, shortQueue.sending);
                Measurement receiveLong = bench.measure(messages, longQueue.receiving);
                Measurement receiveShort = bench.measure(messages, shortQueue.receiving);
                if (i >= 0) {
                    sentLong.add(sendLong);
                    sentShort.add(sendShort);
                    receivedLong.add(receiveLong);
                    receivedShort.add(receiveShort);
                }
            }
            longQueue.check();
            shortQueue.check();
            String what = Finding.number("%,d waiting / %,d, ", waiting, SHORT);
            return List.of(
                    Finding.rate(name(), what + "send", new Comparison(sentLong, sentShort), Target.atLeast(0.9)),
                    Finding.rate(
                            name(),
                            what + "receive",
                            new Comparison(receivedLong, receivedShort),
                            Target.atLeast(0.9)));
        }
    }

    /** A queue with a backlog, and its two users. */
    private static final class Queue implements AutoCloseable {
        private final Tables tables;
        private final int waiting;
        private final SqlmqConnectionFactory factory;
        private final Crew sending;
        private final Crew receiving;

        Queue(Bench bench, Tables tables, int waiting) throws Exception {
            this.tables = tables;
            this.waiting = waiting;
            String body = Texts.of(256);
            bench.say(Finding.number("Filling a queue with %,d messages …", waiting));
            tables.empty();
            tables.fill(Bench.QUEUE, waiting, body);
            tables.vacuum();
            factory = tables.factory("");
            Connection connection = factory.createConnection();
            connection.start();
            sending = Crew.of(1, () -> new JmsSender(connection, Bench.QUEUE, body, BATCH));
            receiving = Crew.of(1, () -> new JmsReceiver(connection, Bench.QUEUE, BATCH));
        }

        void check() throws Exception {
            int found = tables.count(Bench.QUEUE);
            if (found != waiting) {
                throw new IllegalStateException(waiting + " messages must be left, but there are " + found);
            }
        }

        @Override
        public void close() throws Exception {
            sending.close();
            receiving.close();
            factory.close();
        }
    }
}
