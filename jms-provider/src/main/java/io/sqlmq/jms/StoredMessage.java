package io.sqlmq.jms;

import io.sqlmq.engine.StoredRow;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message as it is stored, without its body, see {@link SqlmqAdmin#messages}.
 *
 * @param id of its row, like a JMSMessageID; it is the JMSMessageID but for messages of topics and copies
 * @param messageId its JMSMessageID; null if the sender asked for none
 * @param queue where it is
 * @param state {@code ready}, {@code in flight}, {@code delayed}, {@code backing off} or {@code set aside}
 * @param dueAt when it may be delivered, or its lease ends; null if that is now or never
 * @param deliveryCount how many deliveries have ended without an acknowledge
 * @param type JMSType, or the name of a job
 * @param properties as JSON, or null
 * @param bodyType {@code text}, {@code bytes}, {@code map}, {@code stream}, {@code object} or {@code message}
 * @param error why its last delivery failed, or null
 * @param setAside why it is set aside, or null
 * @param deadLetter where it comes from, if it is a dead letter, or null
 */
public record StoredMessage(
        String id,
        @Nullable String messageId,
        String queue,
        boolean persistent,
        int priority,
        @Nullable Instant sentAt,
        String state,
        @Nullable Instant dueAt,
        @Nullable Instant expiresAt,
        int deliveryCount,
        @Nullable String correlationId,
        @Nullable String type,
        @Nullable String replyTo,
        @Nullable String group,
        @Nullable String properties,
        String bodyType,
        @Nullable String error,
        @Nullable String setAside,
        @Nullable DeadLetter deadLetter) {

    static StoredMessage of(StoredRow row) {
        String origin = row.deadOrigin();
        String id = "ID:" + row.id();
        return new StoredMessage(
                id,
                row.messageId() == null ? null : "ID:" + row.messageId(),
                row.channel(),
                row.persistent(),
                row.priority(),
                row.sentAt(),
                row.state(),
                row.dueAt(),
                row.expiresAt(),
                row.deliveryCount(),
                row.correlationId(),
                row.type(),
                row.replyTo(),
                row.group(),
                row.properties(),
                row.bodyType(),
                row.error(),
                row.setAside(),
                origin == null
                        ? null
                        : new DeadLetter(
                                row.channel(),
                                id,
                                origin,
                                String.valueOf(row.deadReason()),
                                row.deadAttempts(),
                                row.deadAt(),
                                row.error()));
    }
}
