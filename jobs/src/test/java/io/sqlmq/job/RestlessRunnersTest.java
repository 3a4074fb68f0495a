package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runners that are stopped in the middle of whatever they do, again and again: every job is done, exactly once where it says so, and
 * none counts as failed.
 */
class RestlessRunnersTest extends JobsTestCase {
    private static final int JOBS = 60;

    private final Random random = new Random(1);

    private synchronized int upTo(int bound) {
        return random.nextInt(bound);
    }

    private static void note(Connection connection, String table, JobId job) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?)")) {
            insert.setObject(1, job.value());
            insert.executeUpdate();
        }
    }

    @Test
    @Timeout(120)
    void everyJobIsDone() throws Exception {
        execute("CREATE TABLE IF NOT EXISTS done (job uuid)");
        execute("CREATE TABLE IF NOT EXISTS done_once (job uuid PRIMARY KEY)");
        registry.handler("at least once", job -> {
            Thread.sleep(upTo(20));
            try (Connection connection = DriverManager.getConnection(url)) {
                note(connection, "done", job.id());
            }
            Thread.sleep(upTo(5));
        });
        registry.handler("exactly once", job -> {
            try (Connection connection = DriverManager.getConnection(url)) {
                connection.setAutoCommit(false);
                note(connection, "done_once", job.id());
                Thread.sleep(upTo(20));
                job.complete(connection);
                Thread.sleep(upTo(5));
                connection.commit();
            }
        });
        for (int i = 0; i < JOBS; i++) {
            jobs.job("at least once").spawn();
            jobs.job("exactly once").spawn();
        }
        while (count("SELECT count(*) FROM mq_msgs") > 0) {
            JobRunner runner = closing(jobs.runner().concurrency(4, 8).start());
            Thread.sleep(100 + upTo(200));
            runner.stop(Duration.ofMillis(upTo(20)));
            assertThat(count("SELECT count(*) FROM mq_msgs WHERE failure_count > 0"))
                    .isZero();
        }
        assertThat(count("SELECT count(DISTINCT job) FROM done")).isEqualTo(JOBS);
        assertThat(count("SELECT count(*) FROM done_once")).isEqualTo(JOBS);
        // An SQLException where handlers are on virtual threads: to interrupt one ends the connection that it is using.
        assertThat(failures)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOfAny(InterruptedException.class, LostJobException.class, SQLException.class));
    }
}
