package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.DataSourceTransactionBinding;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs in transactions of the application. */
class TransactionsTest extends JobsTestCase {

    @BeforeEach
    void table() throws SQLException {
        execute("CREATE TABLE IF NOT EXISTS account (amount integer)");
        execute("DELETE FROM account");
    }

    @Test
    void aJobSpawnedOnAConnectionIsPartOfItsTransaction() throws Exception {
        registry.handler("pay", job -> seen.add(job.json(Integer.class)));
        run();
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            jobs.job("pay").json(1).spawn(connection);
            connection.rollback();
            jobs.spawnAll(
                    connection, List.of(jobs.job("pay").json(2), jobs.job("pay").json(3)));
            insert(connection, 5);
            assertThat(seen).isEmpty();
            connection.commit();
            connection.setAutoCommit(true);
        }
        eventually(() -> seen.size() == 2);
        assertThat(seen).containsExactlyInAnyOrder(2, 3);
        assertThat(count("SELECT sum(amount) FROM account")).isEqualTo(5);
    }

    @Test
    void onAConnectionInAutoCommitModeItIsCommittedAtOnce() throws Exception {
        registry.handler("pay", job -> seen.add(job.json(Integer.class)));
        run();
        try (Connection connection = pool.getConnection()) {
            jobs.job("pay").json(1).spawn(connection);
            seenEventually(1);
        }
    }

    @Test
    void aJobSpawnedInSpringsTransactionIsPartOfIt() {
        registry.handler("pay", job -> seen.add(job.json(Integer.class)));
        run();
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transaction.executeWithoutResult(status -> {
            jobs.job("pay").json(1).spawn();
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> jobs.job("pay").json(2).spawn());
        seenEventually(2);
    }

    @Test
    void aJobCompletesInSpringsTransactionExactlyOnce() throws Exception {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        registry.handler(JobOptions.named("pay").backoff(Duration.ofMillis(100)), job -> {
            transaction.executeWithoutResult(status -> {
                new JdbcTemplate(pool).update("INSERT INTO account VALUES (?)", job.attempt());
                job.complete();
                if (job.attempt() == 1) {
                    status.setRollbackOnly();
                }
            });
            seen.add(job.attempt());
        });
        run();
        jobs.job("pay").spawn();
        seenEventually(1, 2);
        goneEventually();
        assertThat(count("SELECT sum(amount) FROM account")).isEqualTo(2);
        assertThat(failures).singleElement().satisfies(f -> assertThat(f).hasMessageContaining("was not committed"));
    }

    /** As one does after a deadlock, in the same attempt. */
    @ParameterizedTest
    @ValueSource(strings = {"Spring", "the same connection", "another connection"})
    void whatWasRolledBackIsCompletedInTheNextTransaction(String how) throws Exception {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        registry.handler("pay", job -> {
            if (how.equals("Spring")) {
                for (boolean commits : new boolean[] {false, true}) {
                    transaction.executeWithoutResult(status -> {
                        new JdbcTemplate(pool).update("INSERT INTO account VALUES (7)");
                        job.complete();
                        if (!commits) {
                            status.setRollbackOnly();
                        }
                    });
                }
            } else {
                Connection connection = pool.getConnection();
                for (boolean commits : new boolean[] {false, true}) {
                    connection.setAutoCommit(false);
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("INSERT INTO account VALUES (7)");
                    }
                    job.complete(connection);
                    if (commits) {
                        connection.commit();
                    } else {
                        connection.rollback();
                        if (how.startsWith("another")) {
                            connection.close();
                            connection = pool.getConnection();
                        }
                    }
                }
                connection.close();
            }
            assertThatThrownBy(job::complete).isInstanceOf(IllegalStateException.class);
            seen.add(job.attempt());
        });
        run();
        jobs.job("pay").spawn();
        seenEventually(1);
        goneEventually();
        assertThat(count("SELECT sum(amount) FROM account")).isEqualTo(7);
        assertThat(failures).isEmpty();
    }

    @Test
    void aTransactionAwareDataSourceIsUnderstood() throws Exception {
        TransactionAwareDataSourceProxy proxy = new TransactionAwareDataSourceProxy(pool);
        Jobs own = closing(Jobs.on(proxy, registry));
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        registry.handler(JobOptions.named("pay").backoff(Duration.ofMillis(100)), job -> {
            transaction.executeWithoutResult(status -> {
                new JdbcTemplate(proxy).update("INSERT INTO account VALUES (?)", job.json(Integer.class));
                job.complete();
                if (job.attempt() == 1) {
                    throw new IllegalStateException("roll back");
                }
            });
            seen.add(job.json(Integer.class));
        });
        closing(own.runner().start());
        transaction.executeWithoutResult(status -> own.job("pay").json(4).spawn());
        seenEventually(4);
        goneEventually();
        assertThat(count("SELECT sum(amount) FROM account")).isEqualTo(4);
        assertThat(failures).singleElement().satisfies(f -> assertThat(f).hasMessage("roll back"));
    }

    @Test
    void aBindingOfTheFactoryIsUsed() throws Exception {
        SqlmqConnectionFactory factory = closing(new SqlmqConnectionFactory(pool));
        factory.setTransactionBinding(new DataSourceTransactionBinding(new TransactionAwareDataSourceProxy(pool)));
        Jobs own = Jobs.on(factory, registry);
        registry.handler("pay", job -> seen.add(job.json(Integer.class)));
        closing(own.runner().start());
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transaction.executeWithoutResult(status -> {
            own.job("pay").json(1).spawn();
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> own.job("pay").json(2).spawn());
        seenEventually(2);
    }

    @Test
    void aJobCompletesInTheTransactionOfAConnectionExactlyOnce() throws Exception {
        registry.handler(JobOptions.named("pay").backoff(Duration.ofMillis(100)), job -> {
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                insert(connection, job.attempt());
                job.complete(connection);
                if (job.attempt() == 1) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                connection.setAutoCommit(true);
            }
            seen.add(job.attempt());
        });
        run();
        jobs.job("pay").spawn();
        seenEventually(1, 2);
        goneEventually();
        assertThat(count("SELECT sum(amount) FROM account")).isEqualTo(2);
    }

    @Test
    void whatFailsAfterTheCommitIsDoneAllTheSame() throws Exception {
        registry.handler("pay", job -> {
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                job.complete(connection);
                connection.commit();
                connection.setAutoCommit(true);
            }
            throw new IllegalStateException("afterwards");
        });
        run();
        jobs.job("pay").spawn();
        eventually(() -> !failures.isEmpty());
        goneEventually();
        assertThat(failures).singleElement().satisfies(f -> assertThat(f).hasMessage("afterwards"));
    }

    @Test
    void completeByItselfIsDurableWhenItReturns() {
        registry.handler("pay", job -> {
            job.complete();
            seen.add(count("SELECT count(*) FROM mq_msgs"));
            assertThatThrownBy(job::complete).isInstanceOf(IllegalStateException.class);
        });
        run();
        jobs.job("pay").spawn();
        seenEventually(0L);
        assertThat(failures).isEmpty();
    }

    @Test
    void theNextAttemptBeginsWithTheCheckpoint() throws Exception {
        registry.handler(JobOptions.named("walk").retries(1).backoff(Duration.ofMillis(50)), job -> {
            Map<?, ?> state = job.json(Map.class);
            seen.add(state.get("at") + (job.bytes() == null ? "" : new String(job.bytes(), StandardCharsets.UTF_8)));
            int at = (int) state.get("at");
            if (at < 3) {
                job.checkpoint(Checkpoint.of(Map.of("at", at + 1))
                        .bytes("b".getBytes(StandardCharsets.UTF_8))
                        .extraRetries(1));
                throw new IllegalStateException("died at " + at);
            }
        });
        run();
        jobs.job("walk").json(Map.of("at", 0)).spawn();
        seenEventually("0", "1b", "2b", "3b");
        goneEventually();
        assertThat(failures).hasSize(3);
    }

    @Test
    void aCheckpointIsPartOfItsTransaction() {
        registry.handler(JobOptions.named("walk").retries(2).backoff(Duration.ofMillis(50)), job -> {
            seen.add(job.json(Integer.class));
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                job.checkpoint(connection, Checkpoint.of(job.attempt()));
                if (job.attempt() == 1) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                connection.setAutoCommit(true);
            }
            if (job.attempt() < 3) {
                throw new IllegalStateException("again");
            }
        });
        run();
        jobs.job("walk").json(0).spawn();
        seenEventually(0, 0, 2);
        goneEventually();
    }

    /** Retries in columns of the row, and in a policy of the row. */
    @ParameterizedTest
    @ValueSource(strings = {"PT5M", "PT1M"})
    void retriesOfACheckpointAreThereWhenItIsCommitted(Duration maxBackoff) {
        registry.handler(JobOptions.named("walk").retries(0).maxBackoff(maxBackoff), job -> {
            seen.add(job.json(Integer.class));
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                for (int retries = 1; retries <= 3; retries++) {
                    job.checkpoint(connection, Checkpoint.of(9).extraRetries(retries));
                    connection.rollback();
                }
                if (job.attempt() <= 2) {
                    job.checkpoint(connection, Checkpoint.of(job.attempt()).extraRetries(1));
                    connection.commit();
                }
                connection.setAutoCommit(true);
            }
            throw new IllegalStateException("again");
        });
        run();
        jobs.job("walk").json(0).backoff(Duration.ofMillis(10)).spawn();
        eventually(() -> count("SELECT count(*) FROM mq_dead_letters") == 1);
        assertThat(seen).containsExactly(0, 1, 2);
    }

    @Test
    void allWorksOverAPoolWithAutoCommitOff() throws Exception {
        HikariDataSource other = pool(8, false);
        Jobs own = closing(Jobs.on(other, registry));
        registry.handler(JobOptions.named("pay").backoff(Duration.ofMillis(100)), job -> {
            try (Connection connection = other.getConnection()) {
                insert(connection, job.json(Integer.class));
                job.checkpoint(connection, Checkpoint.of(10));
                connection.commit();
                if (job.attempt() == 1) {
                    throw new IllegalStateException("again");
                }
                job.complete(connection);
                connection.commit();
            }
            seen.add(job.json(Integer.class));
        });
        closing(own.runner().start());
        own.job("pay").json(1).spawn();
        try (Connection connection = other.getConnection()) {
            own.job("pay").json(2).spawn(connection);
            connection.rollback();
            own.job("pay").json(3).spawn(connection);
            connection.commit();
        }
        seenEventually(10, 10);
        goneEventually();
        assertThat(count("SELECT sum(amount) FROM account")).isEqualTo(1 + 10 + 3 + 10);
    }

    private static void insert(Connection connection, int amount) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO account VALUES (?)")) {
            statement.setInt(1, amount);
            statement.execute();
        }
    }
}
