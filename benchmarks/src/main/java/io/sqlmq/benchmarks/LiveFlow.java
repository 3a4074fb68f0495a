package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Queues that are nearly empty: a message comes, and somebody waits for it. */
final class LiveFlow implements Scenario {

    private static final int MESSAGES = 8_000;
    private static final int REQUESTS = 3_000;

    @Override
    public String name() {
        return "live";
    }

    @Override
    public String description() {
        return "Messages of 1 KB to those who wait for them, against the same steps by hand: INSERT and COMMIT, NOTIFY in the same round"
                + " trip; claim by FOR UPDATE SKIP LOCKED, DELETE and COMMIT. Each send is durable; acknowledgements, and replies on"
                + " temporary queues, do not wait for the disk.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        String body = Texts.of(1024);
        List<Finding> findings = new ArrayList<>();
        for (int threads : List.of(2, 8)) {
            int messages = bench.effort().messages(MESSAGES, threads);
            try (Side ours = new ThroughListeners(bench.tables(), body, 1, threads);
                    Side byHand = new HandLive(bench.tables(), body, threads, false)) {
                Comparison comparison = bench.compare(Bench.Direction.THROUGH, messages, body, ours, byHand);
                findings.add(Finding.rate(name(), threads + " + " + threads, comparison, Target.atLeast(0.8)));
            }
        }
        for (int threads : List.of(1, 4)) {
            int requests = bench.effort().messages(REQUESTS, threads);
            try (Side ours = new JmsRequests(bench.tables(), body, threads);
                    Side byHand = new HandLive(bench.tables(), body, threads, true)) {
                Comparison comparison = bench.compare(Bench.Direction.THROUGH, requests, body, ours, byHand);
                findings.add(Finding.rate(name(), "request and reply, " + threads + " + " + threads, comparison, null));
            }
        }
        return findings;
    }
}
