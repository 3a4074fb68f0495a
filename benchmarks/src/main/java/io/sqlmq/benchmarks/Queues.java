package io.sqlmq.benchmarks;

/** Where messages are that routes work on: a database, or a broker. */
interface Queues {

    /** Takes away all messages, and adds so many text messages to {@link Bench#QUEUE}. */
    void refill(int messages, String body) throws Exception;

    /** How many committed messages a queue has. */
    long count(String queue) throws Exception;
}
