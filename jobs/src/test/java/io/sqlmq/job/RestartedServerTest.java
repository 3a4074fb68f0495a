package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.schema.Migrator;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server is restarted under a runner, which goes on: with what it has under way, and with what waits. */
@Tag("faults")
@Timeout(120)
class RestartedServerTest {
    private static final int JOBS = 60;

    @TempDir
    Path data;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger longRuns = new AtomicInteger();

    @Test
    void whatRunsIsCompletedAndWhatWaitsIsDoneOnce() throws Exception {
        EmbeddedOptions options = EmbeddedOptions.defaults().port(freePort()).dataDirectory(data);
        SqlmqEmbedded server = SqlmqEmbedded.start(options);
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(server.jdbcUrl());
            pool.setConnectionTimeout(2_000);
            JobRegistry registry = new JobRegistry()
                    .onError((job, failure) -> {})
                    .handler("long", job -> {
                        longRuns.incrementAndGet();
                        begun.countDown();
                        go.await();
                    })
                    .handler(
                            JobOptions.named("once").retries(1_000).backoff(Duration.ofMillis(20)),
                            job -> once(pool, job));
            new Migrator(pool, Migrator.DEFAULT_SCHEMA).migrate();
            try (Jobs jobs = Jobs.on(pool, registry)) {
                jobs.job("long").spawn();
                jobs.job("by hand").channel("sql").backoff(Duration.ofHours(1)).spawn();
                execute(pool, "SELECT mq_poll(ARRAY['sql'])");
                execute(pool, "CREATE TABLE done (job uuid PRIMARY KEY)");
                try (JobRunner runner = jobs.runner().concurrency(2, 4).start()) {
                    assertThat(runner.isStopping()).isFalse();
                    begun.await();
                    eventually(pool, "SELECT count(*) = 1 FROM mq_msgs WHERE lease_owner > 0");
                    jobs.spawnAll(IntStream.range(0, JOBS)
                            .mapToObj(i -> jobs.job("once"))
                            .toList());
                    eventually(pool, "SELECT count(*) > 10 FROM done");
                    server.close();
                    server = SqlmqEmbedded.start(options);
                    go.countDown();
                    eventually(pool, "SELECT id IS NULL AND wait_time > '50 min' FROM mq_poll(ARRAY['sql'])");
                    execute(pool, "SELECT mq_delete(ARRAY(SELECT id FROM mq_msgs WHERE channel_name = 'sql'))");
                    eventually(pool, "SELECT count(*) = 0 FROM mq_msgs");
                    eventually(pool, "SELECT count(*) = " + JOBS + " FROM done");
                    assertThat(longRuns).hasValue(1);
                }
            }
        } finally {
            server.close();
        }
    }

    private static void once(HikariDataSource pool, CurrentJob job) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO done VALUES ('" + job.id().value() + "')");
            job.complete(connection);
            connection.commit();
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void execute(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void eventually(HikariDataSource pool, String condition) {
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(condition)) {
                return rows.next() && rows.getBoolean(1);
            }
        });
    }
}
