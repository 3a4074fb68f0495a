package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** A consumer that wants one message in ten of a backlog. */
final class Selectors implements Scenario {

    private static final int BACKLOG = 100_000;
    private static final int ONE_IN = 10;
    private static final int BATCH = 100;
    private static final String SELECTOR = "customerName = 'customer-3'";

    @Override
    public String name() {
        return "selector";
    }

    @Override
    public String description() {
        return "A consumer whose selector matches 1 in 10 of a backlog of 100,000 (1 KB), in transactions of 100 and as an"
                + " AUTO_ACKNOWLEDGE listener. The value is messages for each second that a core was busy, server and client"
                + " together (without a view of the server's processes: messages per second).";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        List<Finding> findings = new ArrayList<>();
        try (Side transacted = new JmsCrew(
                bench.tables(),
                "",
                1,
                connection -> new JmsReceiver(
                        connection,
                        BATCH,
                        session -> session.createConsumer(session.createQueue(Bench.QUEUE), SELECTOR)))) {
            findings.add(measure(bench, "1 in 10, transacted", transacted));
        }
        try (Side listener = new JmsListeners(bench.tables(), "", Bench.QUEUE, SELECTOR, 1)) {
            findings.add(measure(bench, "1 in 10, listener", listener));
        }
        return findings;
    }

    private Finding measure(Bench bench, String what, Side consumer) throws Exception {
        int backlog = bench.effort().messages(BACKLOG, ONE_IN * BATCH);
        int wanted = backlog / ONE_IN;
        List<Measurement> rounds = new ArrayList<>();
        for (int i = -bench.effort().warmUps(); i < bench.effort().rounds(); i++) {
            bench.tables().empty();
            bench.tables().fillInTurns(Bench.QUEUE, backlog, Texts.of(1024), ONE_IN, false);
            bench.tables().vacuum();
            Measurement measurement = bench.measure(wanted, consumer);
            bench.requireCount(backlog - wanted);
            if (i >= 0) {
                rounds.add(measurement);
            }
        }
        double perSecond = Comparison.median(rounds, Measurement::perSecond);
        double perCore = Comparison.median(rounds, Measurement::perCoreSecond);
        return new Finding(
                name(),
                what,
                Finding.number("%,.0f/s", perSecond),
                "",
                Double.isNaN(perCore) ? perSecond : perCore,
                Target.atLeast(5_000),
                "");
    }
}
