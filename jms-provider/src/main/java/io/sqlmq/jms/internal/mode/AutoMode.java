package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import jakarta.jms.Session;
import java.sql.SQLException;

/**
 * AUTO_ACKNOWLEDGE: a received message is acknowledged before receive() returns, a listener's after it has returned
 * (§6.2.10). A session that has a listener groups what it acknowledges.
 */
public final class AutoMode extends AutomaticMode {
    private final boolean optimizeAcknowledge;
    private boolean grouped;

    public AutoMode(Engine engine, boolean optimizeAcknowledge) {
        super(engine, Window.Mode.EACH);
        this.grouped = optimizeAcknowledge;
        this.optimizeAcknowledge = optimizeAcknowledge;
    }

    @Override
    public int code() {
        return Session.AUTO_ACKNOWLEDGE;
    }

    @Override
    Window.Mode windowMode() {
        return grouped ? Window.Mode.GROUPED : Window.Mode.EACH;
    }

    @Override
    void acknowledgeReceived(Delivery delivery) throws SQLException {
        window().acknowledge(delivery);
        if (grouped && !optimizeAcknowledge) {
            window().flush();
        }
    }

    @Override
    public synchronized void useForListener() {
        if (!grouped) {
            grouped = true;
            endWindow();
        }
    }
}
