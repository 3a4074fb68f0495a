package io.sqlmq.engine.model;

import java.time.Duration;

/** Milliseconds of durations, of which Java has longer ones than a long has milliseconds. */
public final class Millis {
    private Millis() {}

    /** The nearest that there are. */
    public static long of(Duration duration) {
        try {
            return duration.toMillis();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** As much of a wait as counts: 100 years at most. */
    public static long ofWait(Duration wait) {
        return Math.min(of(wait), Schedule.LONGEST);
    }
}
