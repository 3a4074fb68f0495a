package io.sqlmq.benchmarks;

/**
 * One round of one side.
 *
 * @param messages how many were moved, checked in the table
 * @param nanos how long it took
 * @param usage what it used
 */
record Measurement(int messages, long nanos, Usage usage) {

    double perSecond() {
        return messages * 1e9 / nanos;
    }

    double walBytes() {
        return (double) usage.walBytes() / messages;
    }

    /** Microseconds of server CPU per message; negative if unknown. */
    double serverMicros() {
        return usage.serverNanos() / 1e3 / messages;
    }

    /** Microseconds of client CPU per message. */
    double clientMicros() {
        return usage.clientNanos() / 1e3 / messages;
    }

    /** Messages for each second that a core of server or client was busy; NaN if the server runs elsewhere. */
    double perCoreSecond() {
        return usage.serverNanos() < 0 ? Double.NaN : messages * 1e9 / (usage.serverNanos() + usage.clientNanos());
    }
}
