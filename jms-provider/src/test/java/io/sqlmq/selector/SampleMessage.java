package io.sqlmq.selector;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A message as a selector sees it. */
record SampleMessage(
        Map<String, Object> properties,
        boolean persistent,
        int priority,
        UUID id,
        long timestamp,
        @Nullable String correlationId,
        @Nullable String type,
        @Nullable String body)
        implements MessageView {

    static final SampleMessage EMPTY =
            new SampleMessage(Map.of(), true, 4, new UUID(0, 1), 1_700_000_000_000L, null, null, null);

    SampleMessage with(String property, Object value) {
        Map<String, Object> more = new HashMap<>(properties);
        more.put(property, value);
        return new SampleMessage(more, persistent, priority, id, timestamp, correlationId, type, body);
    }

    SampleMessage withBody(String json) {
        return new SampleMessage(properties, persistent, priority, id, timestamp, correlationId, type, json);
    }

    SampleMessage withHeaders(String newCorrelationId, String newType) {
        return new SampleMessage(properties, persistent, priority, id, timestamp, newCorrelationId, newType, body);
    }

    @Override
    public @Nullable Object property(String name) {
        return properties.get(name);
    }

    @Override
    public @Nullable Object header(String name) {
        return switch (name) {
            case "JMSDeliveryMode" -> persistent ? "PERSISTENT" : "NON_PERSISTENT";
            case "JMSPriority" -> priority;
            case "JMSMessageID" -> "ID:" + id;
            case "JMSTimestamp" -> timestamp;
            case "JMSCorrelationID" -> correlationId;
            case "JMSType" -> type;
            default -> throw new IllegalArgumentException(name);
        };
    }
}
