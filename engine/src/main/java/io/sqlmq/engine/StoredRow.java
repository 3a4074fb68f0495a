package io.sqlmq.engine;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message as it is stored, without its body: what the view {@code mq_rows} says of it.
 *
 * @param messageId what JMSMessageID is made of; null if the sender asked for none
 * @param state in which it is, as {@code mq_channels} names it
 * @param dueAt when it may be delivered, or its lease ends; null if it is ready or set aside
 * @param properties as JSON, or null
 */
public record StoredRow(
        UUID id,
        String channel,
        @Nullable UUID messageId,
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
        @Nullable String deadOrigin,
        @Nullable String deadReason,
        int deadAttempts,
        @Nullable Instant deadAt) {

    /**
     * A body, as far as it was asked for.
     *
     * @param text null if it is bytes
     * @param bytes null if it is a text
     * @param length of all of it, in bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; passed on at once
    public record Body(@Nullable String text, byte @Nullable [] bytes, long length) {}

    /**
     * Messages in the order of their part.
     *
     * @param next where the next page begins; null if there is none
     * @param read how many messages were looked at
     */
    public record Page(List<StoredRow> rows, @Nullable String next, long read) {}
}
