package io.sqlmq.jms.internal;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import jakarta.jms.Session;
import java.sql.SQLException;

/** DUPS_OK_ACKNOWLEDGE: acknowledged in groups (§6.2.10). */
final class DupsOkMode extends AutomaticMode {
    DupsOkMode(Engine engine) {
        super(engine, Window.Mode.GROUPED);
    }

    @Override
    int code() {
        return Session.DUPS_OK_ACKNOWLEDGE;
    }

    @Override
    void acknowledgeReceived(Delivery delivery) throws SQLException {
        window().acknowledge(delivery);
    }
}
