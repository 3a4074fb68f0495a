package io.sqlmq.jms;

import java.util.List;

/**
 * What the connections of a factory hold at one moment, see {@link SqlmqConnectionFactory#state}.
 *
 * @param waitingConsumers consumers that wait for messages
 * @param openWindows sessions that have a transaction, and so a database connection, for receiving or for work that is not committed
 * @param leases messages that are worked on for longer than {@code leaseAfter}
 * @param outage whether the database cannot be reached
 * @param pools the factory's pools of database connections; none over a DataSource of the application
 */
public record FactoryState(int waitingConsumers, int openWindows, int leases, boolean outage, List<Pool> pools) {

    /**
     * A pool of database connections.
     *
     * @param name as in HikariCP's log
     * @param active connections that are lent
     * @param idle connections that are not
     * @param pending threads that wait for one
     * @param max how many connections it may have
     */
    public record Pool(String name, int active, int idle, int pending, int max) {}
}
