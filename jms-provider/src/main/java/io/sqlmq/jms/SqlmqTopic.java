package io.sqlmq.jms;

import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/** A topic (§4.2). It exists as soon as it is named. */
public class SqlmqTopic extends SqlmqDestination implements Topic {
    private static final long serialVersionUID = 1L;

    /**
     * The topic of that name, which may have options: {@code orders?consumer.prefetchSize=10}.
     *
     * @throws IllegalArgumentException if the name is null, empty, longer than 255 bytes in UTF-8, or contains NUL or an
     *     unpaired surrogate, or an option is not possible
     */
    public SqlmqTopic(@Nullable String name) {
        super(name, false);
    }

    private SqlmqTopic(String name, boolean literal) {
        super(name, literal);
    }

    /**
     * The topic of exactly that name: question marks, commas, {@code *} and {@code >} in it are nothing but characters.
     *
     * @throws IllegalArgumentException as the constructor does
     */
    public static SqlmqTopic literal(String name) {
        return new SqlmqTopic(name, true);
    }

    @Override
    public final String getTopicName() {
        return getName();
    }

    @Override
    public final boolean isQueue() {
        return false;
    }
}
