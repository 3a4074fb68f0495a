package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes messages to queues and topics in one transaction, all or none: where the subscriptions of a topic have changed, they
 * are read again before the commit.
 */
final class WholeWrite {
    private WholeWrite() {}

    static void write(Engine engine, List<NewMessage> messages) throws SQLException {
        Connection connection = engine.connections().takeForSend();
        List<NewMessage> written = new ArrayList<>();
        boolean committing = false;
        try {
            // Another transaction may be giving a message's identifier to its own; the pool for sends is small.
            new Pipeline().add(Sql.BEGIN).add(Sql.SHORT_LOCK_TIMEOUT).run(connection);
            written.addAll(Writing.writeAll(engine, connection, messages, null));
            committing = true;
            new Pipeline().add(Sql.COMMIT).run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            engine.statementFailed(e, broken);
            if (!broken || !committing || !engine.outcomes().isCommitted(null, List.of(), written, 0, e)) {
                throw e;
            }
            engine.wakeups().committed(written);
            return;
        }
        Failures.close(connection);
        engine.wakeups().committed(written);
    }
}
