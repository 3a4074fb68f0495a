package io.sqlmq.embedded;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for what other processes do, which cannot be waited for otherwise than by looking. */
final class Pause {

    private Pause() {}

    static void briefly() {
        try {
            Thread.sleep(3);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedDatabaseException("Interrupted while waiting for an embedded PostgreSQL", e);
        }
    }

    /** Waits until the condition holds; false if it did not within the time. */
    static boolean until(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            briefly();
        }
        return true;
    }
}
