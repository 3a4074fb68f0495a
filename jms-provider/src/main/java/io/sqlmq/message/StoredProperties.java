package io.sqlmq.message;

import org.jspecify.annotations.Nullable;

/** Properties as they are stored; see {@link StoredContent}. */
record StoredProperties(@Nullable String json, @Nullable String types) {
    static final StoredProperties NONE = new StoredProperties(null, null);
}
