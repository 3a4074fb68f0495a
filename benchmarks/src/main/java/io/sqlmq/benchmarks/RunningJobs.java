package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Jobs from spawn to completion, against messages from send to acknowledgement. */
final class RunningJobs implements Scenario {

    private static final int PER_COMMIT = 100;
    private static final int MESSAGES = 40_000;
    /** What others do takes longer. */
    private static final int MESSAGES_OF_OTHERS = 2_000;

    @Override
    public String name() {
        return "jobs";
    }

    @Override
    public String description() {
        return "Jobs with 1 KB of JSON, spawned in hundreds, run and completed, against text messages that are sent in"
                + " transactions of a hundred and received by AUTO_ACKNOWLEDGE listeners, and against the same jobs with"
                + " db-scheduler and JobRunr; as many threads on both ends.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        String body = Texts.of(1024);
        List<Finding> findings = new ArrayList<>();
        for (int threads : List.of(1, 4)) {
            int messages = bench.effort().messages(MESSAGES, PER_COMMIT * threads);
            try (Side jobs = new ThroughJobs(bench.tables(), '"' + body + '"', PER_COMMIT, threads);
                    Side listeners = new ThroughListeners(bench.tables(), body, PER_COMMIT, threads)) {
                Comparison comparison = bench.compare(Bench.Direction.THROUGH, messages, body, jobs, listeners);
                findings.add(Finding.rate(name(), Threads.listeners(threads), comparison, Target.atLeast(0.7)));
            }
            findings.add(against("db-scheduler", bench, body, threads, ThroughDbScheduler::new));
            findings.add(against("JobRunr", bench, body, threads, ThroughJobRunr::new));
        }
        return findings;
    }

    /** Opens a side. */
    @FunctionalInterface
    private interface Other {
        Side open(Tables tables, String data, int perCommit, int threads) throws Exception;
    }

    private Finding against(String library, Bench bench, String body, int threads, Other other) throws Exception {
        int messages = bench.effort().messages(MESSAGES_OF_OTHERS, PER_COMMIT * threads);
        try (Side jobs = new ThroughJobs(bench.tables(), '"' + body + '"', PER_COMMIT, threads);
                Side theirs = other.open(bench.tables(), body, PER_COMMIT, threads)) {
            Comparison comparison = bench.compare(Bench.Direction.THROUGH, messages, body, jobs, theirs);
            return Finding.rate(name(), library + ", " + Threads.listeners(threads), comparison, Target.atLeast(3));
        }
    }
}
