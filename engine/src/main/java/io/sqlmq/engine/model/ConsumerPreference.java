package io.sqlmq.engine.model;

/**
 * How a consumer stands among the others of its channel.
 *
 * @param exclusive whether it wants all messages: of the consumers that do, over all processes, one at a time gets them
 * @param priority in this process, those with a higher one are served first
 */
public record ConsumerPreference(boolean exclusive, int priority) {

    /** As most. */
    public static final ConsumerPreference USUAL = new ConsumerPreference(false, 0);
}
