package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;

/** A message whose body is a String, stored verbatim as text unless a PostgreSQL text cannot hold it. */
public final class SqlmqTextMessage extends SqlmqMessage implements TextMessage {
    private @Nullable String text;

    SqlmqTextMessage(StoredProperties properties, @Nullable String text) {
        super(properties);
        this.text = text;
    }

    @Override
    public @Nullable String getText() throws JMSException {
        checkNotBeingSent();
        return text;
    }

    @Override
    public void setText(@Nullable String text) throws JMSException {
        checkBodyWritable();
        this.text = text;
    }

    @Override
    boolean bodyFits(Class<?> type) {
        return text == null || type.isInstance(text);
    }

    @Override
    @Nullable
    Object bodyCopy() {
        return text;
    }

    @Override
    void emptyBody() {
        text = null;
    }

    @Override
    StoredBody storedBody() {
        if (text == null || HeaderText.isStorable(text)) {
            return new StoredBody(null, text, null);
        }
        return new StoredBody(StoredContent.TEXT, null, BodyWriter.text(text));
    }

    @Override
    String bodySummary() {
        return text == null ? "none" : '"' + MessageFaults.shown(text) + '"';
    }
}
