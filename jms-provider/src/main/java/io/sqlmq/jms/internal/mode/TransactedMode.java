package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.window.Window;
import io.sqlmq.jms.internal.errors.FailureText;
import io.sqlmq.jms.internal.errors.JmsErrors;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * SESSION_TRANSACTED: one database transaction covers what is sent, received and done in SQL between two commits
 * (§6.2.7). A transaction that the database has undone stays lost until the application hears of it at commit() or
 * gives it up by rollback().
 */
public final class TransactedMode extends WindowMode implements GuardedConnection.Savepoints {
    private final UnsentMessages unsent = new UnsentMessages();
    /** What had been received when the application made its savepoints. */
    private final Map<Savepoint, Set<Delivery>> savepoints = new HashMap<>();

    private @Nullable GuardedConnection guarded;
    private @Nullable String failure;

    /** Whether there is anything that a broken connection would undo. */
    private boolean work;

    private @Nullable Exception lost;

    public TransactedMode(Engine engine) {
        super(engine, Window.Mode.TRANSACTED);
    }

    @Override
    public int code() {
        return Session.SESSION_TRANSACTED;
    }

    @Override
    public boolean isTransaction() {
        return true;
    }

    @Override
    public synchronized String transactionId() throws SQLException {
        work = true;
        try {
            return window().transactionId();
        } catch (SQLException e) {
            undone(e);
            throw e;
        }
    }

    @Override
    public synchronized @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        try {
            Delivery delivery = super.take(consumer);
            work |= delivery != null;
            return delivery;
        } catch (SQLException e) {
            undone(e);
            throw e;
        }
    }

    @Override
    public synchronized void unreadable(Delivery delivery, String error) throws SQLException {
        within(() -> window().giveBack(List.of(delivery), error));
    }

    @Override
    public synchronized void setAside(Delivery delivery, String reason) throws SQLException {
        within(() -> window().setAside(delivery, reason));
    }

    private interface Step {
        void run() throws SQLException;
    }

    /** Something in the transaction that does not end it, unless it fails. */
    private void within(Step step) throws SQLException {
        try {
            step.run();
        } catch (SQLException e) {
            undone(e);
            throw e;
        }
    }

    @Override
    public synchronized void send(NewMessage message) throws SQLException {
        work = true;
        unsent.add(message);
        if (unsent.isLarge()) {
            writeUnsent();
        }
    }

    /** Complete when the transaction has accepted the message, so that commit() can wait for it (§7.3.8). */
    @Override
    public CompletableFuture<Void> sendAsync(NewMessage message) throws SQLException {
        send(message);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void recover() throws JMSException {
        throw new IllegalStateException(
                "recover() is not for transacted sessions. Call rollback() instead.", "TRANSACTED");
    }

    @Override
    public synchronized void noteFailure(String error) {
        failure = error;
    }

    @Override
    public synchronized void commit() throws JMSException, SQLException {
        Exception cause = lost;
        if (cause != null) {
            rollback();
            throw rolledBack(cause);
        }
        List<NewMessage> sends = unsent.drain();
        boolean altered = guarded != null && guarded.isAltered();
        reset();
        if (existingWindow() == null && sends.isEmpty()) {
            return;
        }
        List<Delivery> received = window().handedOver();
        try {
            window().commit(sends, altered);
        } catch (SQLException e) {
            beginAnew(e);
            JMSException failed = JmsErrors.fromCommit(e);
            if (failed instanceof TransactionRolledBackException) {
                engine.noteFailure(received, FailureText.of(e)); // the database counts them, and does not know why
            }
            throw failed;
        }
    }

    /** After a failed commit the next transaction must not inherit the failure. */
    private void beginAnew(SQLException failure) {
        try {
            window().rollback(null);
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public synchronized void rollback() throws SQLException {
        String error = failure;
        lost = null;
        reset();
        if (existingWindow() != null) {
            window().rollback(error);
        }
    }

    @Override
    public synchronized Connection connection() throws SQLException, JMSException {
        if (lost != null) {
            throw rolledBack(lost);
        }
        work = true;
        GuardedConnection handle = guarded;
        if (handle == null) {
            writeUnsent();
            try {
                handle = new GuardedConnection(window().connection(), this);
            } catch (SQLException e) {
                undone(e);
                throw e;
            }
            guarded = handle;
        }
        return handle.proxy();
    }

    @Override
    public synchronized void beforeSavepoint() throws SQLException {
        writeUnsent();
    }

    @Override
    public synchronized void made(Savepoint savepoint) {
        savepoints.put(savepoint, new HashSet<>(window().handedOver()));
    }

    /** What was sent and received since is undone with the SQL. */
    @Override
    public synchronized void rolledBackTo(Savepoint savepoint) {
        unsent.clear();
        Set<Delivery> before = savepoints.get(savepoint);
        if (before != null) {
            window().rolledBackTo(before);
        }
    }

    @Override
    public synchronized boolean hasWork() {
        return work;
    }

    @Override
    public synchronized void close() {
        reset();
        super.close();
    }

    private void writeUnsent() throws SQLException {
        List<NewMessage> sends = unsent.drain();
        if (sends.isEmpty()) {
            return;
        }
        within(() -> window().write(sends));
    }

    /** The database has undone the transaction. */
    private void undone(SQLException cause) {
        if (work) {
            lost = cause;
        }
        reset();
    }

    private void reset() {
        GuardedConnection handle = guarded;
        if (handle != null) {
            handle.end();
        }
        guarded = null;
        savepoints.clear();
        failure = null;
        work = false;
        unsent.clear();
    }

    private static TransactionRolledBackException rolledBack(Exception cause) {
        return new TransactionRolledBackException(
                "The transaction was rolled back earlier: " + cause.getMessage()
                        + ". What was sent in it is not there, what was received will be delivered again.",
                cause instanceof SQLException sql && sql.getSQLState() != null ? sql.getSQLState() : "ROLLED_BACK",
                cause);
    }
}
