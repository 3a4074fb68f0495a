package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * Receives everything from a filled queue, in transactions.
 *
 * @param perCommit messages in a commit
 * @param cases how many threads
 */
record Receiving(String name, String description, int perCommit, List<Sending.Case> cases) implements Scenario {

    static Receiving each() {
        return new Receiving(
                "receive-each",
                "Each message is received and committed: a transacted session, against two round trips, BEGIN and claim by"
                        + " FOR UPDATE SKIP LOCKED, then DELETE and COMMIT.",
                1,
                List.of(new Sending.Case(1, Target.atLeast(0.9)), new Sending.Case(8, null)));
    }

    static Receiving batches() {
        return new Receiving(
                "receive-batch",
                "100 messages a commit: a transacted session, against the same two round trips for 100.",
                100,
                Sending.batches().cases());
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        List<Finding> findings = new ArrayList<>();
        for (int bytes : Sending.BODIES) {
            String body = Texts.of(bytes);
            for (Sending.Case each : cases) {
                int threads = each.threads();
                int messages =
                        bench.effort().messages(Threads.messages(perCommit, bytes, threads), perCommit * threads);
                try (Side ours = new JmsCrew(
                                bench.tables(),
                                "",
                                threads,
                                connection -> new JmsReceiver(connection, Bench.QUEUE, perCommit));
                        Side byHand = Crew.of(
                                threads,
                                () -> new HandReceiver(
                                        bench.tables(), Bench.QUEUE, HandReceiver.Style.TRANSACTED, perCommit))) {
                    Comparison comparison = bench.compare(Bench.Direction.RECEIVE, messages, body, ours, byHand);
                    findings.add(Finding.rate(name, Threads.what(threads, bytes), comparison, each.target()));
                }
            }
        }
        return findings;
    }
}
