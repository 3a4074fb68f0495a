package io.sqlmq.benchmarks;

import java.sql.SQLException;

/** Queues of the provider. */
record TableQueues(Tables tables) implements Queues {

    @Override
    public void refill(int messages, String body) throws SQLException {
        tables.empty();
        tables.fill(Bench.QUEUE, messages, body);
    }

    @Override
    public long count(String queue) throws SQLException {
        return tables.count(queue);
    }
}
