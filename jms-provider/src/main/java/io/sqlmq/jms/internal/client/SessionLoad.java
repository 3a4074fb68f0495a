package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.internal.mode.SessionMode;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SqlmqConnectionConsumer} lets one session take: its next messages, up to a number. The messages are
 * claimed when the session runs, in the transaction that the session works in by then, so that any kind of session can
 * be loaded.
 */
final class SessionLoad {
    private final SqlmqConnectionConsumer consumer;
    private final ChannelConsumer channel;
    /** How many messages the session may still take. Used by its run only. */
    private int left;

    private boolean looked;

    SessionLoad(SqlmqConnectionConsumer consumer, ChannelConsumer channel, int maxMessages) {
        this.consumer = consumer;
        this.channel = channel;
        this.left = maxMessages;
    }

    ChannelConsumer channel() {
        return channel;
    }

    boolean isUsedUp() {
        return left == 0;
    }

    /** Takes the next message, claiming all that the session may still have; null when there is none. */
    @Nullable
    Delivery take(SessionMode mode) throws SQLException {
        channel.order(left);
        boolean goesOn = false;
        try {
            Delivery taken = mode.take(channel);
            goesOn = taken != null && left > 1 && !mode.claimsAhead();
            return taken;
        } finally {
            left--;
            channel.order(left);
            looked(goesOn);
        }
    }

    /** What the session attempts, for error texts. */
    String receiving() {
        return consumer.receiving();
    }

    /** Begins a delivery, which {@link #leave} ends; false when the connection consumer is closed. */
    boolean enter() {
        return consumer.enter();
    }

    void leave() {
        consumer.leave();
    }

    /**
     * The session has claimed what it will have, if anything: what is there now is for other sessions.
     *
     * @param goesOn whether it has claimed its first message only, and claims the others when it comes to them
     */
    private void looked(boolean goesOn) {
        boolean first;
        synchronized (this) {
            first = !looked;
            looked = true;
        }
        if (first) {
            consumer.sessionLooked(goesOn);
        }
    }

    /** The session could not do its work. */
    void failed(Throwable cause) {
        consumer.failed(cause);
    }

    /** The session has run, or will not. */
    void close() {
        left = 0;
        channel.order(0);
        channel.close();
        looked(false);
    }
}
