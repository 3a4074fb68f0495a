package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Telling of messages and waiting for them by hand. A thread reads the notifications of a connection that listens; each queue has as
 * many permits as messages that were told of and that nobody has come for.
 */
final class HandNotified implements AutoCloseable {

    /** How long the thread reads at most before it sees that it is to end. */
    private static final int READ_MILLIS = 500;

    private static final long PATIENCE_SECONDS = 60;

    private final Map<String, Semaphore> told = new ConcurrentHashMap<>();
    private final Connection connection;
    private final Thread reader;
    private volatile boolean isClosed;

    HandNotified(Tables tables) throws SQLException {
        connection = tables.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN by_hand");
        }
        reader = new Thread(this::read, "by-hand-listen");
        reader.start();
    }

    private void read() {
        try {
            while (!isClosed) {
                PGNotification[] notifications =
                        connection.unwrap(PGConnection.class).getNotifications(READ_MILLIS);
                for (PGNotification notification : notifications == null ? new PGNotification[0] : notifications) {
                    told(notification.getParameter()).release();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Notifications cannot be read", e);
        }
    }

    private Semaphore told(String queue) {
        return told.computeIfAbsent(queue, q -> new Semaphore(0));
    }

    /** Waits for a message. */
    void await(String queue) throws InterruptedException {
        if (!told(queue).tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("No message came to " + queue);
        }
    }

    /** Writes messages, commits and tells of them, each in one round trip. */
    static final class Writer {
        private final PreparedStatement write;
        private final String body;

        Writer(Connection connection, String table, String body) throws SQLException {
            this.body = body;
            // NOTIFY is a transaction of its own: within that of the INSERT all commits would wait for each other.
            write = connection.prepareStatement("BEGIN; INSERT INTO " + table
                    + " (id, channel_name, prio_rank, sent_at, reply_to, payload_text) VALUES (?, ?, ?, ?, ?, ?); COMMIT;"
                    + " SELECT pg_notify('by_hand', ?)");
        }

        void write(String queue, @Nullable String replyTo) throws SQLException {
            write.setObject(1, HandSender.newId());
            write.setString(2, queue);
            write.setShort(3, (short) 5);
            write.setLong(4, System.currentTimeMillis());
            write.setString(5, replyTo);
            write.setString(6, body);
            write.setString(7, queue);
            write.execute();
        }
    }

    @Override
    public void close() throws Exception {
        isClosed = true;
        reader.join();
        connection.close();
    }
}
