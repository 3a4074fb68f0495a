package io.sqlmq.jms;

import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** A queue (§4.1). It exists as soon as it is named. */
public class SqlmqQueue extends SqlmqDestination implements Queue {
    private static final long serialVersionUID = 1L;

    /**
     * The queue of that name, which may have options: {@code orders?consumer.prefetchSize=10}.
     *
     * @throws IllegalArgumentException if the name is null, empty, longer than 255 bytes in UTF-8, or contains NUL or an
     *     unpaired surrogate, or an option is not possible
     */
    public SqlmqQueue(@Nullable String name) {
        super(name, false);
    }

    private SqlmqQueue(String name, boolean literal) {
        super(name, literal);
    }

    /**
     * The queue of exactly that name: question marks, commas, {@code *} and {@code >} in it are nothing but characters.
     *
     * @throws IllegalArgumentException as the constructor does
     */
    public static SqlmqQueue literal(String name) {
        return new SqlmqQueue(name, true);
    }

    @Override
    public final String getQueueName() {
        return getName();
    }

    @Override
    public final boolean isQueue() {
        return true;
    }
}
