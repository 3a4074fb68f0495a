package io.sqlmq.jms.internal.xa;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.jms.internal.mode.SessionMode;
import jakarta.jms.Session;
import jakarta.jms.TransactionInProgressException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One operation of an XA session inside a transaction branch: the transaction manager ends it. */
final class BranchMode extends SessionMode {
    private static final Logger log = LoggerFactory.getLogger(BranchMode.class);

    private final XaBranch branch;

    BranchMode(XaBranch branch) {
        this.branch = branch;
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
    public String transactionId() throws SQLException {
        return branch.work.transactionId();
    }

    @Override
    @Nullable
    public Delivery take(ChannelConsumer consumer) throws SQLException {
        return branch.work.take(consumer);
    }

    @Override
    public boolean claimsAhead() {
        return false;
    }

    @Override
    public void unreadable(Delivery delivery, String error) {
        // The receive throws; what becomes of the transaction is the transaction manager's decision.
        log.warn("Message {} cannot be read: {}", delivery.row().id(), error);
        branch.work.noteFailure(error);
    }

    @Override
    public void setAside(Delivery delivery, String reason) throws SQLException {
        branch.work.setAside(delivery, reason);
    }

    @Override
    public void send(NewMessage message) throws SQLException {
        branch.work.send(message);
    }

    /** Complete when the branch has accepted the message. */
    @Override
    public CompletableFuture<Void> sendAsync(NewMessage message) throws SQLException {
        send(message);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void noteFailure(String error) {
        branch.work.noteFailure(error);
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

    @Override
    public Connection connection() throws SQLException {
        return branch.connection();
    }

    /** A branch in which nothing was done needs no connection while its receive waits. */
    @Override
    public void idle() {
        branch.work.idle();
    }

    static TransactionInProgressException inProgress(String method) {
        return new TransactionInProgressException(
                method + "() is not for XA sessions. Their transactions are ended by the transaction manager.",
                "XA_SESSION");
    }
}
