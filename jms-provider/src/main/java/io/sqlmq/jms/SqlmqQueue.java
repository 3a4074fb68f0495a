package io.sqlmq.jms;

import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** A queue (§4.1). It exists as soon as it is named. */
public class SqlmqQueue extends SqlmqDestination implements Queue {
    private static final long serialVersionUID = 1L;

    /**
     * The queue of that name.
     *
     * @throws IllegalArgumentException if the name is null, empty, longer than 255 bytes in UTF-8, or contains NUL or an
     *     unpaired surrogate
     */
    public SqlmqQueue(@Nullable String name) {
        super(name);
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
