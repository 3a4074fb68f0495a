package io.sqlmq.selector;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The header fields a selector may name (§3.8.1.1). */
enum Header {
    DELIVERY_MODE("JMSDeliveryMode", false),
    PRIORITY("JMSPriority", true),
    MESSAGE_ID("JMSMessageID", false),
    TIMESTAMP("JMSTimestamp", true),
    CORRELATION_ID("JMSCorrelationID", false),
    TYPE("JMSType", false);

    /** Header fields of which §3.8.1.1 does not speak. */
    static final Set<String> NOT_SELECTABLE =
            Set.of("JMSDestination", "JMSReplyTo", "JMSRedelivered", "JMSExpiration", "JMSDeliveryTime");

    private final String text;
    private final boolean number;

    Header(String text, boolean number) {
        this.text = text;
        this.number = number;
    }

    /** As the selector and {@link MessageView#header} spell it. */
    String text() {
        return text;
    }

    /** Whether it is an exact number rather than a string. */
    boolean number() {
        return number;
    }

    static @Nullable Header named(String name) {
        for (Header header : values()) {
            if (header.text.equals(name)) {
                return header;
            }
        }
        return null;
    }
}
