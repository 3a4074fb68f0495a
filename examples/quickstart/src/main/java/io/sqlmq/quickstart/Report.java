package io.sqlmq.quickstart;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

/** What the run looks like afterwards; every number is read from the tables. */
final class Report {

    /** For the user to try. */
    static final List<String> SELECTS = List.of(
            "SELECT * FROM mq_queues",
            "SELECT queue, id, sent_at, state, due_at, delivery_count, last_error, body FROM mq_messages LIMIT 10",
            "SELECT properties->>'order_no' AS order_no, origin, reason, attempts, error, body FROM mq_dead_letters",
            "SELECT order_no, delivery, consumer, started_at, error FROM order_attempts"
                    + " WHERE error IS NOT NULL ORDER BY order_no, id",
            "SELECT consumer, count(*) AS orders, sum(total) FROM order_results GROUP BY consumer ORDER BY consumer");

    private static final int DEAD_LETTERS_SHOWN = 8;

    private static final String PHASES = """
            SELECT o.phase, count(r.order_no),
                   (count(r.order_no) / extract(epoch FROM max(r.done_at) - min(o.placed_at)))::double precision,
                   percentile_cont(0.50) WITHIN GROUP (ORDER BY l.millis),
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY l.millis),
                   percentile_cont(0.99) WITHIN GROUP (ORDER BY l.millis),
                   max(l.millis)
              FROM orders o JOIN order_results r USING (order_no),
                   LATERAL (SELECT (extract(epoch FROM r.done_at - o.placed_at) * 1000)::double precision AS millis) l
             GROUP BY o.phase ORDER BY min(o.order_no)
            """;

    private static final String RETRIES = Account.RETRIES + """
            SELECT retry, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY delay), min(delay), max(delay)
              FROM retries WHERE EXISTS (SELECT FROM mq_dead_letters d
                                          WHERE (d.properties->>'order_no')::integer = retries.order_no)
             GROUP BY retry ORDER BY retry
            """;

    private static final String DEAD_LETTERS = Account.DEAD + """
            SELECT d.order_no, d.reason, d.attempts, regexp_replace(d.error, '^[A-Za-z.]*Exception: ', ''),
                   (SELECT string_agg(to_char(t.delay, 'FM0.00'), ', ' ORDER BY t.id) FROM (
                      SELECT a.id, extract(epoch FROM a.started_at - lag(a.started_at) OVER (ORDER BY a.id)) AS delay
                        FROM order_attempts a WHERE a.order_no = d.order_no) t)
              FROM dead d ORDER BY d.order_no LIMIT %d
            """.formatted(DEAD_LETTERS_SHOWN);

    private final PrintStream out;
    private final Connection sql;

    Report(PrintStream out, Connection sql) {
        this.out = out;
        this.sql = sql;
    }

    /** Prints everything but how to look for oneself. */
    void print(Account account, Kill kill) throws SQLException {
        counts();
        phases();
        takeover(kill);
        deadLetters();
        retries();
        account(account);
    }

    private void counts() throws SQLException {
        Counts counts = Counts.read(sql);
        line("");
        line("Orders");
        line("  %,7d placed", counts.placed());
        line("  %,7d processed", counts.done());
        line("  %,7d dead letters", counts.dead());
    }

    private void phases() throws SQLException {
        line("");
        line("Speed: from the order's row to its result's row, by the server's clock");
        line(
                "  %-8s %9s %11s %10s %10s %10s %10s",
                "phase", "orders", "per second", "p50 ms", "p95 ms", "p99 ms", "max ms");
        query(
                PHASES,
                row -> line(
                        "  %-8s %,9d %,11.0f %,10.1f %,10.1f %,10.1f %,10.1f",
                        row.getString(1),
                        row.getLong(2),
                        row.getDouble(3),
                        row.getDouble(4),
                        row.getDouble(5),
                        row.getDouble(6),
                        row.getDouble(7)));
        line("  In the rush all orders come at once and wait for their turn; calm ones find idle consumers.");
    }

    private void takeover(Kill kill) throws SQLException {
        Kill.Takeover takeover = kill.takeover(sql);
        line("");
        line("The kill");
        line("  %s was working on this many orders: %d.", kill.consumer(), takeover.held());
        line(
                "  Delivered elsewhere: %d, the first %.0f ms after the kill; all done after %.0f ms.",
                takeover.again(), takeover.firstMillis(), takeover.doneMillis());
    }

    private void deadLetters() throws SQLException {
        line("");
        line("Dead letters (the first %d)", DEAD_LETTERS_SHOWN);
        line("  %8s %8s  %-24s  %-30s  %s", "order", "attempts", "seconds between them", "reason", "error");
        query(
                DEAD_LETTERS,
                row -> line(
                        "  %8d %8d  %-24s  %-30s  %s",
                        row.getLong(1), row.getLong(3), row.getString(5), row.getString(2), row.getString(4)));
    }

    private void retries() throws SQLException {
        line("");
        line("Delays before their retries");
        line("  %5s %8s %10s %11s %10s %10s", "retry", "orders", "policy ms", "median ms", "min ms", "max ms");
        query(
                RETRIES,
                row -> line(
                        "  %5d %,8d %,10d %,11.1f %,10.1f %,10.1f",
                        row.getInt(1),
                        row.getLong(2),
                        OrderQueue.REDELIVERY.delayMillis(row.getInt(1)),
                        row.getDouble(3),
                        row.getDouble(4),
                        row.getDouble(5)));
    }

    private void account(Account account) {
        line("");
        line("The account");
        for (Account.Check check : account.checks()) {
            line(
                    "  %-5s  %s",
                    check.holds() ? "yes" : "WRONG",
                    check.claim() + (check.holds() ? "" : ": not so for " + check.contradictions()));
        }
    }

    /** Prints how to look for oneself. */
    void printSelects(String where) {
        line("");
        line("Look for yourself %s:", where);
        line("  SET search_path TO %s;", Database.SCHEMA);
        for (String select : SELECTS) {
            line("  %s;", select);
        }
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    @FunctionalInterface
    private interface RowPrinter {
        void print(ResultSet row) throws SQLException;
    }

    private void query(String select, RowPrinter printer) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            while (rows.next()) {
                printer.print(rows);
            }
        }
    }
}
