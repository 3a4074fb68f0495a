package io.sqlmq.jms;

import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/** A topic (§4.2). It exists as soon as it is named. */
public class SqlmqTopic extends SqlmqDestination implements Topic {
    private static final long serialVersionUID = 1L;

    /**
     * The topic of that name.
     *
     * @throws IllegalArgumentException if the name is null, empty, longer than 255 bytes in UTF-8, or contains NUL or an
     *     unpaired surrogate
     */
    public SqlmqTopic(@Nullable String name) {
        super(name);
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
