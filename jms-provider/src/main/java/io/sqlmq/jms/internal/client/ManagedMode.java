package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.mode.WindowMode;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionInProgressException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Operations in the transaction of a session that a transaction manager of ours commits and rolls back: those of that session,
 * and of all others that its thread uses.
 */
final class ManagedMode extends SessionMode {
    private final SqlmqSession owner;
    private final WindowMode mode;

    ManagedMode(SqlmqSession owner) {
        this.owner = owner;
        this.mode = owner.mode();
    }

    /** Whose transaction it is. */
    SqlmqSession owner() {
        return owner;
    }

    @Override
    public int code() {
        return mode.code();
    }

    @Override
    public boolean isTransaction() {
        return true;
    }

    @Override
    public @Nullable String transactionId() throws SQLException {
        return mode.transactionId();
    }

    @Override
    public @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        return mode.take(consumer);
    }

    @Override
    public void unreadable(Delivery delivery, String error) throws SQLException {
        mode.unreadable(delivery, error);
    }

    @Override
    public void setAside(Delivery delivery, String reason) throws SQLException {
        mode.setAside(delivery, reason);
    }

    @Override
    public void noteFailure(String error) {
        mode.noteFailure(error);
    }

    @Override
    public void send(NewMessage message) throws SQLException, JMSException {
        mode.send(message);
    }

    @Override
    public CompletableFuture<Void> sendAsync(NewMessage message) throws SQLException, JMSException {
        return mode.sendAsync(message);
    }

    @Override
    public Connection connection() throws SQLException, JMSException {
        return mode.connection();
    }

    @Override
    public void recover() throws TransactionInProgressException {
        throw inProgress("recover");
    }

    @Override
    public void commit() throws TransactionInProgressException {
        throw inProgress("commit");
    }

    @Override
    public void rollback() throws TransactionInProgressException {
        throw inProgress("rollback");
    }

    private static TransactionInProgressException inProgress(String method) {
        return new TransactionInProgressException(
                method + "() is not for a session inside a transaction of SqlmqTransactionManager. Return from the"
                        + " transactional method, or mark it as rollback-only.",
                "MANAGED_TRANSACTION");
    }
}
