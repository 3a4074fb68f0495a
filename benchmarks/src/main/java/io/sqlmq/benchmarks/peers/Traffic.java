package io.sqlmq.benchmarks.peers;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What this process has sent to PostgreSQL through {@link CountingSocketFactory}. */
final class Traffic {

    private static final Map<String, LongAdder> STATEMENTS = new ConcurrentHashMap<>();
    private static final LongAdder ROUND_TRIPS = new LongAdder();
    private static final LongAdder COMMITS = new LongAdder();

    private Traffic() {}

    /** One execution. */
    static void executed(String statement) {
        STATEMENTS.computeIfAbsent(statement, key -> new LongAdder()).increment();
    }

    /** One wait for the server's answers. */
    static void roundTrip() {
        ROUND_TRIPS.increment();
    }

    /** One transaction that was to be committed, or a round trip outside of any. */
    static void committed() {
        COMMITS.increment();
    }

    /**
     * Amounts so far, or between two moments.
     *
     * @param statements how often each was executed, by the beginning of its text
     */
    record Amounts(Map<String, Long> statements, long roundTrips, long commits) implements Serializable {

        static final Amounts NONE = new Amounts(Map.of(), 0, 0);

        Amounts plus(Amounts other) {
            Map<String, Long> sum = new HashMap<>(statements);
            other.statements.forEach((text, count) -> sum.merge(text, count, Long::sum));
            return new Amounts(sum, roundTrips + other.roundTrips, commits + other.commits);
        }

        Amounts since(Amounts before) {
            Map<String, Long> rest = new HashMap<>(statements);
            before.statements.forEach((text, count) -> rest.merge(text, -count, Long::sum));
            rest.values().removeIf(count -> count == 0);
            return new Amounts(rest, roundTrips - before.roundTrips, commits - before.commits);
        }

        /** All statements but those that begin and end transactions. */
        long work() {
            return statements.entrySet().stream()
                    .filter(entry -> !isBoundary(entry.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        /** Looks for messages that would take what they find. */
        long claims() {
            return statements.entrySet().stream()
                    .filter(entry -> isClaim(entry.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        private static boolean isBoundary(String statement) {
            return statement.startsWith("BEGIN") || statement.startsWith("COMMIT") || statement.startsWith("ROLLBACK");
        }

        private static boolean isClaim(String statement) {
            return statement.contains("mq_claim")
                    || (!statement.startsWith("DELETE") && statement.contains("SKIP LOCKED"));
        }
    }

    /** Asks a process. */
    record Tell() implements Task<Amounts> {
        @Override
        public Amounts run(Desk desk) {
            Map<String, Long> counts = new HashMap<>();
            STATEMENTS.forEach((text, count) -> counts.put(text, count.sum()));
            return new Amounts(counts, ROUND_TRIPS.sum(), COMMITS.sum());
        }
    }
}
