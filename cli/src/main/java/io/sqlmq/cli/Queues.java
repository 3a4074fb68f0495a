package io.sqlmq.cli;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "queues",
        description = {
            "Shows what is in the queues: depth, and of it ready, in flight, delayed, backing off after a failure, set aside; dead letters "
                    + "that came from it; the age of its oldest message; whether it is paused; how many messages a second come in and go "
                    + "out, as processes have counted them in this minute and the one before (nothing where none did).",
            "All messages are read for it: with millions of them, once a minute rather than once a second."
        })
final class Queues extends Verb {
    @Parameters(arity = "0..1", paramLabel = "<pattern>", description = "a name, with * for any characters; else all")
    private String pattern = "*";

    @Option(names = "--all", description = "also the queues behind subscriptions and temporary ones")
    private boolean all;

    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            fallbackValue = "2s",
            paramLabel = "<time>",
            description =
                    "look again and again, every 2s if no other time is given, and show how depths change; until Ctrl-C")
    private @Nullable Duration watch;

    @Option(names = "--times", paramLabel = "<n>", description = "with --watch: look so often, then end")
    private long times = Long.MAX_VALUE;

    @Override
    int run() throws SQLException, InterruptedException {
        requireAtLeast(1, "--times", times);
        if (watch != null) {
            watch(watch);
            return DONE;
        }
        try (Connection connection = database()) {
            print(look(connection));
        }
        return DONE;
    }

    /** Whoever looks on need not begin again because the server did. */
    private void watch(Duration period) throws SQLException, InterruptedException {
        Map<Object, Long> before = new HashMap<>();
        Connection connection = database();
        boolean isTold = false;
        try {
            for (long look = 1; look <= times && !isUnread(); look++) {
                try {
                    if (connection.isClosed()) {
                        connection = database();
                    }
                    show(look(connection), before);
                    isTold = false;
                } catch (SQLException | Problem e) {
                    if (!Failures.isLostConnection(e)) {
                        throw e;
                    }
                    if (!isTold) {
                        complain(Failures.text(e) + "; trying again every " + Table.words(period));
                    }
                    isTold = true;
                    connection.close();
                }
                if (look < times) {
                    Thread.sleep(period.toMillis());
                }
            }
        } finally {
            connection.close();
        }
    }

    private Table look(Connection connection) throws SQLException {
        return query(connection, """
                SELECT q.queue, coalesce(c.depth, 0) AS depth, coalesce(c.ready, 0) AS ready, coalesce(c.in_flight, 0) AS in_flight,
                       coalesce(c.delayed, 0) AS delayed, coalesce(c.backing_off, 0) AS backing_off, coalesce(c.set_aside, 0) AS set_aside,
                       coalesce(c.dead, 0) AS dead, c.oldest_age, coalesce(c.paused, false) AS paused,
                       round(r.sent_per_second::numeric, 1) AS in_rate, round(r.gone_per_second::numeric, 1) AS out_rate
                  FROM mq_channels c FULL JOIN mq_rates r ON r.channel = c.channel,
               LATERAL (SELECT coalesce(c.channel, r.channel) AS queue) q
                 WHERE q.queue LIKE ? AND (? OR (q.queue !~ '^s:[0-9]+$' AND NOT starts_with(q.queue, 'sqlmq-temp:')))
                 ORDER BY q.queue COLLATE "C\"""", like(pattern), all);
    }

    private void show(Table found, Map<Object, Long> before) {
        if (isOnScreen()) {
            out().print("\u001b[H\u001b[2J");
        }
        print(found.with("change", row -> {
            long depth = ((Number) row.get(1)).longValue();
            Long last = before.put(row.get(0), depth);
            return last == null ? null : depth - last;
        }));
        if (!isOnScreen() && !sqlmq().isJson()) {
            say("");
        }
    }

    /** One that can be cleared. */
    private boolean isOnScreen() {
        return sqlmq().isTerminal() && sqlmq().ansi().enabled() && !sqlmq().isJson();
    }

    /** A pattern of LIKE. */
    static String like(String pattern) {
        return pattern.replace("\\", "\\\\")
                .replace("%", "\\%")
                .replace("_", "\\_")
                .replace('*', '%');
    }
}
