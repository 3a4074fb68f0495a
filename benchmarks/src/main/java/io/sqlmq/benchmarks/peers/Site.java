package io.sqlmq.benchmarks.peers;

import java.io.IOException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A peer that runs, with its clients.
 *
 * @param producers the process of those who send
 * @param consumers the process of those who receive; may be the same
 * @param broker its server, or null if PostgreSQL is
 * @param postgres where its messages are, or null
 */
record Site(
        Peer peer,
        Child producers,
        Child consumers,
        @Nullable Child broker,
        @Nullable Postgres postgres) {

    /** What had been used up at a moment, or between two. */
    record Usage(Map<String, Long> cpuNanos, Traffic.Amounts traffic, long walBytes, long writers) {

        Usage since(Usage before) {
            Map<String, Long> cpu = new TreeMap<>(cpuNanos);
            before.cpuNanos.forEach((name, nanos) -> cpu.merge(name, -nanos, Long::sum));
            return new Usage(cpu, traffic.since(before.traffic), walBytes - before.walBytes, writers - before.writers);
        }
    }

    /** Whether the disturbance can be done to it: to a database that is sqlmq's alone, as a broker's is not. */
    boolean takes(Disturbance disturbance) {
        return disturbance == Disturbance.NONE || peer == Peer.SQLMQ || peer == Peer.SQLMQ_TWO;
    }

    /** How long the compilers of its JVMs have been at work. */
    long compileMillis() throws IOException {
        Child between = broker;
        long millis = between == null ? 0 : between.ask(new Child.CompileMillis());
        for (Child child : new HashSet<>(List.of(producers, consumers))) {
            millis += child.ask(new Child.CompileMillis());
        }
        return millis;
    }

    Usage usage() throws IOException, SQLException {
        Map<String, Long> cpu = new TreeMap<>();
        if (producers.equals(consumers)) {
            cpu.put("client", producers.cpuNanos());
        } else {
            cpu.put("producers", producers.cpuNanos());
            cpu.put("consumers", consumers.cpuNanos());
        }
        Child between = broker;
        if (between != null) {
            cpu.put("broker", between.cpuNanos());
        }
        Postgres server = postgres;
        if (server == null) {
            return new Usage(cpu, Traffic.Amounts.NONE, 0, 0);
        }
        cpu.put("postgres", server.cpuNanos());
        Traffic.Amounts traffic = Traffic.Amounts.NONE;
        for (Child child : between == null ? new HashSet<>(List.of(producers, consumers)) : Set.of(between)) {
            traffic = traffic.plus(child.ask(new Traffic.Tell()));
        }
        return new Usage(cpu, traffic, server.walBytes(), server.writers());
    }
}
