package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process with thousands of queues: what it costs to have a consumer that nothing comes for does not grow with them. */
@Tag("slow")
@Timeout(180)
class ManyQueuesTest extends IntegrationTest {

    private static final int QUEUES = 3_000;
    private static final Duration IN_TIME = Duration.ofSeconds(60);

    private final Set<String> received = ConcurrentHashMap.newKeySet();
    private final Queue<JMSException> errors = new ConcurrentLinkedQueue<>();
    private Connection connection;

    private void open(String... options) throws Exception {
        factory.createConnection().close(); // creates the tables
        sql("ALTER ROLE CURRENT_USER SET track_functions = 'all'");
        SqlmqConnectionFactory process = factory(options);
        connection = connect(process);
        connection.setExceptionListener(errors::add);
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < QUEUES; i++) {
            if (i % 10 == 0) {
                session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            }
            consumer(session, name(i))
                    .setMessageListener(message -> received.add(Async.unchecked(() -> text(message))));
        }
    }

    @AfterEach
    void stopCounting() {
        sql("ALTER ROLE CURRENT_USER RESET track_functions");
    }

    private String name(int i) {
        return queue + "-" + i;
    }

    private long registered() {
        return number("SELECT count(*) FROM mq_waiters WHERE channel_name LIKE '" + queue + "-%'");
    }

    private long calls(String function) {
        return number("SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = '" + function + "'");
    }

    /** In one query, since one connection counts both and tells of them together. */
    private long[] looksAndScans() {
        return Stream.of(value("SELECT coalesce(sum(calls), 0) || ' '"
                                + " || (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'mq_msgs_ready')"
                                + " FROM pg_stat_user_functions WHERE funcname = 'mq_look'")
                        .split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private void receivesEverywhere(int... queues) throws Exception {
        for (int i : queues) {
            send(factory, name(i), "to " + i);
        }
        for (int i : queues) {
            await().atMost(IN_TIME).until(() -> received.contains("to " + i));
        }
    }

    @Test
    void consumersThatNothingComesForCostNoClaimsAndABoundedNumberOfLooks() throws Exception {
        long claims = calls("mq_claim");
        open();
        await().atMost(IN_TIME).until(() -> registered() == QUEUES);
        receivesEverywhere(0, 1, QUEUES / 2, QUEUES - 1);
        Thread.sleep(2_000); // the server counts late
        assertThat(calls("mq_claim") - claims).isLessThan(QUEUES / 10);
        // Each looks at 500 quiet ones and at those that something came to, in up to three ranges of ranks where one
        // was slow
        // once: at fewer than all, whenever the server counts them.
        await().atMost(IN_TIME).untilAsserted(() -> {
            long[] before = looksAndScans();
            Thread.sleep(5_000);
            long[] after = looksAndScans();
            long looks = after[0] - before[0];
            assertThat(looks).isBetween(1L, 10L);
            assertThat(after[1] - before[1]).isLessThan(looks * QUEUES * 2 / 3);
        });
        assertThat(calls("mq_claim") - claims).isLessThan(QUEUES / 10);
        // Nobody is told of these.
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                + "-' || i, 'silently to ' || i FROM generate_series(100, " + (QUEUES - 1) + ", 400) i");
        await().atMost(IN_TIME)
                .until(() -> received.stream()
                                .filter(text -> text.startsWith("silently"))
                                .count()
                        == (QUEUES - 101) / 400 + 1);
        assertThat(errors).isEmpty();
    }

    @Test
    void aNewListenConnectionMakesNoClaims() throws Exception {
        open("applicationName=many-" + queue);
        await().atMost(IN_TIME).until(() -> registered() == QUEUES);
        long claims = calls("mq_claim");
        sql(
                "DELETE FROM mq_waiters",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'many-" + queue
                        + "' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')");
        await().atMost(IN_TIME).until(() -> registered() == QUEUES);
        receivesEverywhere(0, 1, QUEUES / 2, QUEUES - 1);
        Thread.sleep(2_000);
        assertThat(calls("mq_claim") - claims).isLessThan(QUEUES / 10);
    }

    @Test
    void withoutListenManyQueuesAreServedToo() throws Exception {
        open("listen=off");
        receivesEverywhere(0, 1, QUEUES / 2, QUEUES - 1);
        assertThat(errors).isEmpty();
    }
}
