package io.sqlmq.job;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A pool, a registry whose failures are noted, jobs over them, and what is opened in a test is closed after it. */
@SqlmqTest(purge = Purge.Time.EACH_TEST)
abstract class JobsTestCase {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    @JdbcUrl
    static String url;

    final JobRegistry registry = new JobRegistry();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    final List<Object> seen = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    HikariDataSource pool;
    Jobs jobs;

    @BeforeEach
    final void open() {
        pool = pool(10, true);
        registry.onError((job, failure) -> failures.add(failure));
        jobs = closing(Jobs.on(pool, registry));
    }

    @AfterEach
    final void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    final HikariDataSource pool(int size, boolean autoCommit) {
        HikariDataSource made = new HikariDataSource();
        made.setJdbcUrl(url);
        made.setMaximumPoolSize(size);
        made.setMinimumIdle(0);
        made.setAutoCommit(autoCommit);
        return closing(made);
    }

    final <T extends AutoCloseable> T closing(T resource) {
        opened.add(resource);
        return resource;
    }

    /** A runner of all channels of the registry, or of these, that is closed after the test. */
    final JobRunner run(String... channels) {
        return closing(jobs.runner()
                .channels(channels)
                .concurrency(2, 4)
                .shutdownTimeout(Duration.ofSeconds(5))
                .start());
    }

    final void eventually(Callable<Boolean> condition) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    final void seenEventually(Object... values) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(
                        () -> org.assertj.core.api.Assertions.assertThat(seen).containsExactly(values));
    }

    final void goneEventually() {
        eventually(() -> count("SELECT count(*) FROM mq_msgs") == 0);
    }

    final long count(String query) throws SQLException {
        return Long.parseLong(String.valueOf(value(query)));
    }

    final @Nullable Object value(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getObject(1);
        }
    }

    final void execute(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement prepared = connection.prepareStatement(statement)) {
            prepared.execute();
        }
    }
}
