package io.sqlmq.jms;

import org.jspecify.annotations.Nullable;

/**
 * A body as it is stored, see {@link SqlmqAdmin#body}.
 *
 * @param text of a TextMessage, or of a job with JSON; else null
 * @param bytes of the others, as they are stored: for a BytesMessage those that were written; null if there are none
 * @param length of all of it, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record StoredBody(@Nullable String text, byte @Nullable [] bytes, long length) {}
