package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is a serialised Java object. The object is serialised when it is set, and each {@code getObject}
 * gives a new copy of it, found by the thread's context class loader and, when it was received, only of
 * {@linkplain TrustedClasses trusted classes}.
 */
public final class SqlmqObjectMessage extends SqlmqMessage implements ObjectMessage {
    private static final TrustedClasses OWN_OBJECT =
            TrustedClasses.of(List.of("*")).withMaxHashtableObjects(Integer.MAX_VALUE);

    private final TrustedClasses trusted;
    private byte @Nullable [] serialized;

    /** Set by this application itself, which therefore has the class and runs its code anyway. */
    private boolean own;

    SqlmqObjectMessage(StoredProperties properties, byte @Nullable [] stored, TrustedClasses trusted) {
        super(properties);
        serialized = stored;
        this.trusted = trusted;
    }

    /**
     * Sets the body to a copy of {@code object} as it is now.
     *
     * @throws MessageFormatException when it cannot be serialised
     */
    @Override
    public void setObject(@Nullable Serializable object) throws JMSException {
        checkBodyWritable();
        serialized = object == null ? null : ObjectBody.serialize(object);
        own = true;
    }

    /**
     * A new copy of the object, or null if there is none.
     *
     * @throws MessageFormatException when it cannot be deserialised, or has a class that is not trusted; the text names
     *     the class
     */
    @Override
    public @Nullable Serializable getObject() throws JMSException {
        return (Serializable) deserialize();
    }

    @Override
    public <T> @Nullable T getBody(Class<T> type) throws JMSException {
        Object object = deserialize();
        if (object != null && !type.isInstance(object)) {
            throw bodyDoesNotFit(type);
        }
        return type.cast(object);
    }

    @Override
    boolean bodyFits(Class<?> type) throws JMSException {
        try {
            Object object = deserialize();
            return object == null || type.isInstance(object);
        } catch (MessageFormatException cannotBeDeserialized) {
            return false;
        }
    }

    @Override
    @Nullable
    Object bodyCopy() throws JMSException {
        return deserialize();
    }

    @Override
    void emptyBody() {
        serialized = null;
    }

    @Override
    StoredBody storedBody() {
        return new StoredBody(StoredContent.OBJECT, null, serialized);
    }

    @Override
    String bodySummary() {
        return serialized == null ? "none" : serialized.length + " bytes of object";
    }

    private @Nullable Object deserialize() throws JMSException {
        checkNotBeingSent();
        return serialized == null ? null : ObjectBody.deserialize(serialized, own ? OWN_OBJECT : trusted);
    }
}
