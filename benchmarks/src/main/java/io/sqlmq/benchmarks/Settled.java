package io.sqlmq.benchmarks;

import java.util.concurrent.Callable;

/** A counter of the server's statistics, read when it has stopped moving: processes report to it with some delay. */
record Settled(Callable<Long> counter) {

    private static final long STEP_MILLIS = 300;
    private static final int STEPS = 20;

    /** The counter's value after at least {@value #STEP_MILLIS} ms without others' activity, or after 6 s. */
    long value() throws Exception {
        long last = counter.call();
        for (int i = 0; i < STEPS; i++) {
            Thread.sleep(STEP_MILLIS);
            long next = counter.call();
            if (next - last <= 1) { // the reading itself is a transaction
                return next;
            }
            last = next;
        }
        return last;
    }
}
