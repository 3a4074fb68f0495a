package io.sqlmq.quickstart;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;

/**
 * The death of a consumer process.
 *
 * @param consumer its name
 * @param at when, by the server's clock
 */
record Kill(String consumer, Timestamp at) {

    /** Orders that a consumer has begun and neither finished nor given back. */
    static final String HELD = """
            SELECT a.order_no, a.id
              FROM order_attempts a
              LEFT JOIN order_results r ON r.order_no = a.order_no AND r.consumer = a.consumer
             WHERE a.consumer = ? AND a.error IS NULL AND r.order_no IS NULL
            """;

    private static final String TAKEOVER = """
            WITH held AS (%s), next AS (
              SELECT h.order_no, min(n.started_at) AS again_at
                FROM held h LEFT JOIN order_attempts n ON n.order_no = h.order_no AND n.id > h.id
               GROUP BY h.order_no)
            SELECT count(*), count(again_at),
                   extract(epoch FROM min(again_at) - ?) * 1000,
                   extract(epoch FROM max(coalesce(r.done_at, again_at)) - ?) * 1000
              FROM next LEFT JOIN order_results r USING (order_no)
            """.formatted(HELD);

    /**
     * What became of the orders that the process was working on.
     *
     * @param held how many there were
     * @param again how many of them were delivered to another process
     * @param firstMillis from the kill to the first delivery elsewhere
     * @param doneMillis from the kill to the last result elsewhere
     */
    record Takeover(long held, long again, double firstMillis, double doneMillis) {}

    /** Kills the process and notes when. */
    static Kill of(ConsumerProcess victim, Connection sql) throws SQLException, InterruptedException {
        try (Statement statement = sql.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            Timestamp now = row.getTimestamp(1);
            victim.kill();
            return new Kill(victim.name(), now);
        }
    }

    /** How many orders the consumer is (or was, when killed) working on. */
    static long held(String consumer, Connection sql) throws SQLException {
        try (PreparedStatement select = sql.prepareStatement("SELECT count(*) FROM (" + HELD + ") held")) {
            select.setString(1, consumer);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    Takeover takeover(Connection sql) throws SQLException {
        try (PreparedStatement select = sql.prepareStatement(TAKEOVER)) {
            select.setString(1, consumer);
            select.setTimestamp(2, at);
            select.setTimestamp(3, at);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return new Takeover(row.getLong(1), row.getLong(2), row.getDouble(3), row.getDouble(4));
            }
        }
    }
}
