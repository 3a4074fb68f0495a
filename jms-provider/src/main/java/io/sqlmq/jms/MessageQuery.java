package io.sqlmq.jms;

import org.jspecify.annotations.Nullable;

/**
 * Which messages {@link SqlmqAdmin#messages} is to return.
 *
 * @param selector a message selector (§3.8); null for all
 * @param text what is in an identifier, header, property, error or the body, in any case; null for all
 * @param after {@link MessagePage#next} of the page before; null for the first
 * @param limit how many at most, 1 to 1,000
 */
public record MessageQuery(
        String queue,
        MessagePart part,
        @Nullable String selector,
        @Nullable String text,
        @Nullable String after,
        int limit) {

    /** Checks the limit. */
    public MessageQuery {
        if (limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException("A page has 1 to 1,000 messages, not " + limit + ".");
        }
    }

    /** The first 100 messages that are ready. */
    public static MessageQuery of(String queue) {
        return new MessageQuery(queue, MessagePart.READY, null, null, null, 100);
    }

    /** Of another part. */
    public MessageQuery part(MessagePart other) {
        return new MessageQuery(queue, other, selector, text, after, limit);
    }

    /** Of those that a selector selects. */
    public MessageQuery selector(@Nullable String other) {
        return new MessageQuery(queue, part, other, text, after, limit);
    }

    /** Of those that have a text somewhere. */
    public MessageQuery text(@Nullable String other) {
        return new MessageQuery(queue, part, selector, other, after, limit);
    }

    /** The page that begins there. */
    public MessageQuery after(@Nullable String next) {
        return new MessageQuery(queue, part, selector, text, next, limit);
    }

    /** With as many messages at most. */
    public MessageQuery limit(int other) {
        return new MessageQuery(queue, part, selector, text, after, other);
    }
}
