package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Those who poll jobs and consumers of messages, at the same time on the same channel. */
@Timeout(120)
class ConcurrentJobsTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    private static final int JOBS = 300;
    private static final int GROUPS = 5;

    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger inserted = new AtomicInteger();

    /** Four insert, four poll and two consume; of each group there is one at a time, in the order of its inserts. */
    @Test
    void noJobComesTwiceAndGroupsKeepTheirOrder() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < GROUPS; i++) {
                int group = i;
                QueueSession session = schema.open();
                running.add(threads.submit(() -> insert(session, group)));
            }
            for (int i = 0; i < 4; i++) {
                QueueSession session = schema.open();
                running.add(threads.submit(() -> poll(session)));
            }
            for (int i = 0; i < 2; i++) {
                QueueSession session = schema.open();
                running.add(threads.submit(() -> consume(session)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(done).hasSize(GROUPS * JOBS).doesNotHaveDuplicates();
        for (int i = 0; i < GROUPS; i++) {
            String prefix = i + ":";
            List<Integer> order = done.stream()
                    .filter(name -> name.startsWith(prefix))
                    .map(name -> Integer.valueOf(name.substring(prefix.length())))
                    .toList();
            assertThat(order).as("group " + i).isSorted();
        }
    }

    private Void insert(QueueSession session, int group) throws Exception {
        for (int i = 0; i < JOBS; i += 3) {
            session.values("mq_insert(ARRAY(SELECT (gen_random_uuid(), NULL, NULL, interval '1 min', "
                    + Call.literal(schema.queue()) + ", '" + group + "', NULL, true, '" + group
                    + ":' || n::text, NULL, NULL)::mq_new_t"
                    + " FROM generate_series(" + i + ", " + (i + 2) + ") n))");
            session.commit();
            inserted.addAndGet(3);
        }
        return null;
    }

    private boolean isOver() {
        return inserted.get() == GROUPS * JOBS && done.size() >= GROUPS * JOBS;
    }

    private Void poll(QueueSession session) throws Exception {
        while (!isOver()) {
            List<Map<String, String>> jobs =
                    session.rows("SELECT * FROM mq_poll(ARRAY[" + Call.literal(schema.queue()) + "], 3)");
            session.commit();
            for (Map<String, String> job : jobs) {
                if (job.get("id") != null) {
                    done.add(job.get("name"));
                    session.values("mq_delete(ARRAY['" + job.get("id") + "']::uuid[])");
                    session.commit();
                }
            }
        }
        return null;
    }

    private Void consume(QueueSession session) throws Exception {
        while (!isOver()) {
            List<ClaimedMessage> claimed = ClaimedMessage.inOrder(session.claim(3));
            claimed.forEach(message -> done.add(message.get(ClaimedColumn.JMS_TYPE)));
            if (!claimed.isEmpty()) {
                session.ack(claimed);
            }
            session.commit();
        }
        return null;
    }

    @Test
    void nothingWaitsForAWindow() throws Exception {
        String id = insertOne();
        QueueSession window = schema.open();
        assertThat(window.claim(1)).hasSize(1);
        QueueSession client = schema.outside();
        String ids = "ARRAY['" + id + "']::uuid[]";
        client.execute("SET lock_timeout = '1s'");
        client.values("mq_delete(" + ids + ")");
        client.values("mq_keep_alive(" + ids + ", interval '1 h')");
        client.values("mq_checkpoint('" + id + "', interval '1 h', 'true', NULL, 1)");
        client.values("mq_clear(ARRAY[" + Call.literal(schema.queue()) + "])");
        client.values("mq_clear_all()");
        assertThat(client.rows("SELECT * FROM mq_poll(NULL, 5)").get(0))
                .containsEntry("id", null)
                .containsEntry("wait_time", "00:00:01");
        window.commit();
        assertThat(client.rows("SELECT * FROM mq_poll(NULL, 5)").get(0)).containsEntry("id", id);
    }

    @Test
    void whatAConsumerHasUnderLeaseIsNotDeleted() throws Exception {
        String id = insertOne();
        QueueSession window = schema.open();
        window.lease(window.claim(1), 7, 1, 60_000);
        window.commit();
        QueueSession client = schema.outside();
        client.values("mq_delete(ARRAY['" + id + "']::uuid[])");
        client.values("mq_keep_alive(ARRAY['" + id + "']::uuid[], interval '1 h')");
        client.values("mq_clear_all()");
        assertThat(client.values("attempt_at < now() + interval '2 min' FROM mq_msgs"))
                .containsExactly("t");
    }

    /** What two connections of one worker do to a job: neither is lost. */
    @Test
    void aDeleteWaitsForTheKeepAliveOfTheSameWorker() throws Exception {
        String id = insertOne();
        QueueSession client = schema.outside();
        client.rows("SELECT * FROM mq_poll(NULL, 5)");
        QueueSession keeping = schema.open();
        keeping.values("mq_keep_alive(ARRAY['" + id + "']::uuid[], interval '1 h')");
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<?> deleted = threads.submit(() -> client.values("mq_delete(ARRAY['" + id + "']::uuid[])"));
            keeping.commit();
            deleted.get();
        } finally {
            threads.shutdownNow();
        }
        assertThat(client.values("count(*) FROM mq_msgs")).containsExactly("0");
    }

    @ParameterizedTest
    @CsvSource({
        "KEEP_ALIVE, KEEP_ALIVE",
        "KEEP_ALIVE, CHECKPOINT",
        "CHECKPOINT, KEEP_ALIVE",
        "CHECKPOINT, CHECKPOINT",
    })
    void whatAWorkerAsksForWaitsForWhatItDoesElsewhere(Extension first, Extension second) throws Exception {
        String id = insertOne();
        QueueSession client = schema.outside();
        client.rows("SELECT * FROM mq_poll(NULL, 5)");
        QueueSession working = schema.open();
        working.values(first.call(id, "1 min"));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            QueueSession other = schema.open();
            Future<?> asked = threads.submit(() -> {
                other.values(second.call(id, "1 h"));
                other.commit();
                return null;
            });
            while (!asked.isDone()
                    && client.values("true FROM pg_locks WHERE NOT granted").isEmpty()) {
                Thread.sleep(5);
            }
            working.commit();
            asked.get();
        } finally {
            threads.shutdownNow();
        }
        assertThat(client.values("attempt_at > now() + interval '50 min' FROM mq_msgs"))
                .containsExactly("t");
    }

    private enum Extension {
        KEEP_ALIVE("mq_keep_alive(ARRAY['%s']::uuid[], interval '%s')"),
        CHECKPOINT("mq_checkpoint('%s', interval '%s', 'true', NULL, 0)");

        private final String call;

        Extension(String call) {
            this.call = call;
        }

        String call(String id, String duration) {
            return call.formatted(id, duration);
        }
    }

    @Test
    void whatAConsumerFailedWithIsCountedWhenItIsPolled() throws Exception {
        insertOne();
        QueueSession window = schema.open();
        window.values("id FROM mq_msgs WHERE id IS NULL");
        schema.outside().execute("INSERT INTO mq_signatures VALUES (1, 7)");
        window.claim(1);
        window.sign(1);
        window.rollback();
        assertThat(schema.outside().rows("SELECT * FROM mq_poll(NULL, 5)").get(0))
                .as("the second attempt")
                .containsEntry("retry_backoff", "00:00:02");
    }

    private String insertOne() throws Exception {
        schema.outside()
                .values("mq_insert(ARRAY[(gen_random_uuid(), NULL, NULL, NULL, " + Call.literal(schema.queue())
                        + ", '', NULL, false, 'job', NULL, NULL)::mq_new_t])");
        return schema.outside().values("id FROM mq_msgs").get(0);
    }
}
