package io.sqlmq.jms;

import jakarta.jms.Destination;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A queue or a topic, known by its name (§4.1.3). Immutable. Equal when kind and name are equal; a temporary queue is of
 * the kind queue.
 */
public abstract class SqlmqDestination implements Destination, Serializable {
    private static final long serialVersionUID = 1L;

    /** The longest name, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 255;

    private static final String QUEUE_PREFIX = "queue://";
    private static final String TOPIC_PREFIX = "topic://";

    private final String name;

    /** Checks the name. */
    SqlmqDestination(@Nullable String name) {
        this.name = checked(name);
    }

    /** The name, without a prefix. */
    public final String getName() {
        return name;
    }

    /** Whether this is a queue; else it is a topic. */
    public abstract boolean isQueue();

    /**
     * Reads what {@link #toString()} wrote; a name without {@code queue://} or {@code topic://} is that of a queue.
     *
     * @throws IllegalArgumentException if the name is not possible
     */
    public static SqlmqDestination parse(String text) {
        if (text.startsWith(TOPIC_PREFIX)) {
            return new SqlmqTopic(text.substring(TOPIC_PREFIX.length()));
        }
        return new SqlmqQueue(text.startsWith(QUEUE_PREFIX) ? text.substring(QUEUE_PREFIX.length()) : text);
    }

    private static String checked(@Nullable String name) {
        if (name == null) {
            throw new IllegalArgumentException("The name of the destination is null");
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("The name of the destination is empty");
        }
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("The name of the destination contains a NUL character (U+0000), which "
                    + "PostgreSQL cannot hold, at index " + name.indexOf('\0'));
        }
        int bytes = utf8Length(name);
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "The name of the destination contains half of a surrogate pair, which is not a character");
        }
        if (bytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("The name of the destination has " + bytes + " bytes in UTF-8; at most "
                    + MAX_NAME_BYTES + " are possible: " + name.substring(0, name.offsetByCodePoints(0, 20)) + "…");
        }
        return name;
    }

    /** Whether a destination can have that name. */
    static boolean isName(String name) {
        int bytes = utf8Length(name);
        return bytes > 0 && bytes <= MAX_NAME_BYTES && name.indexOf('\0') < 0;
    }

    /** Length in bytes, or -1 if the text has no encoding. */
    private static int utf8Length(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return bytes.remaining();
        } catch (CharacterCodingException e) {
            return -1;
        }
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        try {
            checked(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidObjectException(e.getMessage());
        }
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof SqlmqDestination that && that.isQueue() == isQueue() && that.name.equals(name);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(isQueue(), name);
    }

    /** {@code queue://} or {@code topic://} and the name. */
    @Override
    public final String toString() {
        return (isQueue() ? QUEUE_PREFIX : TOPIC_PREFIX) + name;
    }
}
