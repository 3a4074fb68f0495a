package io.sqlmq.engine.send;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NotWrittenException;
import io.sqlmq.engine.model.OutcomeUnknownException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Writes what several calls send in one transaction, and again what could not be written together or yet. Thread-safe. */
public final class BatchWriter {

    private static final int UNDIVIDED = 16;
    private static final long PATIENCE_NANOS = 50_000_000;

    private final Database database;
    private final Duration patience;
    private final Topics topics;
    private final SendParts sends;
    private final Wakeups wakeups;

    /**
     * The writer of an engine.
     *
     * @param patience how long a message is tried again that could not be written
     */
    public BatchWriter(Database database, Duration patience, Topics topics, SendParts sends, Wakeups wakeups) {
        this.database = database;
        this.patience = patience;
        this.topics = topics;
        this.sends = sends;
        this.wakeups = wakeups;
    }

    /** Each call gets what became of it: no messages are left, or there is a failure. */
    void write(List<PendingSend> batch) {
        List<PendingSend> rest = batch;
        for (int round = 0; !rest.isEmpty(); round++) {
            if (round > 0) {
                lookAgain(rest, round);
            }
            writeOnce(rest.stream().filter(p -> p.failure == null).toList());
            rest = rest.stream()
                    .filter(p -> p.failure == null && !p.messages.isEmpty())
                    .toList();
        }
    }

    private void lookAgain(List<PendingSend> unwritten, int round) {
        List<NewMessage> messages = new ArrayList<>();
        unwritten.forEach(pending -> messages.addAll(pending.messages));
        try {
            database.run(topics.look(messages, round));
        } catch (SQLException e) {
            unwritten.forEach(pending -> pending.failure = e);
        }
    }

    /** Leaves in the batch what has to be written again. */
    private void writeOnce(List<PendingSend> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<NewMessage> messages = new ArrayList<>();
        batch.forEach(pending -> messages.addAll(pending.messages));
        try {
            boolean whole = batch.stream().anyMatch(pending -> pending.whole);
            List<NewMessage> rest = write(messages, whole, batch.size() == 1);
            batch.forEach(pending -> pending.messages = common(pending.messages, rest));
        } catch (OutcomeUnknownException e) {
            batch.forEach(pending -> pending.failure = e);
        } catch (SQLException e) {
            if (batch.size() == 1) {
                batch.get(0).failure = e;
                return;
            }
            // One bad row fails only its sender.
            for (PendingSend pending : batch) {
                try {
                    pending.messages = write(pending.messages, pending.whole, true);
                } catch (SQLException own) {
                    pending.failure = own;
                }
            }
        }
    }

    private static List<NewMessage> common(List<NewMessage> messages, List<NewMessage> rest) {
        return rest.isEmpty()
                ? List.of()
                : messages.stream()
                        .filter(m -> rest.stream().anyMatch(r -> r.id().equals(m.id())))
                        .toList();
    }

    /** As {@link #write}, and again while another transaction may be giving a message's identifier to its own. */
    private List<NewMessage> write(List<NewMessage> messages, boolean whole, boolean patient) throws SQLException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return write(messages, whole);
            } catch (SQLException e) {
                if (!patient || !Failures.LOCK_TIMEOUT.equals(e.getSQLState()) || System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(this, PATIENCE_NANOS);
            }
        }
    }

    /** Returns what was not written, see {@link Writing#unwritten}. */
    private List<NewMessage> write(List<NewMessage> messages, boolean whole) throws SQLException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                if (whole) {
                    WholeWrite.write(database, sends.writer(), sends.outcomes(), wakeups, messages);
                    return List.of();
                }
                return insert(messages);
            } catch (NotWrittenException e) {
                if (System.nanoTime() > end) {
                    throw e.reason;
                }
            }
        }
    }

    private List<NewMessage> insert(List<NewMessage> messages) throws SQLException, NotWrittenException {
        Connection connection = database.connections().takeForSend();
        boolean alone = false;
        Writing writing = sends.writer().begin(messages);
        try {
            Pipeline body = new Pipeline();
            Pipeline pipeline = new Pipeline();
            // Without BEGIN, what travels together is one transaction all the same, as long as the driver does not
            // divide it.
            if (writing.isUnlogged()) {
                writing.relax();
            }
            int statements = writing.add(body, null);
            if (statements == 1 || (writing.isPlain() && statements <= UNDIVIDED)) {
                pipeline = body;
                alone = true;
            } else {
                pipeline.add(Statements.BEGIN);
                if (writing.hasIdentifiers()) {
                    pipeline.add(Statements.SHORT_LOCK_TIMEOUT); // the pool for sends is small
                }
                writing.add(pipeline, null);
                pipeline.add(Statements.COMMIT);
            }
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            database.statementFailed(e, broken);
            if (!broken || Failures.READ_ONLY.equals(e.getSQLState())) {
                throw e;
            }
            if ((alone && Failures.endedByServer(e))
                    || !sends.outcomes().isCommitted(null, List.of(), writing.perhapsWritten(), 0, e)) {
                throw new NotWrittenException(e);
            }
            wakeups.committed(writing.perhapsWritten());
            return List.of();
        }
        Failures.close(connection);
        wakeups.committed(writing.written());
        return writing.unwritten();
    }
}
