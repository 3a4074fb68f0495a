package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends into an empty queue.
 *
 * @param perCommit messages in a commit
 * @param cases how many threads
 */
record Sending(String name, String description, int perCommit, List<Case> cases) implements Scenario {

    /**
     * One of the cases.
     *
     * @param target null: for comparison only
     */
    record Case(int threads, @Nullable Target target) {}

    static final List<Integer> BODIES = List.of(256, 1024, 65_536);

    static Sending each() {
        return new Sending(
                "send-each",
                "Each message is durable before the next is sent: send() in a session that is not transacted, against an"
                        + " INSERT that commits itself.",
                1,
                List.of(new Case(1, Target.atLeast(0.9)), new Case(8, Target.atLeast(2))));
    }

    static Sending batches() {
        return new Sending(
                "send-batch",
                "100 messages a commit: a transacted session, against one INSERT of 100 rows that commits itself.",
                100,
                List.of(
                        new Case(1, Target.atLeast(0.8)),
                        new Case(2, Target.atLeast(0.8)),
                        new Case(4, Target.atLeast(0.8))));
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        List<Finding> findings = new ArrayList<>();
        for (int bytes : BODIES) {
            String body = Texts.of(bytes);
            for (Case each : cases) {
                int threads = each.threads();
                int messages =
                        bench.effort().messages(Threads.messages(perCommit, bytes, threads), perCommit * threads);
                try (Side ours = new JmsCrew(
                                bench.tables(),
                                "",
                                threads,
                                connection -> new JmsSender(connection, Bench.QUEUE, body, perCommit));
                        Side byHand =
                                Crew.of(threads, () -> new HandSender(bench.tables(), Bench.QUEUE, body, perCommit))) {
                    Comparison comparison = bench.compare(Bench.Direction.SEND, messages, body, ours, byHand);
                    findings.add(Finding.rate(name, Threads.what(threads, bytes), comparison, each.target()));
                }
            }
        }
        return findings;
    }
}
