package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What distinguishes the session modes (§6.2.7, §6.2.10): when a message counts as acknowledged, what becomes of it
 * otherwise, and when a send is written.
 */
public abstract class SessionMode {

    /** The constant of {@link jakarta.jms.Session}. */
    public abstract int code();

    /** Takes the next message, or null when there is none now. */
    public abstract @Nullable Delivery take(ChannelConsumer consumer) throws SQLException;

    /** Whether {@link #take} locks messages for the next takes as well, rather than one after the other. */
    public boolean claimsAhead() {
        return true;
    }

    /** A receive is about to return the message. */
    public void received(Delivery delivery) throws SQLException {}

    /** The body was not what receiveBody asked for (§8.6). */
    public void bodyRefused(Delivery delivery) {}

    /** The message cannot be read at all, which the application is told; it must not come again and again for ever. */
    public abstract void unreadable(Delivery delivery, String error) throws SQLException;

    /** The message can never be read: leaves it to an operator, so that the next one can be taken. */
    public abstract void setAside(Delivery delivery, String reason) throws SQLException;

    /** The listener has returned. */
    public void listenerReturned(Delivery delivery) throws SQLException {}

    /** The listener has thrown (§8.7). */
    public void listenerFailed(Delivery delivery, String error) throws SQLException {}

    /** The application called {@code acknowledge()} on the message. */
    public void acknowledge(Delivery delivery) throws SQLException {}

    /**
     * Sets properties of a message's row for its next delivery.
     *
     * @param in the transaction in which that is done, or null: at once
     * @param properties a JSON object
     */
    public void checkpoint(@Nullable Connection in, Delivery delivery, String properties)
            throws SQLException, JMSException {
        throw new IllegalStateException(
                "A message that was received in a transaction has no checkpoints: what is done is rolled back with it. Receive"
                        + " it in a session that is not transacted, with a listener or CLIENT_ACKNOWLEDGE, and store"
                        + " checkpoints in transactions of their own.",
                "TRANSACTED");
    }

    /** {@link jakarta.jms.Session#recover}. */
    public abstract void recover() throws JMSException, SQLException;

    /** {@link jakarta.jms.Session#commit}. */
    public abstract void commit() throws JMSException, SQLException;

    /** {@link jakarta.jms.Session#rollback}. */
    public abstract void rollback() throws JMSException, SQLException;

    /** Text to keep with the messages that fail next, for whoever finds them in the dead-letter queue. */
    public void noteFailure(String error) {}

    /**
     * Says that whoever ends the transaction will know why it could not be committed, and says so then by {@link #noteFailure}: what
     * follows a rollback waits for {@link #failureNoted}.
     */
    public void awaitFailure() {}

    /** The transaction has ended, and why is known, if anybody knows. */
    public void failureNoted() {}

    /** Sends; what that means for durability is the mode's matter. */
    public abstract void send(NewMessage message) throws SQLException, JMSException;

    /** As {@link #send}, completed when the message is where {@code send} would have left it. */
    public abstract CompletableFuture<Void> sendAsync(NewMessage message) throws SQLException, JMSException;

    /** Whether what is received and sent belongs to a transaction that ends later. */
    public boolean isTransaction() {
        return false;
    }

    /** The identifier of the transaction that a send belongs to, which is begun if need be; null without one. */
    @Nullable
    public String transactionId() throws SQLException {
        return null;
    }

    /** Sends one message that goes to several destinations: to all of them or to none. */
    public void sendAll(List<NewMessage> messages) throws SQLException, JMSException {
        for (NewMessage message : messages) {
            send(message);
        }
    }

    /** As {@link #sendAll}, completed when {@code sendAll} would have returned. */
    public CompletableFuture<Void> sendAllAsync(List<NewMessage> messages) throws SQLException, JMSException {
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (NewMessage message : messages) {
            all = CompletableFuture.allOf(all, sendAsync(message));
        }
        return all;
    }

    /** The connection of the session's transaction, for the application. */
    public Connection connection() throws SQLException, JMSException {
        throw new IllegalStateException(
                "Only a transacted session, or one used inside a joined transaction, has a database connection."
                        + " Create the session as transacted.",
                "NOT_TRANSACTED");
    }

    /** From now on a listener takes the messages. */
    public void useForListener() throws SQLException {}

    /** A listener found nothing more for now. */
    public void idle() throws SQLException {}

    /** The operation for which this mode was asked is over. */
    public void operationDone() {}
}
