package io.sqlmq.jms.internal.management;

/** A queue or topic, described as ActiveMQ does. These are the numbers of this process. */
public interface DestinationViewMBean {
    /** Its name. */
    String getName();

    /** Messages that were sent; one to a topic counts once for each subscription that gets it. */
    long getEnqueueCount();

    /** Messages that were handed to consumers. */
    long getDispatchCount();

    /** Messages that were acknowledged. */
    long getDequeueCount();

    /** Messages that were handed to consumers, and are neither acknowledged nor given back. */
    long getInFlightCount();

    /** Deliveries that failed. */
    long getRolledBackCount();

    /** Messages that were moved from here to a dead-letter queue. */
    long getDeadLetterCount();

    /** Messages that have expired and were found by a consumer. */
    long getExpiredCount();

    /** For how many milliseconds messages waited until they were handed to consumers, on average. */
    double getAverageEnqueueTime();

    /** The longest of these times. */
    long getMaxEnqueueTime();

    /** Begins all counts anew. */
    void resetStatistics();
}
