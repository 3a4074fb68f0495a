package io.sqlmq.jms;

/** What the names of destinations can say. */
public enum DestinationNames {
    /**
     * What they can say in ActiveMQ: options after a question mark, several destinations separated by commas, the wildcards
     * {@code *} and {@code >}, virtual topics.
     */
    ACTIVEMQ,
    /** Nothing: all characters are part of the name. */
    LITERAL
}
