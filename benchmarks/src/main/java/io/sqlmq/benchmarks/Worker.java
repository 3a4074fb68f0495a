package io.sqlmq.benchmarks;

/** One thread's part of a {@link Side}, with its own session or connection. */
interface Worker extends AutoCloseable {

    /** Sends or receives so many messages and returns when that is committed. */
    void move(int messages) throws Exception;

    /** A way to make one. */
    @FunctionalInterface
    interface Source {
        /** Opens the next one. */
        Worker open() throws Exception;
    }
}
