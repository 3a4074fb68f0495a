package io.sqlmq.engine.send;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NotWrittenException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages to queues and topics in one transaction, all or none: where the subscriptions of a topic have changed, they
 * are read again before the commit.
 */
final class WholeWrite {
    private WholeWrite() {}

    /** One attempt. */
    static void write(
            Database database,
            MessageWriter writer,
            CommitOutcomeResolver commitOutcomes,
            Wakeups wakeups,
            List<NewMessage> messages)
            throws SQLException, NotWrittenException {
        Connection connection = database.connections().takeForSend();
        List<NewMessage> written = new ArrayList<>();
        @Nullable String[] id = new String[1];
        long began = System.nanoTime();
        boolean committing = false;
        try {
            // Another transaction may be giving a message's identifier to its own; the pool for sends is small.
            new Pipeline()
                    .add(Statements.BEGIN)
                    .add(Statements.SHORT_LOCK_TIMEOUT)
                    .query(Statements.TRANSACTION_ID, p -> {}, rows -> {
                        rows.next();
                        id[0] = rows.getString(1);
                    })
                    .run(connection);
            written.addAll(writer.writeAll(connection, messages, null));
            committing = true;
            new Pipeline().add(Statements.COMMIT).run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            database.statementFailed(e, broken);
            if (!broken || Failures.READ_ONLY.equals(e.getSQLState())) {
                throw e;
            }
            long age = System.nanoTime() - began;
            if (!committing || !commitOutcomes.isCommitted(id[0], List.of(), written, age, e)) {
                throw new NotWrittenException(e);
            }
            wakeups.committed(written);
            return;
        }
        Failures.close(connection);
        wakeups.committed(written);
    }
}
