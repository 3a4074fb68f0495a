package io.sqlmq.benchmarks;

import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What the client allocates for a message, in all of its threads. */
final class Allocation implements Scenario {

    private static final String PER_OPERATION = "gc.alloc.rate.norm";

    @Override
    public String name() {
        return "allocation";
    }

    @Override
    public String description() {
        return "Bytes that the client allocates for each text message of 1 KB that is sent and received: AUTO_ACKNOWLEDGE one by one, and"
                + " 100 in a transaction. By JMH's gc profiler, all threads of the JVM. Not by hand.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        bench.tables().empty();
        Options options = new OptionsBuilder()
                .include("^" + Through.class.getName().replace(".", "\\.") + "\\.")
                .param("url", bench.tables().url(""))
                .addProfiler(GCProfiler.class)
                .forks(1)
                .warmupIterations(bench.effort().warmUps())
                .measurementIterations(bench.effort().rounds())
                .warmupTime(TimeValue.milliseconds(bench.effort().millis(5)))
                .measurementTime(TimeValue.milliseconds(bench.effort().millis(5)))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        List<Finding> findings =
                new Runner(options).run().stream().map(this::finding).toList();
        bench.requireCount(0);
        return findings;
    }

    private Finding finding(RunResult result) {
        double bytes = result.getSecondaryResults().get(PER_OPERATION).getScore();
        String what = Through.description(result.getParams().getBenchmark());
        return new Finding(name(), what, Finding.number("%,.0f B", bytes), "", bytes, null, "");
    }
}
