package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqAdmin;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator does to many messages is done in batches; whoever ends it hears how far it has come. */
class AdminBatchesTest extends IntegrationTest {
    private static final int MESSAGES = 2_500;
    private static final long LOCK = 4_711_001;

    private SqlmqAdmin admin;

    /** The 1500th message is touched in the second batch. */
    private interface Work {
        long by(SqlmqAdmin admin) throws JMSException;
    }

    @BeforeEach
    void fill() throws Exception {
        admin = factory.admin();
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text, dead_origin, dead_reason) SELECT gen_random_uuid(), '"
                + queue + "', i::text, 'origin', 'x' FROM generate_series(1, " + MESSAGES + ") i");
    }

    @AfterEach
    void letGo() throws Exception {
        sql("DROP FUNCTION IF EXISTS admin_batches() CASCADE");
    }

    private void whenTouched(String what) throws Exception {
        sql(
                "CREATE FUNCTION admin_batches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF OLD.payload_text = '1500' THEN " + what
                        + "; END IF; RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$",
                "CREATE TRIGGER admin_batches BEFORE DELETE OR UPDATE ON mq_msgs FOR EACH ROW EXECUTE FUNCTION admin_batches()");
    }

    @Test
    void aFailureTellsHowManyWereDone() throws Exception {
        whenTouched("RAISE EXCEPTION 'not this one'");
        fails("Moving " + queue, a -> a.move(queue, queue + "-other"), 1_000);
        fails("Retrying " + queue, a -> a.retryMatching(queue, "JMSPriority = 4"), 0);
        fails("Purging " + queue, a -> a.purge(queue), 0);
        assertThat(admin.count(queue)).isEqualTo(MESSAGES - 1_000);
        assertThat(admin.count(queue + "-other")).isEqualTo(1_000);
    }

    private void fails(String what, Work work, int after) {
        assertThatThrownBy(() -> work.by(admin))
                .isInstanceOf(JMSException.class)
                .hasMessageStartingWith(
                        what + (after == 0 ? "" : " after " + after + " messages") + " failed: the database says: ")
                .hasMessageContaining("not this one");
    }

    @Test
    void anInterruptionEndsItBetweenTwoBatches() throws Exception {
        interruptsInTheSecondBatchOf("Purging " + queue, a -> a.purge(queue));
        assertThat(admin.count(queue)).isEqualTo(MESSAGES - 2_000);
        assertThat(admin.purge(queue)).isEqualTo(MESSAGES - 2_000);
    }

    @Test
    void soItDoesWithASelector() throws Exception {
        interruptsInTheSecondBatchOf(
                "Moving " + queue, a -> a.moveMatching(queue, queue + "-other", "JMSPriority = 4"));
        assertThat(admin.count(queue)).isEqualTo(MESSAGES - 2_000);
    }

    private void interruptsInTheSecondBatchOf(String what, Work work) throws Exception {
        whenTouched("PERFORM pg_advisory_xact_lock(" + LOCK + ")");
        CompletableFuture<String> told = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                told.complete("done: " + work.by(admin));
            } catch (JMSException e) {
                told.complete(e.getMessage() + (Thread.currentThread().isInterrupted() ? "" : ", and forgotten"));
            }
        });
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            thread.start();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> number(
                                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = "
                                            + LOCK)
                            == 1);
            thread.interrupt();
            statement.execute("SELECT pg_advisory_unlock(" + LOCK + ")");
        }
        assertThat(told.get(1, TimeUnit.MINUTES)).isEqualTo(what + " was interrupted after 2000 messages");
    }
}
