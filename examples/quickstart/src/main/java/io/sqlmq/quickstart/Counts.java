package io.sqlmq.quickstart;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How far the work is, as the tables say.
 *
 * @param placed orders whose row is there
 * @param done orders whose result is there
 * @param failed orders that have failed at least once
 * @param dead orders in the dead-letter queue
 */
record Counts(long placed, long done, long failed, long dead) {

    private static final String SELECT = """
            SELECT (SELECT count(*) FROM orders),
                   (SELECT count(*) FROM order_results),
                   (SELECT count(DISTINCT order_no) FROM order_attempts WHERE error IS NOT NULL),
                   (SELECT count(*) FROM mq_dead_letters WHERE origin = 'orders')
            """;

    static Counts read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SELECT)) {
            row.next();
            return new Counts(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }

    /** Orders that need no more work. */
    long finished() {
        return done + dead;
    }

    /** Orders that have been looked at, be it in vain. */
    long tried() {
        return done + failed;
    }
}
