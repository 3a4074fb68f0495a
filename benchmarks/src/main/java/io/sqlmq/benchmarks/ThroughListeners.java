package io.sqlmq.benchmarks;

/** Messages that are sent in transactions and received by listeners at the same time. */
final class ThroughListeners implements Side {

    private final JmsListeners listeners;
    private final JmsCrew senders;

    ThroughListeners(Tables tables, String body, int perCommit, int threads) throws Exception {
        listeners = new JmsListeners(tables, "", Bench.QUEUE, threads);
        senders =
                new JmsCrew(tables, "", threads, connection -> new JmsSender(connection, Bench.QUEUE, body, perCommit));
    }

    @Override
    public void run(int messages) throws Exception {
        listeners.begin(messages);
        senders.run(messages);
        listeners.end();
    }

    @Override
    public void close() throws Exception {
        senders.close();
        listeners.close();
    }
}
