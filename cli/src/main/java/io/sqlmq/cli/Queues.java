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
                    + "that came from it; the age of its oldest message; whether it is paused.",
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
        try (Connection connection = database()) {
            Map<Object, Long> before = new HashMap<>();
            long looks = watch == null ? 1 : times;
            for (long look = 1; look <= looks; look++) {
                show(look(connection), before);
                if (watch != null && look < looks) {
                    Thread.sleep(watch.toMillis());
                }
            }
        }
        return DONE;
    }

    private Table look(Connection connection) throws SQLException {
        return query(connection, """
                SELECT c.channel AS queue, c.depth, c.ready, c.in_flight, c.delayed, c.backing_off, c.set_aside, c.dead, c.oldest_age,
                       c.paused
                  FROM mq_channels c
                 WHERE c.channel LIKE ? AND (? OR (c.channel !~ '^s:[0-9]+$' AND NOT starts_with(c.channel, 'sqlmq-temp:')))
                 ORDER BY c.channel""", like(pattern), all);
    }

    private void show(Table found, Map<Object, Long> before) {
        if (watch == null) {
            print(found);
            return;
        }
        if (sqlmq().isTerminal() && !sqlmq().isJson()) {
            out().print("\u001b[H\u001b[2J");
        }
        print(found.with("change", row -> {
            long depth = ((Number) row.get(1)).longValue();
            Long last = before.put(row.get(0), depth);
            return last == null ? null : depth - last;
        }));
        if (!sqlmq().isTerminal() && !sqlmq().isJson()) {
            say("");
        }
    }

    /** A pattern of LIKE. */
    static String like(String pattern) {
        return pattern.replace("\\", "\\\\")
                .replace("%", "\\%")
                .replace("_", "\\_")
                .replace('*', '%');
    }
}
