package io.sqlmq.jms.internal.management;

import javax.management.ObjectName;

/** A connection factory, named and described as a broker of ActiveMQ. The numbers are those of this process. */
public interface BrokerViewMBean {
    /** The option {@code applicationName}, made unique in this JVM. */
    String getBrokerName();

    /** The version of sqlmq. */
    String getBrokerVersion();

    /** Milliseconds since the factory was started. */
    long getUptimeMillis();

    /** Messages that were sent, see {@link DestinationViewMBean#getEnqueueCount}. */
    long getTotalEnqueueCount();

    /** Messages that were acknowledged. */
    long getTotalDequeueCount();

    /** Consumers that wait for messages. */
    int getWaitingConsumers();

    /** Sessions that have a transaction open. */
    int getOpenWindows();

    /** Messages that are worked on for longer than {@code leaseAfter}. */
    int getLeases();

    /** Whether the database can be reached. */
    boolean isDatabaseReachable();

    /** The MBeans of queues; those of new queues with messages are registered by this call. */
    ObjectName[] getQueues() throws Exception;

    /** Declares a queue. */
    void addQueue(String name) throws Exception;

    /** Takes the declaration of a queue back and deletes its messages. */
    void removeQueue(String name) throws Exception;
}
