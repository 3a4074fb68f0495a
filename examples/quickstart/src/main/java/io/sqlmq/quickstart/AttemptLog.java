package io.sqlmq.quickstart;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The log of deliveries, in transactions of its own: what is written in the transaction of a message vanishes with it. */
final class AttemptLog {
    private final DataSource dataSource;
    private final String consumer;

    AttemptLog(DataSource dataSource, String consumer) {
        this.dataSource = dataSource;
        this.consumer = consumer;
    }

    /** An order is about to be processed; returns the key for {@link #failed}. */
    long started(int orderNo, int delivery) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO order_attempts (order_no, delivery, consumer) VALUES (?, ?, ?) RETURNING id")) {
            insert.setInt(1, orderNo);
            insert.setInt(2, delivery);
            insert.setString(3, consumer);
            try (ResultSet rows = insert.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** It failed. */
    void failed(long attempt, Exception error) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE order_attempts SET error = ? WHERE id = ?")) {
            update.setString(1, error.toString());
            update.setLong(2, attempt);
            update.executeUpdate();
        }
    }
}
