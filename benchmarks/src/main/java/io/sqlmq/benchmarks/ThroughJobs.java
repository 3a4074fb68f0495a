package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.job.JobBuilder;
import io.sqlmq.job.JobRegistry;
import io.sqlmq.job.JobRunner;
import io.sqlmq.job.Jobs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Jobs that are spawned, run by handlers that only read their payload, and completed, all at the same time. */
final class ThroughJobs implements Side {

    private static final String NAME = "read";
    /** Not that of the messages: the runner takes whatever comes. */
    private static final String CHANNEL = "benchmark.a_job_";

    private static final long PATIENCE_SECONDS = 120;

    private final Tables tables;
    private final SqlmqConnectionFactory factory;
    private final Jobs jobs;
    private final JobRunner runner;
    private final Crew spawning;
    private volatile CountDownLatch expected = new CountDownLatch(0);

    ThroughJobs(Tables tables, String json, int perCommit, int threads) throws Exception {
        this.tables = tables;
        factory = tables.factory("");
        jobs = Jobs.on(factory, new JobRegistry().handler(NAME, job -> {
                    if (job.rawJson() != null) {
                        expected.countDown();
                    }
                }));
        runner = jobs.runner().channels(CHANNEL).concurrency(threads, threads).start();
        spawning = Crew.of(threads, () -> new Spawner(json, perCommit));
    }

    private final class Spawner implements Worker {
        private final String json;
        private final int perCommit;

        Spawner(String json, int perCommit) {
            this.json = json;
            this.perCommit = perCommit;
        }

        @Override
        public void move(int messages) {
            List<JobBuilder> batch = new ArrayList<>();
            for (int sent = 1; sent <= messages; sent++) {
                batch.add(jobs.job(NAME).channel(CHANNEL).rawJson(json));
                if (sent % perCommit == 0 || sent == messages) {
                    jobs.spawnAll(batch);
                    batch.clear();
                }
            }
        }

        @Override
        public void close() {}
    }

    @Override
    public void run(int messages) throws Exception {
        CountDownLatch latch = new CountDownLatch(messages);
        expected = latch;
        spawning.run(messages);
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    latch.getCount() + " of " + messages + " jobs were not run within " + PATIENCE_SECONDS + " s");
        }
        while (tables.count(CHANNEL) > 0) {
            Thread.sleep(1); // what has just run is being completed
        }
    }

    @Override
    public void close() throws Exception {
        spawning.close();
        runner.close();
        factory.close();
    }
}
