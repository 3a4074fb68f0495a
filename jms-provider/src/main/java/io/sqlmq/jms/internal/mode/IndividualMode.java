package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Mode 4, as ActiveMQ has it: each message is acknowledged on its own, in any order. */
public final class IndividualMode extends UntransactedMode {
    public static final int CODE = 4;

    /** What may still be acknowledged; acknowledging a message twice does nothing. */
    private final Set<Delivery> outstanding = new HashSet<>();

    public IndividualMode(Engine engine) {
        super(engine, Window.Mode.INDIVIDUAL);
    }

    @Override
    public int code() {
        return CODE;
    }

    @Override
    public synchronized @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        Delivery delivery = super.take(consumer);
        if (delivery != null) {
            outstanding.add(delivery);
        }
        return delivery;
    }

    @Override
    public synchronized void acknowledge(Delivery delivery) throws SQLException {
        if (outstanding.contains(delivery)) {
            window().acknowledge(delivery);
            outstanding.remove(delivery);
        }
    }

    @Override
    public synchronized void unreadable(Delivery delivery, String error) throws SQLException {
        outstanding.remove(delivery);
        super.unreadable(delivery, error);
    }

    @Override
    public synchronized void setAside(Delivery delivery, String reason) throws SQLException {
        outstanding.remove(delivery);
        super.setAside(delivery, reason);
    }

    @Override
    public synchronized void recover() throws SQLException {
        outstanding.clear();
        super.recover();
    }
}
