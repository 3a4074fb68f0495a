package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** Queues that are nearly empty, by hand: as many threads that send as that receive. */
final class HandLive implements Side {

    private static final String LOGGED = "mq_msgs";
    private static final String UNLOGGED = "mq_msgs_unlogged";

    /** What a thread does for each message. */
    @FunctionalInterface
    private interface Step {
        void take() throws Exception;
    }

    private record Hand(Step step) implements Worker {

        @Override
        public void move(int messages) throws Exception {
            for (int i = 0; i < messages; i++) {
                step.take();
            }
        }

        @Override
        public void close() {
            // connections are closed together
        }
    }

    private final Tables tables;
    private final String body;
    private final HandNotified notified;
    private final List<Connection> connections = new ArrayList<>();
    private final Crew crew;

    /**
     * Connects.
     *
     * @param replying whether those who receive also reply, and those who send wait for that
     */
    HandLive(Tables tables, String body, int threads, boolean replying) throws Exception {
        this.tables = tables;
        this.body = body;
        this.notified = new HandNotified(tables);
        AtomicInteger opened = new AtomicInteger();
        this.crew = Crew.of(2 * threads, () -> {
            int number = opened.getAndIncrement();
            if (number >= threads) {
                return new Hand(replying ? replying() : receiving());
            }
            return new Hand(replying ? asking("by-hand.replies." + number) : sending());
        });
    }

    private Step sending() throws SQLException {
        HandNotified.Writer sends = new HandNotified.Writer(connect(), LOGGED, body);
        return () -> sends.write(Bench.QUEUE, null);
    }

    private Step receiving() throws SQLException {
        HandClaim queue = new HandClaim(connectRelaxed(), Bench.QUEUE);
        return () -> queue.end(claim(queue, Bench.QUEUE));
    }

    private Step asking(String mine) throws SQLException {
        Connection connection = connect();
        HandNotified.Writer requests = new HandNotified.Writer(connection, LOGGED, body);
        HandClaim replies = new HandClaim(connection, mine, UNLOGGED);
        return () -> {
            requests.write(Bench.QUEUE, mine);
            replies.end(claim(replies, mine));
        };
    }

    /** The reply is a transaction of its own, as it is from a session that is not transacted. */
    private Step replying() throws SQLException {
        HandClaim queue = new HandClaim(connectRelaxed(), Bench.QUEUE);
        HandNotified.Writer replies = new HandNotified.Writer(connect(), UNLOGGED, body);
        return () -> {
            List<String> rows = claim(queue, Bench.QUEUE);
            replies.write(Objects.requireNonNull(queue.replyTo()), null);
            queue.end(rows);
        };
    }

    /** Waits for a message, and claims it in a transaction. */
    private List<String> claim(HandClaim claiming, String queue) throws Exception {
        notified.await(queue);
        List<String> rows = List.of();
        while (rows.isEmpty()) { // somebody who was told of a later one may just have locked it
            rows = claiming.begin(1);
        }
        return rows;
    }

    private Connection connect() throws SQLException {
        Connection connection = tables.connect();
        connections.add(connection);
        return connection;
    }

    /** As {@link #connect}; its commits do not wait for the disk. */
    private Connection connectRelaxed() throws SQLException {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
        }
        return connection;
    }

    @Override
    public void run(int messages) throws Exception {
        crew.run(2 * messages); // half of it sends
    }

    @Override
    public void close() throws Exception {
        crew.close();
        notified.close();
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
