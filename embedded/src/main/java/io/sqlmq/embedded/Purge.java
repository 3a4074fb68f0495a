package io.sqlmq.embedded;

/** Empties the tables of sqlmq in the database of a test class; a parameter or field of a {@link SqlmqTest}. */
@FunctionalInterface
public interface Purge {

    /** When a test class is purged. */
    enum Time {
        /** Only where the test asks for it. */
        ON_DEMAND,
        /** Before each test; not for classes whose methods run in parallel. */
        EACH_TEST
    }

    /**
     * Deletes all messages, leases and schedules, and the subscriptions without consumers; tables of the test itself stay
     * as they are, and consumers that are open, of whichever factory, go on as before. They should be idle: what their open
     * transactions hold is waited for, up to five seconds.
     *
     * @throws EmbeddedDatabaseException if the tables stay locked, or the database does not answer
     */
    void now();
}
