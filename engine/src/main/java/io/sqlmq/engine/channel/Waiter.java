package io.sqlmq.engine.channel;

/** Somebody who waits: woken once. */
interface Waiter {
    /** For which consumer. */
    ChannelConsumer consumer();

    /** Whether it wants only some messages, so that it has to be woken besides those that take any. */
    default boolean isSelective() {
        return consumer().cursor().selection() != null;
    }

    /** Returns false if it does not wait any more, so that another one has to be woken. */
    boolean wake();

    /** How many messages it takes at once when it is woken, about. */
    default int takes() {
        return 1;
    }

    /** Whether a thread waits that looks at once when it is woken, and does nothing else before. */
    default boolean looksAtOnce() {
        return false;
    }
}
