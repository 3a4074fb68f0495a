package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import jakarta.jms.Session;
import java.sql.SQLException;

/** DUPS_OK_ACKNOWLEDGE: acknowledged in groups (§6.2.10). */
public final class DupsOkMode extends AutomaticMode {
    public DupsOkMode(Engine engine) {
        super(engine, Window.Mode.GROUPED);
    }

    @Override
    public int code() {
        return Session.DUPS_OK_ACKNOWLEDGE;
    }

    @Override
    void acknowledgeReceived(Delivery delivery) throws SQLException {
        window().acknowledge(delivery);
    }
}
