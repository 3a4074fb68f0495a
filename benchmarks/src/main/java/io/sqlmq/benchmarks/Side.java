package io.sqlmq.benchmarks;

/** One side of a comparison: opened once, run in several rounds by one thread. */
interface Side extends AutoCloseable {

    /** Moves so many messages; this is what is timed. */
    void run(int messages) throws Exception;
}
