package io.sqlmq.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The measuring itself: one server, one schema, and how much to do. Used by one thread. */
final class Bench implements AutoCloseable {

    /** Sixteen characters, as the target for WAL per message says. */
    static final String QUEUE = "benchmark.orders";

    private static final String SCHEMA = "sqlmq_benchmark";

    /** What a round does, and so what is before and after it. */
    enum Direction {
        /** Into an empty table. */
        SEND,
        /** Everything that is there. */
        RECEIVE,
        /** In and out again. */
        THROUGH
    }

    private final Server server;
    private final Effort effort;
    private final PrintWriter progress;
    private final Tables tables;
    private final ServerCpu serverCpu;
    private final OperatingSystemMXBean client = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    Bench(Server server, Effort effort, PrintWriter progress) throws SQLException {
        this.server = server;
        this.effort = effort;
        this.progress = progress;
        this.tables = new Tables(server, SCHEMA);
        this.serverCpu = ServerCpu.of(tables.admin());
    }

    Server server() {
        return server;
    }

    Effort effort() {
        return effort;
    }

    Tables tables() {
        return tables;
    }

    /** A second schema, for what must not share the tables. The caller closes it. */
    Tables moreTables() throws SQLException {
        return new Tables(server, SCHEMA + "_2");
    }

    void say(String line) {
        progress.println(line);
    }

    /** Runs both sides in turns: ours, by hand, ours, by hand… */
    Comparison compare(Direction direction, int messages, String body, Side ours, Side byHand) throws Exception {
        tables.execute("CHECKPOINT");
        for (int i = 0; i < effort.warmUps(); i++) {
            round(direction, messages, body, ours);
            round(direction, messages, body, byHand);
        }
        List<Measurement> first = new ArrayList<>();
        List<Measurement> second = new ArrayList<>();
        for (int i = 0; i < effort.rounds(); i++) {
            first.add(round(direction, messages, body, ours));
            second.add(round(direction, messages, body, byHand));
        }
        return new Comparison(first, second);
    }

    /** One round from a fresh table. */
    Measurement round(Direction direction, int messages, String body, Side side) throws Exception {
        tables.empty();
        if (direction == Direction.RECEIVE) {
            tables.fill(QUEUE, messages, body);
        }
        Measurement measurement = measure(messages, side);
        requireCount(direction == Direction.SEND ? messages : 0);
        return measurement;
    }

    /** Every number in the report is of messages that are known to have been moved. */
    void requireCount(int expected) throws SQLException {
        int found = tables.count(QUEUE);
        if (found != expected) {
            throw new IllegalStateException(
                    "After this round " + expected + " messages must be in the queue, but there are " + found);
        }
    }

    /** Times one run on the tables as they are. */
    Measurement measure(int messages, Side side) throws Exception {
        Usage before = usage();
        long start = System.nanoTime();
        side.run(messages);
        long nanos = System.nanoTime() - start;
        return new Measurement(messages, nanos, usage().since(before));
    }

    Usage usage() throws SQLException {
        long wal = tables.number("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
        return new Usage(wal, serverCpu.nanos(), client.getProcessCpuTime());
    }

    @Override
    public void close() throws SQLException {
        tables.close();
    }
}
