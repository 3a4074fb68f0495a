package io.sqlmq.benchmarks;

import java.util.List;

/** Many consumers on one queue: do they get into each other's way? */
final class ManyConsumers implements Scenario {

    private static final int MANY = 32;
    private static final int FEW = 2;
    private static final int MESSAGES = 64_000;
    private static final int BATCH = 100;

    @Override
    public String name() {
        return "many-consumers";
    }

    @Override
    public String description() {
        return "32 transacted consumers on one queue against 2, batches of 100 (256 B). The value is messages for each"
                + " second that a core was busy, server and client together (without a view of the server's processes:"
                + " messages per second).";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        try (Side many = consumers(bench.tables(), MANY);
                Side few = consumers(bench.tables(), FEW)) {
            Comparison comparison = bench.compare(
                    Bench.Direction.RECEIVE, bench.effort().messages(MESSAGES, MANY * BATCH), Texts.of(256), many, few);
            double perCore = comparison.ratio(Measurement::perCoreSecond);
            Finding rates = Finding.rate(name(), "32 consumers / 2, rate", comparison, null);
            Finding cores = new Finding(
                    name(),
                    "32 consumers / 2, per core",
                    core(comparison.ours()),
                    core(comparison.byHand()),
                    Double.isNaN(perCore) ? comparison.ratio() : perCore,
                    Target.atLeast(0.7),
                    "");
            return List.of(rates, cores);
        }
    }

    private static Side consumers(Tables tables, int count) throws Exception {
        return new JmsCrew(tables, "sqlmq.maximumPoolSize=40", count, c -> new JmsReceiver(c, Bench.QUEUE, BATCH));
    }

    private static String core(List<Measurement> rounds) {
        return Finding.number("%,.0f/s", Comparison.median(rounds, Measurement::perCoreSecond));
    }
}
