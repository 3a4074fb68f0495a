package io.sqlmq.message;

import org.jspecify.annotations.Nullable;

/** The body's part of {@link StoredContent}. */
@SuppressWarnings("ArrayRecordComponent") // never compared; passed on at once
record StoredBody(@Nullable String type, @Nullable String text, byte @Nullable [] bytes) {}
