package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Messages of groups (JMSXGroupID) against the same messages without. */
final class Groups implements Scenario {

    private static final int CONSUMERS = 8;
    private static final int MESSAGES = 100_000;
    private static final int EACH = 10;
    private static final int BATCH = 100;

    @Override
    public String name() {
        return "groups";
    }

    @Override
    public String description() {
        return "8 consumers on 10,000 groups of 10 messages (256 B), sent in turns, against the same messages in no group:"
                + " AUTO_ACKNOWLEDGE listeners, and transactions of 100.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        List<Finding> findings = new ArrayList<>();
        try (Side listeners = new JmsListeners(bench.tables(), "", Bench.QUEUE, CONSUMERS)) {
            findings.add(compare(bench, "8 listeners, groups / none", listeners));
        }
        try (Side transacted =
                new JmsCrew(bench.tables(), "", CONSUMERS, c -> new JmsReceiver(c, Bench.QUEUE, BATCH))) {
            findings.add(compare(bench, "8 transacted, groups / none", transacted));
        }
        return findings;
    }

    private Finding compare(Bench bench, String what, Side consumers) throws Exception {
        int messages = bench.effort().messages(MESSAGES, CONSUMERS * BATCH);
        List<Measurement> grouped = new ArrayList<>();
        List<Measurement> plain = new ArrayList<>();
        for (int i = -bench.effort().warmUps(); i < bench.effort().rounds(); i++) {
            Measurement withGroups = round(bench, messages, true, consumers);
            Measurement without = round(bench, messages, false, consumers);
            if (i >= 0) {
                grouped.add(withGroups);
                plain.add(without);
            }
        }
        return Finding.rate(name(), what, new Comparison(grouped, plain), Target.atLeast(0.5));
    }

    private static Measurement round(Bench bench, int messages, boolean grouped, Side consumers) throws Exception {
        bench.tables().empty();
        bench.tables().fillInTurns(Bench.QUEUE, messages, Texts.of(256), messages / EACH, grouped);
        bench.tables().vacuum();
        Measurement measurement = bench.measure(messages, consumers);
        bench.requireCount(0);
        return measurement;
    }
}
