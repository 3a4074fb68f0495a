package io.sqlmq.jms.internal.threads;

import java.util.concurrent.TimeUnit;

/** Until when a receive waits. */
public record Deadline(boolean forever, long nanoTime) {
    private static final Deadline NEVER = new Deadline(true, 0);

    /** As receive(timeout) means it: 0 waits forever, less than 0 not at all. */
    public static Deadline afterMillis(long millis) {
        return millis == 0 ? NEVER : inNanos(TimeUnit.MILLISECONDS.toNanos(Math.max(millis, 0)));
    }

    public static Deadline now() {
        return inNanos(0);
    }

    private static Deadline inNanos(long nanos) {
        // Half of the range keeps differences of nanoTime meaningful.
        return new Deadline(false, System.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2));
    }

    public long remainingNanos() {
        return forever ? Long.MAX_VALUE / 2 : nanoTime - System.nanoTime();
    }
}
