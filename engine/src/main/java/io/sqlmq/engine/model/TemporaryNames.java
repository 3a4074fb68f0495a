package io.sqlmq.engine.model;

/** What the names of temporary channels tell. */
public final class TemporaryNames {

    /** How they begin. */
    public static final String PREFIX = "sqlmq-temp:";

    private TemporaryNames() {}

    /** Whether a channel is one: it ends with the connection that has made it. */
    public static boolean isOne(String channel) {
        return channel.startsWith(PREFIX);
    }

    /** Whether it is one of the process with this number; its consumers are there. */
    public static boolean isOf(String channel, int owner) {
        return isOne(channel) && channel.startsWith(owner + ":", PREFIX.length());
    }

    /** What a dead-letter queue is called after: temporary channels have one together, since nobody would consume theirs. */
    public static String forDeadLetters(String channel) {
        return isOne(channel) ? PREFIX.substring(0, PREFIX.length() - 1) : channel;
    }
}
