package io.sqlmq.engine.jdbc;

/** What is to be known of the transactions that sessions have open, and so of the connections that they hold. */
public interface OpenTransactions {

    int count();

    /** Whether the calling thread has opened one of them, as one has that works in a listener. */
    boolean hasOneOfThisThread();

    /** Whether there are so many that their claims may be in each other's way. */
    boolean isCrowded();
}
