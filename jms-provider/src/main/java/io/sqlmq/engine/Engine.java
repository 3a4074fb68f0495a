package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The queue engine of one role on one database. Thread-safe. */
public final class Engine implements AutoCloseable {

    /** Hears of outages. Called on an engine thread, without locks. */
    public interface OutageListener {
        /** The database could not be reached for longer than the grace time. */
        void outage(SQLException cause);
    }

    /** Writes messages; when it returns they are committed. Concurrent callers share commits. */
    public void send(List<NewMessage> messages) throws SQLException {
        throw new AssertionError("contract");
    }

    /** As {@link #send} without waiting; completed on an engine thread, in the order of the calls of one thread. */
    public CompletableFuture<Void> sendAsync(List<NewMessage> messages) {
        throw new AssertionError("contract");
    }

    /** Writes messages within the caller's transaction and wakes consumers after it. */
    public void sendJoined(Connection connection, List<NewMessage> messages) throws SQLException {
        throw new AssertionError("contract");
    }

    /** Takes the next message within the caller's transaction, or null. It is gone when that commits. */
    public @Nullable Delivery takeJoined(Connection connection, ChannelConsumer consumer) throws SQLException {
        throw new AssertionError("contract");
    }

    /** Registers a consumer. No SQL. */
    public ChannelConsumer consumer(String channel, FailureRules rules) {
        throw new AssertionError("contract");
    }

    /** A window for one session. No SQL, no connection. */
    public Window window(Window.Mode mode) {
        throw new AssertionError("contract");
    }

    /**
     * Messages of a channel in delivery order, one page at a time, without touching them. What waits for its delivery
     * time is left out, what backs off is not.
     *
     * @param after the last row of the page before, or null
     */
    public List<Delivery.Row> browse(String channel, Delivery.@Nullable Row after, int limit) throws SQLException {
        throw new AssertionError("contract");
    }

    public void addOutageListener(OutageListener listener) {
        throw new AssertionError("contract");
    }

    public void removeOutageListener(OutageListener listener) {
        throw new AssertionError("contract");
    }

    @Override
    public void close() {
        throw new AssertionError("contract");
    }
}
