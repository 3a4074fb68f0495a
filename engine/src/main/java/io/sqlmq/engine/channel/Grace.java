package io.sqlmq.engine.channel;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When the database, or everything, stood still for a good part of a lease, the leases of living processes have run out.
 * For some seconds after that nobody claims a message for its lease having run out: its process renews it. Thread-safe.
 */
public final class Grace {

    private static final long NANOS = TimeUnit.SECONDS.toNanos(5);
    /** By how much a tick of this process's timer may be late. */
    private static final long LATE_MILLIS = 3_000;

    /** What is shorter than this cannot keep a process from renewing in time. */
    private final long stillMillis;

    private volatile long end = System.nanoTime() + NANOS; // who has just come does not know what was before
    private volatile long ticked;

    public Grace(Duration leaseTime) {
        stillMillis = leaseTime.toMillis() / 3;
    }

    /** How long it goes on at least; 0 or less: it is over. */
    public long millisLeft() {
        return TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }

    public boolean isOn() {
        return System.nanoTime() - end < 0 || isTickMissing();
    }

    /** An outage is over. */
    public void begins() {
        end = System.nanoTime() + NANOS;
    }

    /**
     * A statement has been answered.
     *
     * @param sent when, by {@link System#nanoTime}
     * @return whether that took so long that leases may have run out in between
     */
    public boolean answered(long sent) {
        boolean still = isLong(sent);
        if (still) {
            begins();
        }
        return still;
    }

    /** Whether a statement that was sent then has taken so long already. */
    public boolean isLong(long sent) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sent) >= stillMillis;
    }

    /**
     * Called about once a second, unless the database keeps the process from it.
     *
     * @return whether the last time is so long ago that leases may have run out
     */
    public boolean tick() {
        boolean missing = isTickMissing();
        if (missing) {
            begins();
        }
        ticked = System.currentTimeMillis(); // goes on while a machine is suspended
        return missing;
    }

    private boolean isTickMissing() {
        long last = ticked;
        return last != 0 && System.currentTimeMillis() - last >= stillMillis + LATE_MILLIS;
    }
}
