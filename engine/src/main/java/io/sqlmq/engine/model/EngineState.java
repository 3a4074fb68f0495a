package io.sqlmq.engine.model;

/**
 * What an engine holds at one moment.
 *
 * @param waitingConsumers consumers that wait for messages
 * @param openWindows sessions that have a transaction, and so a connection, for receiving or for work that is not committed
 * @param leases messages that are worked on for longer than a transaction may stay open
 * @param outage whether the database cannot be reached
 */
public record EngineState(int waitingConsumers, int openWindows, int leases, boolean outage) {

    /** Of an engine that has not begun. */
    public static final EngineState NONE = new EngineState(0, 0, 0, false);

    /** Of both together. */
    public EngineState plus(EngineState other) {
        return new EngineState(
                waitingConsumers + other.waitingConsumers,
                openWindows + other.openWindows,
                leases + other.leases,
                outage || other.outage);
    }
}
