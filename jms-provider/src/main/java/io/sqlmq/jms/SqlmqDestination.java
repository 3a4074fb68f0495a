package io.sqlmq.jms;

import io.sqlmq.engine.model.NamePattern;
import jakarta.jms.Destination;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.jspecify.annotations.Nullable;

/**
 * A queue or a topic, known by its name (§4.1.3). Immutable. Equal when kind and name are equal, whatever the options; a
 * temporary queue is of the kind queue.
 *
 * <p>A name can say more, as in ActiveMQ: what follows a question mark are {@linkplain DestinationOptions options}, which
 * are not part of the name; commas separate the names of several destinations; {@code *} and {@code >} in it stand for
 * whatever matches. A {@code literal} destination has none of this.
 */
public abstract class SqlmqDestination implements Destination, Referenceable, Serializable {
    private static final long serialVersionUID = 1L;

    /** The longest name, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 255;

    /** The name of the class that makes objects of references. */
    static final String OBJECT_FACTORY = "io.sqlmq.jms.jndi.SqlmqObjectFactory";

    private static final char SEPARATOR = ',';
    private static final String QUEUE_PREFIX = "queue://";
    private static final String TOPIC_PREFIX = "topic://";

    private final String name;
    private final DestinationOptions options;
    private final boolean literal;

    /** Checks the name. */
    SqlmqDestination(@Nullable String name, boolean literal) {
        int mark = literal || name == null ? -1 : name.indexOf('?');
        this.name = checked(mark < 0 ? name : name.substring(0, mark), literal);
        this.options = mark < 0 ? DestinationOptions.NONE : DestinationOptions.parse(name.substring(mark + 1));
        this.literal = literal;
    }

    /** The name, without a prefix and without options. */
    public final String getName() {
        return name;
    }

    /** The options that were given with the name. */
    public final DestinationOptions getOptions() {
        return options;
    }

    /** Whether commas, {@code *} and {@code >} in the name are nothing but characters. */
    public final boolean isLiteral() {
        return literal;
    }

    /** Whether this stands for several destinations: their names are in its name, separated by commas. */
    public final boolean isComposite() {
        return !literal && name.indexOf(SEPARATOR) >= 0;
    }

    /**
     * What a composite destination stands for, each once; of any other one, itself. A name that begins with {@code
     * queue://} or {@code topic://} is of that kind, others are of the kind of this destination.
     */
    public final List<SqlmqDestination> getCompositeDestinations() {
        return isComposite() ? parts(name, isQueue()) : List.of(this);
    }

    /**
     * Whether this stands for all destinations that match its name: as in ActiveMQ, a {@code *} between dots stands for
     * one segment, a {@code >} at the end for any further ones.
     */
    public final boolean isPattern() {
        return !literal && !isComposite() && NamePattern.isPattern(name);
    }

    /** Whether this is a queue; else it is a topic. */
    public abstract boolean isQueue();

    /**
     * Reads what {@link #toString()} wrote; a name without {@code queue://} or {@code topic://} is that of a queue. The
     * name may have options.
     *
     * @throws IllegalArgumentException if the name is not possible
     */
    public static SqlmqDestination parse(String text) {
        if (text.startsWith(TOPIC_PREFIX)) {
            return new SqlmqTopic(text.substring(TOPIC_PREFIX.length()));
        }
        return new SqlmqQueue(text.startsWith(QUEUE_PREFIX) ? text.substring(QUEUE_PREFIX.length()) : text);
    }

    private static List<SqlmqDestination> parts(String names, boolean queues) {
        Set<SqlmqDestination> parts = new LinkedHashSet<>();
        for (String part : names.split(String.valueOf(SEPARATOR), -1)) {
            String text = part.strip();
            if (!text.isEmpty()) {
                parts.add(part(text, queues));
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("The name of the destination, " + names + ", lists no name");
        }
        return List.copyOf(parts);
    }

    private static SqlmqDestination part(String text, boolean queue) {
        boolean isQueue = text.startsWith(QUEUE_PREFIX) || (queue && !text.startsWith(TOPIC_PREFIX));
        String name = text.startsWith(QUEUE_PREFIX) || text.startsWith(TOPIC_PREFIX)
                ? text.substring(QUEUE_PREFIX.length())
                : text;
        return isQueue ? new SqlmqQueue(name) : new SqlmqTopic(name);
    }

    private static String checked(@Nullable String name, boolean literal) {
        if (name == null) {
            throw new IllegalArgumentException("The name of the destination is null");
        }
        if (!literal && name.indexOf(SEPARATOR) >= 0) {
            parts(name, true); // each is checked by itself
            return name;
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

    /** Whether PostgreSQL can hold the text. */
    static boolean isText(String text) {
        return text.indexOf('\0') < 0 && utf8Length(text) >= 0;
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

    /**
     * What a naming service keeps: an object factory makes the same destination of it.
     *
     * @throws NamingException if the destination is temporary
     */
    @Override
    public final Reference getReference() throws NamingException {
        if (this instanceof TemporaryQueue || this instanceof TemporaryTopic) {
            throw new OperationNotSupportedException(
                    "The temporary destination " + name + " ends with its connection; a naming service cannot keep it");
        }
        String text = options.isEmpty() ? name : name + "?" + options.format();
        Reference reference = new Reference(
                isQueue() ? SqlmqQueue.class.getName() : SqlmqTopic.class.getName(), OBJECT_FACTORY, null);
        reference.add(new StringRefAddr("physicalName", text));
        if (literal) {
            reference.add(new StringRefAddr("literal", "true"));
        }
        return reference;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        try {
            checked(name, literal);
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
