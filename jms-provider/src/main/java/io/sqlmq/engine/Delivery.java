package io.sqlmq.engine;

import io.sqlmq.engine.NewMessage.Content;
import io.sqlmq.engine.NewMessage.Headers;
import java.util.UUID;

/** A message that a {@link Window} or a joined transaction has claimed. Compared by identity. */
public final class Delivery {

    /** The row as it was read. */
    public record Row(
            UUID id,
            String channel,
            boolean persistent,
            int priority,
            long seq,
            long sentAt,
            long deliveryTime,
            long expiration,
            int deliveryCount,
            int failureCount,
            Headers headers,
            Content content) {}

    private final Row row;

    Delivery(Row row) {
        this.row = row;
    }

    /** The message. {@code deliveryCount} is the number of deliveries before this one. */
    public Row row() {
        return row;
    }
}
