package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import jakarta.jms.Session;
import java.sql.SQLException;

/** CLIENT_ACKNOWLEDGE: acknowledging one message acknowledges all that the session has delivered (§6.2.10). */
public final class ClientMode extends UntransactedMode {
    public ClientMode(Engine engine) {
        super(engine, Window.Mode.CLIENT);
    }

    @Override
    public int code() {
        return Session.CLIENT_ACKNOWLEDGE;
    }

    @Override
    public synchronized void acknowledge(Delivery delivery) throws SQLException {
        if (existingWindow() != null) {
            window().acknowledgeAll();
        }
    }
}
