package io.sqlmq.benchmarks;

/**
 * What had been used up at a moment, or between two.
 *
 * @param walBytes write-ahead log
 * @param serverNanos CPU time of all processes of the server, or -1 if it runs elsewhere
 * @param clientNanos CPU time of this JVM, with its compiler and collector
 */
record Usage(long walBytes, long serverNanos, long clientNanos) {

    Usage since(Usage before) {
        return new Usage(
                walBytes - before.walBytes,
                serverNanos < 0 ? -1 : serverNanos - before.serverNanos,
                clientNanos - before.clientNanos);
    }
}
