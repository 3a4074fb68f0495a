package io.sqlmq.jms;

import jakarta.jms.Message;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Follows messages from where they are sent to where they are worked on: see {@link SqlmqConnectionFactory#setMessageTracer}. It
 * must not throw, and is called by any threads.
 */
public interface MessageTracer {

    /**
     * A message is about to be sent.
     *
     * @param message as the application gave it
     * @param destination where to
     */
    Sending send(Message message, SqlmqDestination destination);

    /**
     * A call of {@code receive} has got a message, which it returns next.
     *
     * @param from when it began to look for this message; before that it waited
     */
    void received(Message message, Instant from);

    /** A message is about to be given to a message listener, on the calling thread. */
    Processing process(Message message);

    /** A message on its way. */
    interface Sending {

        /** What the message is to carry along, as string properties. Asked once, before it is written. */
        Map<String, String> properties();

        /**
         * It is written; in a transacted session it is noted, to be written with the commit.
         *
         * @param message the same as before the send, with its headers
         * @param failure why it was not, or null
         */
        void ended(Message message, @Nullable Throwable failure);
    }

    /** A message that is worked on. */
    interface Processing {

        /**
         * The listener has returned, on the same thread.
         *
         * @param failure what it threw, or null
         */
        void ended(@Nullable Throwable failure);
    }
}
