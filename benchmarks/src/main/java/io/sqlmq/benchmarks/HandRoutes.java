package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** The work of the route by hand: threads that claim a message, store it, send it on, delete it and commit. */
final class HandRoutes implements Routing.Contender {

    private final Queues queues;
    private final Crew crew;

    HandRoutes(Tables tables, int threads, String body) throws Exception {
        queues = new TableQueues(tables);
        crew = Crew.of(threads, () -> new Hand(tables, body));
    }

    @Override
    public void prepare(int messages, String body) throws Exception {
        queues.refill(messages, body);
    }

    @Override
    public void run(int messages) throws Exception {
        crew.run(messages);
    }

    @Override
    public long sent() throws Exception {
        return queues.count(Routing.OUT);
    }

    @Override
    public void leave() {
        // it takes what it is told to take, and no more
    }

    @Override
    public void close() throws Exception {
        crew.close();
    }

    private static final class Hand implements Worker {
        private static final String STORE_AND_SEND = String.format(Routing.INSERT, "?")
                + "; INSERT INTO mq_msgs (id, channel_name, prio_rank, sent_at, payload_text) VALUES (?, ?, ?, ?, ?)";

        private final Connection connection;
        private final HandClaim claim;
        private final PreparedStatement storeAndSend;
        private final String body;

        Hand(Tables tables, String body) throws SQLException {
            this.connection = tables.connect();
            this.claim = new HandClaim(connection, Bench.QUEUE);
            this.storeAndSend = connection.prepareStatement(STORE_AND_SEND);
            this.body = body;
        }

        @Override
        public void move(int messages) throws SQLException {
            for (int moved = 0; moved < messages; moved++) {
                List<String> rows = claim.begin(1);
                if (rows.isEmpty()) {
                    throw new IllegalStateException("The queue is empty after " + moved + " of " + messages);
                }
                storeAndSend.setString(1, body);
                storeAndSend.setObject(2, HandSender.newId());
                storeAndSend.setString(3, Routing.OUT);
                storeAndSend.setShort(4, (short) 5);
                storeAndSend.setLong(5, System.currentTimeMillis());
                storeAndSend.setString(6, body);
                storeAndSend.execute();
                claim.end(rows);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
