package io.sqlmq.jms.model;

/**
 * How many messages a queue may hold, and what a send does when it holds them. The limit is approximate, see
 * docs/activemq.md.
 *
 * @param maxDepth messages in every state; 0 for no limit
 * @param whenFull what a send does
 */
public record DepthLimit(int maxDepth, WhenFull whenFull) {

    /** No limit. */
    public static final DepthLimit NONE = new DepthLimit(0, WhenFull.BLOCK);

    /**
     * Checks the limit.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public DepthLimit {
        SqlmqOption.MAX_DEPTH.check(maxDepth);
    }
}
