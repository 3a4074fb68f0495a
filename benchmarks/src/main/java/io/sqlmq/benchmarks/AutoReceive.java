package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** receive() in AUTO_ACKNOWLEDGE on a backlog. */
final class AutoReceive implements Scenario {

    private static final int MESSAGES = 8_000;

    @Override
    public String name() {
        return "auto-receive";
    }

    @Override
    public String description() {
        return "receive() in AUTO_ACKNOWLEDGE on a backlog of 1 KB messages, against one round trip per message: DELETE and"
                + " COMMIT of the last, BEGIN and claim of the next, the commit not waiting for the disk.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        String body = Texts.of(1024);
        List<Finding> findings = new ArrayList<>();
        for (int consumers : new int[] {1, 2, 8}) {
            try (Side ours = new JmsCrew(
                            bench.tables(),
                            "",
                            consumers,
                            connection -> new JmsReceiver(connection, Bench.QUEUE, JmsReceiver.AUTO));
                    Side byHand = Crew.of(
                            consumers,
                            () -> new HandReceiver(bench.tables(), Bench.QUEUE, HandReceiver.Style.RELAXED, 1))) {
                Comparison comparison = bench.compare(
                        Bench.Direction.RECEIVE, bench.effort().messages(MESSAGES, consumers), body, ours, byHand);
                findings.add(Finding.rate(
                        name(), Threads.consumers(consumers) + ", receive()", comparison, Target.atLeast(0.8)));
            }
        }
        return findings;
    }
}
