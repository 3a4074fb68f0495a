package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import io.sqlmq.jms.internal.errors.JmsErrors;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session acknowledges: what AUTO and DUPS_OK share. */
abstract class AutomaticMode extends UntransactedMode {
    private static final Logger log = LoggerFactory.getLogger(AutomaticMode.class);
    private static final String LATE = "The acknowledgement of message {} is late";

    /** Set by recover() in a listener: the message in hand went back and must not be acknowledged. */
    private boolean recovered;

    AutomaticMode(Engine engine, Window.Mode windowMode) {
        super(engine, windowMode);
    }

    @Override
    public final synchronized @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        recovered = false;
        return super.take(consumer);
    }

    @Override
    public final synchronized void received(Delivery delivery) {
        try {
            acknowledgeReceived(delivery);
        } catch (SQLException e) {
            // The engine writes the acknowledgement later; withholding the message would lose it.
            if (JmsErrors.isOutage(e.getSQLState())) {
                log.debug(LATE, delivery.row().id(), e);
            } else {
                log.warn(LATE, delivery.row().id(), e);
            }
        }
    }

    /** Acknowledges a message that a receive is about to return. */
    abstract void acknowledgeReceived(Delivery delivery) throws SQLException;

    @Override
    public final synchronized void bodyRefused(Delivery delivery) {
        window().putBack(delivery);
    }

    @Override
    public final synchronized void listenerReturned(Delivery delivery) throws SQLException {
        if (!recovered) {
            window().acknowledge(delivery);
        }
    }

    @Override
    public final synchronized void listenerFailed(Delivery delivery, String error) throws SQLException {
        if (!recovered) {
            window().giveBack(List.of(delivery), error);
        }
    }

    @Override
    public final synchronized void recover() throws SQLException {
        if (existingWindow() != null) {
            window().flush();
            super.recover();
            recovered = true;
        }
    }

    @Override
    public final synchronized void idle() throws SQLException {
        if (existingWindow() != null) {
            window().flush();
        }
    }
}
