package io.sqlmq.jms.internal.management;

/** A queue; what is called by the names of ActiveMQ does what it does there. */
public interface QueueViewMBean extends DestinationViewMBean {
    /** Messages in the queue, whatever their state, up to 100,000. It is some seconds old. */
    long getQueueSize() throws Exception;

    /** For how many milliseconds the next message has been there; 0 if there is none. It is some seconds old. */
    long getOldestMessageAgeMillis() throws Exception;

    /** Whether its deliveries are stopped. It is some seconds old. */
    boolean isPaused() throws Exception;

    /** Stops deliveries, in all processes. */
    void pause() throws Exception;

    /** Lets deliveries go on. */
    void resume() throws Exception;

    /** Deletes its messages; returns how many. */
    long purge() throws Exception;

    /** Deletes a message; returns false if it is not there or a consumer works on it. */
    boolean removeMessage(String messageId) throws Exception;

    /** Of a dead-letter queue: puts all messages back to where they came from; returns how many. */
    long retryMessages() throws Exception;

    /** Of a dead-letter queue: puts one message back to where it came from. */
    boolean retryMessage(String messageId) throws Exception;

    /** Moves all messages to another queue; returns how many. */
    long moveMessagesTo(String queue) throws Exception;

    /** Copies all messages to another queue; returns how many. */
    long copyMessagesTo(String queue) throws Exception;
}
