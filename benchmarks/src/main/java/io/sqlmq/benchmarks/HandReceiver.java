package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Receives by hand in transactions of so many messages. */
final class HandReceiver implements Worker {

    /** When the next messages are claimed. */
    enum Style {
        /** After the commit: two round trips, the commit waits for the disk. The peer of a transacted session. */
        TRANSACTED,
        /** Along with the commit, which does not wait for the disk: one round trip. The peer of AUTO_ACKNOWLEDGE. */
        RELAXED
    }

    private final Connection connection;
    private final HandClaim claim;
    private final Style style;
    private final int perCommit;

    HandReceiver(Tables tables, String queue, Style style, int perCommit) throws SQLException {
        this.connection = tables.connect();
        this.claim = new HandClaim(connection, queue);
        this.style = style;
        this.perCommit = perCommit;
        if (style == Style.RELAXED) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET synchronous_commit = off");
            }
        }
    }

    @Override
    public void move(int messages) throws SQLException {
        int received = 0;
        List<String> rows = List.of();
        while (received < messages) {
            int limit = Math.min(perCommit, messages - received);
            rows = rows.isEmpty() ? claim.begin(limit) : claim.turn(rows, limit);
            received += rows.size();
            if (rows.isEmpty()) {
                throw new IllegalStateException("The queue is empty after " + received + " of " + messages);
            }
            if (style == Style.TRANSACTED) {
                claim.end(rows);
                rows = List.of();
            }
        }
        if (!rows.isEmpty()) {
            claim.end(rows);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
