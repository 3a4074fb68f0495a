package io.sqlmq.quickstart;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The proof, from SQL, that each order was processed exactly once or is a dead letter.
 *
 * @param checks each with the number of orders that contradict it
 */
record Account(List<Check> checks) {

    /** Something that must hold for all orders. */
    record Check(String claim, long contradictions) {
        boolean holds() {
            return contradictions == 0;
        }
    }

    /** Dead letters with the number of their order. */
    static final String DEAD = """
            WITH dead AS (
              SELECT (properties->>'order_no')::integer AS order_no, * FROM mq_dead_letters WHERE origin = 'orders')
            """;

    /** The time between the deliveries of orders that were never in the hands of a killed process. */
    static final String RETRIES = """
            WITH tries AS (
              SELECT order_no, error,
                     row_number() OVER deliveries - 1 AS retry,
                     extract(epoch FROM started_at - lag(started_at) OVER deliveries) * 1000 AS delay
                FROM order_attempts
              WINDOW deliveries AS (PARTITION BY order_no ORDER BY id)),
            retries AS (
              SELECT * FROM tries t
               WHERE retry > 0
                 AND NOT EXISTS (SELECT FROM order_attempts a
                                   LEFT JOIN order_results r ON r.order_no = a.order_no AND r.consumer = a.consumer
                                  WHERE a.order_no = t.order_no AND a.error IS NULL AND r.order_no IS NULL))
            """;

    static Account of(int lines, Connection sql) throws SQLException {
        List<Check> checks = new ArrayList<>();
        checks.add(new Check(
                "Each line of the input is an order", Math.abs(lines - count(sql, "SELECT count(*) FROM orders"))));
        checks.add(new Check("Each order has a result or is a dead letter", count(sql, DEAD + """
                                SELECT count(*) FROM orders o
                                 WHERE NOT EXISTS (SELECT FROM order_results r WHERE r.order_no = o.order_no)
                                   AND NOT EXISTS (SELECT FROM dead d WHERE d.order_no = o.order_no)
                                """)));
        checks.add(new Check(
                "None is both", count(sql, DEAD + "SELECT count(*) FROM dead JOIN order_results USING (order_no)")));
        checks.add(new Check(
                "None has two results", count(sql, "SELECT count(*) - count(DISTINCT order_no) FROM order_results")));
        checks.add(new Check("None was delivered again after its result", count(sql, """
                        SELECT count(DISTINCT order_no) FROM order_attempts a JOIN order_results r USING (order_no)
                         WHERE a.started_at > r.done_at
                        """)));
        checks.add(new Check(
                "None is two dead letters", count(sql, DEAD + "SELECT count(*) - count(DISTINCT order_no) FROM dead")));
        int attempts = OrderQueue.REDELIVERY.maximumRedeliveries() + 1;
        checks.add(new Check(
                "Each dead letter was tried " + attempts + " times and says why it failed",
                count(sql, DEAD + """
                                SELECT count(*) FROM dead
                                 WHERE attempts <> %d OR reason IS NULL OR error IS NULL
                                """.formatted(attempts))));
        checks.add(new Check("None was tried again before its time", tooEarly(sql)));
        checks.add(
                new Check("The queue is empty", count(sql, "SELECT count(*) FROM mq_messages WHERE queue = 'orders'")));
        return new Account(List.copyOf(checks));
    }

    boolean isRight() {
        return checks.stream().allMatch(Check::holds);
    }

    private static long tooEarly(Connection sql) throws SQLException {
        long early = 0;
        for (int retry = 1; retry <= OrderQueue.REDELIVERY.maximumRedeliveries(); retry++) {
            early += count(
                    sql,
                    RETRIES
                            + "SELECT count(*) FROM retries WHERE retry = %d AND delay < %d"
                                    .formatted(retry, OrderQueue.REDELIVERY.delayMillis(retry)));
        }
        return early;
    }

    private static long count(Connection connection, String select) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(select)) {
            row.next();
            return row.getLong(1);
        }
    }
}
