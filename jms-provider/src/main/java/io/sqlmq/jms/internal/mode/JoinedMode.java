package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.internal.errors.TransactionRefusedException;
import jakarta.jms.TransactionInProgressException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operation of a session inside a transaction of the application: what is sent and received commits and rolls back
 * with it, and nothing here ends it.
 */
public final class JoinedMode extends SessionMode {
    private static final Logger log = LoggerFactory.getLogger(JoinedMode.class);

    /** in_failed_sql_transaction */
    private static final String FAILED = "25P02";

    private final Engine engine;
    private final BoundTransaction transaction;
    private final JoinedWork work;
    private final int code;

    public JoinedMode(Engine engine, BoundTransaction transaction, JoinedWork work, int code) {
        this.engine = engine;
        this.transaction = transaction;
        this.work = work;
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }

    @Override
    public boolean isTransaction() {
        return true;
    }

    @Override
    public String transactionId() throws SQLException {
        return SenderIdentity.transactionId(transaction.connection());
    }

    @Override
    @Nullable
    public Delivery take(ChannelConsumer consumer) throws SQLException {
        Delivery taken;
        try {
            taken = engine.takeJoined(transaction.connection(), consumer, work.writers());
        } catch (SQLException e) {
            throw explained(e);
        }
        if (taken != null) {
            work.took(taken);
        }
        return taken;
    }

    @Override
    public boolean claimsAhead() {
        return false;
    }

    @Override
    public void unreadable(Delivery delivery, String error) {
        // The receive throws; what becomes of the transaction is its owner's decision.
        log.warn("Message {} cannot be read: {}", delivery.row().id(), error);
        noteFailure(error);
    }

    @Override
    public void setAside(Delivery delivery, String reason) throws SQLException {
        engine.setAside(transaction.connection(), delivery, reason);
    }

    /** Reaches the messages when the transaction has been rolled back; a note inside would be rolled back with it. */
    @Override
    public void noteFailure(String error) {
        work.noteFailure(error);
        engine.noteFailure(work.taken(), error);
    }

    @Override
    public void awaitFailure() {
        work.awaitFailure();
    }

    @Override
    public void failureNoted() {
        work.failureNoted();
    }

    @Override
    public void send(NewMessage message) throws SQLException {
        sendAll(List.of(message));
    }

    @Override
    public void sendAll(List<NewMessage> messages) throws SQLException {
        try {
            engine.sendJoined(transaction.connection(), messages, work.writers())
                    .forEach(work::sentTo);
        } catch (SQLException e) {
            throw explained(e);
        }
    }

    /** What lies in the transaction that its owner has begun, and not in the database: it says what to change there. */
    private SQLException explained(SQLException e) throws SQLException {
        String state = String.valueOf(e.getSQLState());
        String reason = switch (state) {
            // Which looks like a standby server.
            case Failures.READ_ONLY ->
                transaction.connection().isReadOnly()
                        ? "The transaction of the application is read-only, and sending and receiving writes. Begin it"
                                + " without readOnly = true, or do this outside of it"
                        : null;
            case Failures.ISOLATION ->
                "Messages can only be received at READ COMMITTED, and the transaction of the application is of another"
                        + " isolation (" + e.getMessage() + "). Begin it without isolation = … or setIsolationLevel; or"
                        + " receive before it begins, or in another one (REQUIRES_NEW). Where the pool, the role or the"
                        + " database sets the isolation, change it there";
            case FAILED ->
                "The transaction of the application has failed before this: it can only be rolled back. Look for the first"
                        + " exception, and go on after one in a nested transaction only (NESTED, a savepoint)";
            default -> null;
        };
        return reason == null ? e : new TransactionRefusedException(reason, state, e);
    }

    @Override
    public CompletableFuture<Void> sendAsync(NewMessage message) throws SQLException {
        send(message);
        return CompletableFuture.completedFuture(null);
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

    /** The application's own connection: whoever began its transaction may end it. */
    @Override
    public Connection connection() {
        return transaction.connection();
    }

    @Override
    public void operationDone() {
        try {
            transaction.release();
        } catch (SQLException e) {
            log.warn("Giving back the connection of a joined transaction failed", e);
        }
    }

    private static TransactionInProgressException inProgress(String method) {
        return new TransactionInProgressException(
                method + "() is not for a session inside a transaction of the application."
                        + " End that transaction where it was begun.",
                "JOINED_TRANSACTION");
    }
}
