package io.sqlmq.message;

import org.jspecify.annotations.Nullable;

/** A message without body, only headers and properties. Its body "fits" every type and is null (§3.11, getBody). */
public final class SqlmqPlainMessage extends SqlmqMessage {

    SqlmqPlainMessage(StoredProperties properties) {
        super(properties);
    }

    @Override
    boolean bodyFits(Class<?> type) {
        return true;
    }

    @Override
    @Nullable
    Object bodyCopy() {
        return null;
    }

    @Override
    void emptyBody() {}

    @Override
    StoredBody storedBody() {
        return new StoredBody(StoredContent.MESSAGE, null, null);
    }

    @Override
    String bodySummary() {
        return "none";
    }
}
