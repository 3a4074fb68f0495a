package io.sqlmq.jms;

import java.util.Map;

/**
 * The options of a factory with what only the factory does with them; applications have no use for it. Thread-safe.
 */
public final class FactoryOptions {
    private final SqlmqOptions options;

    /** For a copy of these options. */
    public FactoryOptions(SqlmqOptions options) {
        this.options = options.copy();
    }

    /** What the application sets and sees. */
    public SqlmqOptions options() {
        return options;
    }

    /**
     * Refuses options that contradict each other.
     *
     * @throws IllegalArgumentException naming them
     */
    public void check() {
        options.validate();
    }

    /** From here on nothing can be set. */
    public void seal() {
        options.seal();
    }

    /** All that is set but the URL, secrets too, by names that {@link SqlmqOptions#set} takes. */
    public Map<String, String> texts() {
        return options.texts();
    }
}
