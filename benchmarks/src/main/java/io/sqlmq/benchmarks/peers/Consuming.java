package io.sqlmq.benchmarks.peers;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Consumers, each with a connection of its own, that share what comes to queues, or each have a durable subscription of a
 * topic.
 *
 * @param place where from, in turns if there are several destinations
 * @param consumers how many
 * @param way how they receive
 * @param kind what the messages are, which says what order they must have
 * @param selector of all, or null
 */
record Consuming(
        Place place,
        int consumers,
        Way way,
        Producing.Kind kind,
        @Nullable String selector) implements Part.Plan {

    private static final long PATIENCE_SECONDS = 20;
    /** Longer than a round. */
    private static final int SECONDS = 3600;

    /** Ways to receive. */
    enum Way {
        /** A listener with AUTO_ACKNOWLEDGE. */
        LISTENER,
        /** A loop of receive(1000) with AUTO_ACKNOWLEDGE, as in Spring's and Camel's containers. */
        RECEIVE,
        /** The same loop, each message in a transaction. */
        ONE,
        /** The same, a hundred in a transaction. */
        HUNDRED,
        /** The same, each message rolled back when it comes for the first time. */
        ROLLBACK,
        /** The same, with each third message rolled back. */
        ROLLBACK_THIRD;

        static final int BATCH = 100;

        boolean transacted() {
            return this != LISTENER && this != RECEIVE;
        }
    }

    /** Consumers of plain messages. */
    static Consuming plain(Place place, int consumers, Way way) {
        return new Consuming(place, consumers, way, Producing.Kind.PLAIN, null);
    }

    @Override
    public Part open(Provider provider, ConnectionFactory factory, long run) throws Exception {
        Running part = new Running(run);
        for (int i = 0; i < consumers; i++) {
            part.open(factory.createConnection());
        }
        return part;
    }

    private Ledger newLedger() {
        boolean alone = place.topic() || consumers <= place.count();
        return switch (kind) {
            case PLAIN, TENTHS -> Ledger.ordered(1, alone);
            case PRIORITIES -> Ledger.ordered(Producing.Kind.TENTHS_ARE, alone);
            case GROUPS -> Ledger.ordered(Producing.Kind.GROUPS_ARE, true);
            case DELAYED, MIXED -> Ledger.unordered();
        };
    }

    private final class Running implements Part {
        private final long run;
        private final List<One> all = new ArrayList<>();
        private final Workers workers = new Workers();
        private final AtomicLong arrived = new AtomicLong();
        private final AtomicLongArray arrivals = new AtomicLongArray(SECONDS);
        private volatile long lastArrival;
        private volatile boolean over;
        private volatile long began;

        private Running(long run) {
            this.run = run;
        }

        private void open(Connection connection) throws JMSException {
            int index = all.size();
            if (place.topic()) {
                connection.setClientID("benchmark-" + index);
            }
            Session session = way.transacted()
                    ? connection.createSession(true, Session.SESSION_TRANSACTED)
                    : connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = place.destination(session, index) instanceof Topic topic
                    ? session.createDurableConsumer(topic, place.name())
                    : session.createConsumer(place.destination(session, index), selector);
            // In groups, order holds across consumers; with a rollback another one may have gone on meanwhile.
            Ledger ledger = kind == Producing.Kind.GROUPS && index > 0
                    ? all.get(0).ledger
                    : way == Way.ROLLBACK ? Ledger.unordered() : newLedger();
            One one = new One(connection, session, consumer, ledger);
            all.add(one);
            if (way == Way.LISTENER) {
                consumer.setMessageListener(one::arrived);
            }
        }

        @Override
        public void go() throws JMSException {
            began = Micros.now();
            for (One one : all) {
                one.connection.start();
                if (way != Way.LISTENER) {
                    workers.start(one::loop);
                }
            }
        }

        @Override
        public void await(long expected) throws InterruptedException {
            long all = place.topic() ? expected * consumers : expected;
            long before = -1;
            long deadline = 0;
            while (arrived.get() < all) {
                long now = arrived.get();
                if (now != before) {
                    deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
                    before = now;
                } else if (System.nanoTime() > deadline) {
                    return; // what has not come is lost
                }
                Thread.sleep(1);
            }
        }

        @Override
        public Outcome outcome() throws Exception {
            over = true;
            workers.join();
            for (One one : all) {
                one.connection.stop();
            }
            List<Ledger> ledgers = new ArrayList<>();
            Micros micros = new Micros();
            for (One one : all) {
                micros.addAll(one.micros);
                if (ledgers.isEmpty() || place.topic()) {
                    ledgers.add(one.ledger);
                } else if (!ledgers.get(0).equals(one.ledger)) {
                    ledgers.get(0).addAll(one.ledger);
                }
            }
            List<Long> bySecond = new ArrayList<>();
            for (int i = 0; i <= (lastArrival - began) / 1_000_000; i++) {
                bySecond.add(arrivals.get(i));
            }
            return new Outcome(began, lastArrival, List.of(), ledgers, micros, bySecond);
        }

        @Override
        public void close() throws Exception {
            over = true;
            workers.close();
            for (One one : all) {
                if (place.topic()) {
                    one.consumer.close();
                    one.session.unsubscribe(place.name());
                }
                one.connection.close();
            }
        }

        /** One consumer, on the one thread that it is called by. */
        private final class One {
            private final Connection connection;
            private final Session session;
            private final MessageConsumer consumer;
            private final Ledger ledger;
            private final Micros micros = new Micros();
            private int inTransaction;

            private One(Connection connection, Session session, MessageConsumer consumer, Ledger ledger) {
                this.connection = connection;
                this.session = session;
                this.consumer = consumer;
                this.ledger = ledger;
            }

            private Void loop() throws JMSException {
                while (!over) {
                    Message message = consumer.receive(1000);
                    if (message == null) {
                        commit(0);
                    } else if (isToBeRolledBack(message)) {
                        session.rollback();
                    } else {
                        inTransaction++;
                        arrived(message);
                        commit(way == Way.HUNDRED ? Way.BATCH : 1);
                    }
                }
                commit(0);
                return null;
            }

            private boolean isToBeRolledBack(Message message) throws JMSException {
                return switch (way) {
                    case ROLLBACK -> !message.getJMSRedelivered();
                    case ROLLBACK_THIRD ->
                        !message.getJMSRedelivered()
                                && Stamp.of(((TextMessage) message).getText()).number() % 3 == 1;
                    default -> false;
                };
            }

            private void commit(int atLeast) throws JMSException {
                if (way.transacted() && inTransaction > 0 && inTransaction >= atLeast) {
                    session.commit();
                    inTransaction = 0;
                }
            }

            private void arrived(Message message) {
                long now = Micros.now();
                try {
                    Stamp stamp = Stamp.of(((TextMessage) message).getText());
                    if (stamp.run() == run) { // else it is left from a round that failed
                        ledger.add(stamp);
                        micros.add(now - stamp.micros());
                        lastArrival = now;
                        arrivals.incrementAndGet((int) Math.min(arrivals.length() - 1, (now - began) / 1_000_000));
                        arrived.incrementAndGet();
                    }
                } catch (JMSException e) {
                    throw new IllegalStateException("A message cannot be read", e);
                }
            }
        }
    }
}
