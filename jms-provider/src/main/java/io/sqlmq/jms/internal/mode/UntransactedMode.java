package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Checkpoint;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.window.Window;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What the non-transacted modes share: sends are durable when they return, failed messages are given back at once. */
abstract class UntransactedMode extends WindowMode {
    /** The last asynchronous send; a synchronous one waits for it, so that the order of sending holds (§7.3.1). */
    private volatile CompletableFuture<Void> lastAsync = CompletableFuture.completedFuture(null);

    private boolean lastIdentified;
    private @Nullable String noted;

    UntransactedMode(Engine engine, Window.Mode windowMode) {
        super(engine, windowMode);
    }

    @Override
    public final void send(NewMessage message) throws SQLException {
        sendAll(List.of(message));
    }

    @Override
    public final void sendAll(List<NewMessage> messages) throws SQLException {
        CompletableFuture<Void> before = lastAsync;
        if (!before.isDone()) {
            awaitEnd(before);
        }
        engine.send(messages);
    }

    @Override
    public final CompletableFuture<Void> sendAsync(NewMessage message) {
        return sendAllAsync(List.of(message));
    }

    @Override
    public final CompletableFuture<Void> sendAllAsync(List<NewMessage> messages) {
        boolean identified = messages.stream().anyMatch(m -> m.deduplication() != null);
        CompletableFuture<Void> before = lastAsync;
        if (identified != lastIdentified && !before.isDone()) {
            awaitEnd(before); // the engine keeps the order of each kind only
        }
        lastIdentified = identified;
        CompletableFuture<Void> sent = engine.sendAsync(messages);
        lastAsync = sent;
        return sent;
    }

    private static void awaitEnd(CompletableFuture<Void> future) {
        try {
            future.join();
        } catch (CompletionException e) {
            // Its own CompletionListener hears of it.
            return;
        }
    }

    @Override
    public synchronized void unreadable(Delivery delivery, String error) throws SQLException {
        window().giveBack(List.of(delivery), error);
    }

    @Override
    public synchronized void setAside(Delivery delivery, String reason) throws SQLException {
        window().setAside(delivery, reason);
    }

    @Override
    public synchronized void checkpoint(@Nullable Connection in, Delivery delivery, String properties)
            throws SQLException, JMSException {
        if (!window().lease(delivery)) {
            throw new IllegalStateException(
                    "A checkpoint is for a message that is being worked on. This one is acknowledged, as messages that"
                            + " receive() returns are in an AUTO_ACKNOWLEDGE session, or has been given back. Use a listener,"
                            + " or CLIENT_ACKNOWLEDGE.",
                    "NOT_IN_HAND");
        }
        window().checkpoint(in, delivery, Checkpoint.ofProperties(properties));
    }

    @Override
    public synchronized void recover() throws SQLException {
        List<Delivery> handedOver = existingWindow() == null ? List.of() : window().handedOver();
        if (!handedOver.isEmpty()) {
            window().giveBack(handedOver, takeNoted());
        }
    }

    @Override
    public final synchronized void noteFailure(String error) {
        noted = error;
    }

    private @Nullable String takeNoted() {
        String text = noted;
        noted = null;
        return text;
    }

    @Override
    public final void commit() throws JMSException {
        throw notTransacted("commit");
    }

    @Override
    public final void rollback() throws JMSException {
        throw notTransacted("rollback");
    }

    private static IllegalStateException notTransacted(String method) {
        return new IllegalStateException(
                method + "() needs a transacted session. Create the session with SESSION_TRANSACTED.",
                "NOT_TRANSACTED");
    }
}
