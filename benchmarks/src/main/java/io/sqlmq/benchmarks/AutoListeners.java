package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * AUTO_ACKNOWLEDGE listeners on a backlog.
 *
 * @param options of the connection factory
 * @param peers what they are compared with
 */
record AutoListeners(String name, String description, String options, int messages, List<Peer> peers)
        implements Scenario {

    /**
     * One way to do it by hand.
     *
     * @param window messages claimed by row lock in a transaction, or 0 for prefetch by lease
     * @param target null: for comparison only
     */
    record Peer(
            String what,
            int listeners,
            int window,
            @Nullable Target target) {

        Worker open(Tables tables) throws Exception {
            return window == 0
                    ? new HandLeaseReceiver(tables, Bench.QUEUE)
                    : new HandReceiver(tables, Bench.QUEUE, HandReceiver.Style.RELAXED, window);
        }
    }

    static AutoListeners plain() {
        return new AutoListeners(
                "auto-listener",
                "AUTO_ACKNOWLEDGE listeners that do nothing on a backlog of 1 KB messages. By hand: prefetch of 200 by"
                        + " lease with acknowledgements coalesced on a second connection (the target), and windows by row"
                        + " lock of 1, 20 and 100 messages, each one round trip. No commit waits for the disk.",
                "",
                60_000,
                List.of(
                        new Peer("lease 200", 1, 0, Target.atLeast(0.75)),
                        new Peer("lease 200", 4, 0, null),
                        new Peer("window 1", 1, 1, null),
                        new Peer("window 20", 1, 20, null),
                        new Peer("window 100", 1, 100, null)));
    }

    static AutoListeners optimized() {
        return new AutoListeners(
                "optimize-acknowledge",
                "The same with optimizeAcknowledge=true, against windows of 100 by row lock.",
                "sqlmq.optimizeAcknowledge=true",
                100_000,
                List.of(new Peer("window 100", 1, 100, Target.atLeast(0.7)), new Peer("window 100", 2, 100, null)));
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        String body = Texts.of(1024);
        List<Finding> findings = new ArrayList<>();
        for (Peer peer : peers) {
            int listeners = peer.listeners();
            int full = peer.window() == 1 ? messages / 5 : messages;
            try (Side ours = new JmsListeners(bench.tables(), options, Bench.QUEUE, listeners);
                    Side byHand = Crew.of(listeners, () -> peer.open(bench.tables()))) {
                Comparison comparison = bench.compare(
                        Bench.Direction.RECEIVE, bench.effort().messages(full, listeners), body, ours, byHand);
                findings.add(Finding.rate(
                        name, Threads.listeners(listeners) + " / " + peer.what(), comparison, peer.target()));
            }
        }
        return findings;
    }
}
