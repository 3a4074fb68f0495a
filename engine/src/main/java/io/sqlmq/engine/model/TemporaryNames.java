package io.sqlmq.engine.model;

/** What the names of temporary channels tell. */
public final class TemporaryNames {

    /** How they begin. */
    public static final String PREFIX = "sqlmq-temp:";

    private TemporaryNames() {}

    /** What a dead-letter queue is called after: temporary channels have one together, since nobody would consume theirs. */
    public static String forDeadLetters(String channel) {
        return channel.startsWith(PREFIX) ? PREFIX.substring(0, PREFIX.length() - 1) : channel;
    }
}
