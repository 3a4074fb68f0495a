package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A worker process dies; another goes on where it was. */
class KilledWorkerTest extends JobsTestCase {

    @Test
    void anotherProcessResumesFromTheLastCheckpoint() throws Exception {
        jobs.job("walk").json(0).spawn();
        Process worker = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWorker.class.getName(),
                        url)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            worker.destroyForcibly();
        }
        assertThat(value("SELECT payload_json::text FROM mq_msgs")).isEqualTo("3");
        registry.handler("walk", job -> seen.add(job.json(Integer.class) + " in attempt " + job.attempt()));
        run();
        seenEventually("3 in attempt 2");
        goneEventually();
    }
}
