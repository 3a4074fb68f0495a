package io.sqlmq.selector;

import org.jspecify.annotations.Nullable;

/** What a selector may look at in a message. Read by one thread during a call of {@link Selector#matches}. */
public interface MessageView {

    /** The property's value: a Boolean, Byte, Short, Integer, Long, Float, Double or String; null if there is none. */
    @Nullable
    Object property(String name);

    /**
     * A header field by its name (§3.8.1.1): {@code JMSPriority} an Integer, {@code JMSTimestamp} a Long (0 when the
     * sender asked for none), {@code JMSDeliveryMode} the String {@code PERSISTENT} or {@code NON_PERSISTENT},
     * {@code JMSMessageID}, {@code JMSCorrelationID} and {@code JMSType} Strings or null.
     */
    @Nullable
    Object header(String name);

    /** The text of a text message, for selecting on fields of a JSON body; null for any other message. */
    default @Nullable String body() {
        return null;
    }
}
