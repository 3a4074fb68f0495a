package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A runner that goes on with a job whose lease is over, and which somebody else has got. */
class LostJobsTest extends JobsTestCase {
    private static final String ROW = "SELECT (to_jsonb(m) - 'attempt_at')::text FROM mq_msgs m";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "returns",
                "throws",
                "completes",
                "completes in Spring's transaction",
                "completes on a connection",
                "checkpoints",
                "checkpoints on a connection",
                "keeps alive"
            })
    void whatTheOtherHasIsLeftAlone(String how) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch lost = new CountDownLatch(1);
        registry.handler(JobOptions.named("slow").retries(3), job -> {
            job.keepAlive(Duration.ofSeconds(1));
            begun.countDown();
            lost.await();
            switch (how) {
                case "throws" -> throw new IllegalArgumentException("of its own");
                case "completes" -> job.complete();
                case "completes in Spring's transaction" ->
                    new TransactionTemplate(new DataSourceTransactionManager(pool))
                            .executeWithoutResult(status -> job.complete());
                case "checkpoints" -> job.checkpoint(Checkpoint.of("mine").extraRetries(7));
                case "keeps alive" -> job.keepAlive(Duration.ofHours(1));
                case "returns" -> {}
                default -> {
                    try (Connection connection = pool.getConnection()) {
                        connection.setAutoCommit(false);
                        if (how.startsWith("completes")) {
                            job.complete(connection);
                        } else {
                            job.checkpoint(connection, Checkpoint.of("mine"));
                        }
                        connection.commit();
                    }
                }
            }
        });
        JobRunner runner = run();
        jobs.job("slow").json("all").spawn();
        begun.await();
        execute("DO $$ BEGIN UPDATE mq_msgs SET attempt_at = now() - interval '1 s'; PERFORM mq_poll(NULL, 1);"
                + " PERFORM mq_keep_alive(ARRAY(SELECT id FROM mq_msgs), interval '1 h'); END $$");
        Object before = value(ROW);
        assertThat((String) before).contains("\"lease_owner\": -1", "\"failure_count\": 1");
        lost.countDown();
        eventually(() -> failures.size() == 1);
        assertThat(failures.get(0))
                .isInstanceOf(how.equals("throws") ? IllegalArgumentException.class : LostJobException.class);
        eventually(() -> runner.runningJobs() == 0);
        runner.close();
        assertThat(value(ROW)).isEqualTo(before);
        assertThat(
                        count(
                                "SELECT count(*) FROM mq_msgs WHERE attempt_at > now() + interval '50 min' AND payload_json = '\"all\"'"))
                .isEqualTo(1);
    }
}
