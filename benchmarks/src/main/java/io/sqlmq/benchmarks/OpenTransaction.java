package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a transaction costs that somebody leaves open: vacuum can remove nothing that was deleted since. */
final class OpenTransaction implements Scenario {

    private static final int PASSED = 200_000;
    private static final int MEASURED = 20_000;
    private static final int BATCH = 100;

    @Override
    public String name() {
        return "open-transaction";
    }

    @Override
    public String description() {
        return "Receiving in batches of 100 after 200,000 messages (256 B) have gone through the queue, with a transaction"
                + " left open elsewhere in the database all the while, against the same without it. The second line is what"
                + " hand-written JDBC loses.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        Tables tables = bench.tables();
        int rounds = Math.min(3, bench.effort().rounds());
        List<Measurement> with = new ArrayList<>();
        List<Measurement> without = new ArrayList<>();
        List<Measurement> handWith = new ArrayList<>();
        List<Measurement> handWithout = new ArrayList<>();
        try (Side ours = new JmsCrew(tables, "", 1, c -> new JmsReceiver(c, Bench.QUEUE, BATCH));
                Side byHand =
                        Crew.of(1, () -> new HandReceiver(tables, Bench.QUEUE, HandReceiver.Style.TRANSACTED, BATCH))) {
            for (int i = 0; i < rounds; i++) {
                without.add(receive(bench, ours, false));
                with.add(receive(bench, ours, true));
                handWithout.add(receive(bench, byHand, false));
                handWith.add(receive(bench, byHand, true));
            }
        }
        return List.of(
                finding("JMS, with / without", new Comparison(with, without), Target.atLeast(0.9)),
                finding("by hand, with / without", new Comparison(handWith, handWithout), null));
    }

    private Finding finding(String what, Comparison comparison, @Nullable Target target) {
        return Finding.rate(name(), what, comparison, target);
    }

    private static Measurement receive(Bench bench, Side side, boolean open) throws Exception {
        Tables tables = bench.tables();
        tables.empty();
        try (Connection other = tables.connect()) {
            if (open) {
                other.setAutoCommit(false);
                try (Statement statement = other.createStatement()) {
                    statement.execute("SELECT pg_current_xact_id()");
                }
            }
            int passed = bench.effort().messages(PASSED, BATCH);
            String body = Texts.of(256);
            tables.fill(Bench.QUEUE, passed, body);
            side.run(passed);
            if (!open) {
                tables.vacuum();
            }
            int measured = bench.effort().messages(MEASURED, BATCH);
            tables.fill(Bench.QUEUE, measured, body);
            Measurement measurement = bench.measure(measured, side);
            bench.requireCount(0);
            return measurement;
        }
    }
}
