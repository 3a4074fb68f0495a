package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Texts;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Producers of persistent text messages, each with a connection of its own.
 *
 * @param place where they send, each to all its destinations in turns
 * @param producers how many
 * @param bytes of each text
 * @param limit when they end
 * @param way how they send
 * @param kind what the messages are
 * @param perSecond of all together, or 0 for as many as they can
 * @param first the number of the first producer
 */
record Producing(Place place, int producers, int bytes, Limit limit, Way way, Kind kind, int perSecond, int first)
        implements Part.Plan {

    /** Asynchronous sends that may be under way. */
    private static final int UNDER_WAY = 1000;

    /** How to send. */
    enum Way {
        /** Each send is durable when it returns. */
        EACH,
        /** A transaction for each hundred. */
        HUNDRED,
        /** Without waiting; what counts is when the last is known to be durable. */
        ASYNCHRONOUS;

        static final int BATCH = 100;
    }

    /** What messages have. */
    enum Kind {
        /** Nothing but a text. */
        PLAIN,
        /** A property {@link #PROPERTY} that is 0 to 9 in turns. */
        TENTHS,
        /** A priority that is 0 to 9 in turns. */
        PRIORITIES,
        /** One of a thousand groups of each producer, in turns. */
        GROUPS,
        /** To be delivered a second later. */
        DELAYED,
        /** Each third to be delivered a second later. */
        MIXED;

        static final String PROPERTY = "tenth";
        static final int TENTHS_ARE = 10;
        static final int GROUPS_ARE = 1000;
        static final long DELAY_MILLIS = 1000;
    }

    /** Plain messages, as fast as they can. */
    static Producing plain(Place place, int producers, int bytes, Limit limit, Way way) {
        return new Producing(place, producers, bytes, limit, way, Kind.PLAIN, 0, 0);
    }

    /** So many a second of all together. */
    Producing paced(int each) {
        return new Producing(place, producers, bytes, limit, way, kind, each, first);
    }

    /** Of the given kind. */
    Producing of(Kind other) {
        return new Producing(place, producers, bytes, limit, way, other, perSecond, first);
    }

    /** Told from others of the same round by their numbers. */
    Producing numberedFrom(int number) {
        return new Producing(place, producers, bytes, limit, way, kind, perSecond, number);
    }

    @Override
    public Part open(Provider provider, ConnectionFactory factory, long run) throws Exception {
        Running part = new Running(provider, run);
        for (int i = 0; i < producers; i++) {
            part.open(factory.createConnection());
        }
        return part;
    }

    private final class Running implements Part {
        private final Provider provider;
        private final long run;
        private final List<One> all = new ArrayList<>();
        private final Workers workers = new Workers();
        private final String padding = Texts.of(bytes);
        private long began;
        private long ended;

        private Running(Provider provider, long run) {
            this.provider = provider;
            this.run = run;
        }

        private void open(Connection connection) throws JMSException {
            Session session = way == Way.HUNDRED
                    ? connection.createSession(true, Session.SESSION_TRANSACTED)
                    : connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            List<MessageProducer> destinations = new ArrayList<>();
            for (int i = 0; i < place.count(); i++) {
                Destination destination = place.destination(session, i);
                destinations.add(session.createProducer(destination));
            }
            all.add(new One(first + all.size(), connection, session, destinations));
        }

        @Override
        public void go() {
            began = Micros.now();
            all.forEach(one -> workers.start(one::send));
        }

        @Override
        public void await(long expected) throws Exception {
            workers.join();
            ended = Micros.now();
        }

        @Override
        public Outcome outcome() {
            Micros micros = new Micros();
            all.forEach(one -> micros.addAll(one.micros));
            return new Outcome(began, ended, sent(), List.of(), micros, List.of());
        }

        /** By producer, from 0. */
        private List<Long> sent() {
            List<Long> sent = new ArrayList<>(Collections.nCopies(first, 0L));
            all.forEach(one -> sent.add((long) one.sent));
            return sent;
        }

        @Override
        public void close() throws Exception {
            workers.close();
            for (One one : all) {
                one.connection.close();
            }
        }

        /** One producer, on its own thread. */
        private final class One {
            private final int index;
            private final Connection connection;
            private final Session session;
            private final List<MessageProducer> destinations;
            private final Micros micros = new Micros();
            private final Semaphore underWay = new Semaphore(UNDER_WAY);
            private int sent;

            private One(int index, Connection connection, Session session, List<MessageProducer> destinations) {
                this.index = index;
                this.connection = connection;
                this.session = session;
                this.destinations = destinations;
            }

            private Void send() throws Exception {
                long step = perSecond > 0 ? 1_000_000_000L * producers / perSecond : 0;
                long due = System.nanoTime() + step * (index - first) / producers;
                long end = limit.end();
                while (sent < limit.each(producers) && System.nanoTime() < end) {
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                    due += step; // a late one does not make the next ones late
                    long start = System.nanoTime();
                    sendOne(destinations.get(sent % destinations.size()));
                    micros.add((System.nanoTime() - start) / 1000);
                    sent++;
                    if (way == Way.HUNDRED && sent % Way.BATCH == 0) {
                        session.commit();
                    }
                }
                if (way == Way.HUNDRED) {
                    session.commit();
                }
                underWay.acquire(UNDER_WAY);
                return null;
            }

            private void sendOne(MessageProducer producer) throws JMSException, InterruptedException {
                boolean later = kind == Kind.DELAYED || (kind == Kind.MIXED && sent % 3 == 0);
                long due = Micros.now() + (later ? Kind.DELAY_MILLIS * 1000 : 0);
                Message message = session.createTextMessage(new Stamp(run, index, sent, due).text(padding));
                switch (kind) {
                    case PLAIN, MIXED, DELAYED -> {
                        // nothing else, or below
                    }
                    case TENTHS -> message.setIntProperty(Kind.PROPERTY, sent % Kind.TENTHS_ARE);
                    case PRIORITIES -> producer.setPriority(sent % Kind.TENTHS_ARE);
                    case GROUPS -> message.setStringProperty("JMSXGroupID", index + "-" + sent % Kind.GROUPS_ARE);
                }
                if (later) {
                    provider.delay(producer, message, Kind.DELAY_MILLIS);
                } else if (kind == Kind.MIXED) {
                    provider.delay(producer, message, 0);
                }
                if (way == Way.ASYNCHRONOUS) {
                    underWay.acquire();
                    provider.sendAsynchronously(producer, message, underWay::release);
                } else {
                    producer.send(message);
                }
            }
        }
    }
}
