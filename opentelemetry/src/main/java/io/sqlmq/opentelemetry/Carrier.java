package io.sqlmq.opentelemetry;

import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Trace contexts in the properties of messages. W3C's names are identifiers, as those of properties have to be; others are made so. */
final class Carrier implements TextMapGetter<Message> {
    private static final String DASH = "__dash__";

    /** The name of a property that stands for a key, as the JMS instrumentation of OpenTelemetry's agent has it. */
    static String property(String key) {
        return key.replace("-", DASH);
    }

    @Override
    @SuppressWarnings("deprecation") // propagators of other systems than W3C's call it
    public Iterable<String> keys(Message message) {
        try {
            List<String> keys = new ArrayList<>();
            for (Enumeration<?> names = message.getPropertyNames(); names.hasMoreElements(); ) {
                keys.add(String.valueOf(names.nextElement()).replace(DASH, "-"));
            }
            return keys;
        } catch (JMSException e) {
            return List.of();
        }
    }

    @Override
    public @Nullable String get(@Nullable Message message, String key) {
        try {
            return message == null ? null : message.getStringProperty(property(key));
        } catch (JMSException e) {
            return null;
        }
    }
}
