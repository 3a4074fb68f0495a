package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Limited channels and those who poll: mq_limit, mq_unlimit. */
@Timeout(120)
class LimitTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    @AfterEach
    void nothingIsLimitedAfterwards() throws Exception {
        schema.outside().execute("DELETE FROM mq_limits");
        schema.outside().execute("DELETE FROM mq_limit_slots");
    }

    @Test
    void noMoreRunThanMay() throws Exception {
        jobs(6);
        limit("3");
        assertThat(poll(2)).hasSize(2);
        List<String> third = poll(5);
        assertThat(third).hasSize(1);
        assertThat(poll(5)).isEmpty();
        assertThat(schema.outside().values("wait_time <= interval '1 s' FROM mq_poll(" + channels() + ", 1)"))
                .containsExactly("t");
        schema.outside().values("mq_delete(ARRAY['" + third.get(0) + "']::uuid[])");
        assertThat(poll(5)).hasSize(1);
        assertThat(poll(5)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1001",
                "NULL",
                "NULL, 5",
                "1, 5",
                "NULL, NULL, '1 s'",
                "1, NULL, '1 s'",
                "NULL, 0, '1 s'",
                "NULL, 1000001, '1 s'",
                "NULL, 1, '0'",
                "NULL, 1, '32 days'"
            })
    void whatIsNoLimitIsRefusedWithWhatIsOne(String limit) {
        assertThatThrownBy(() -> limit(limit))
                .hasMessageContaining("1 to 1000 messages at the same time, of 1 to 1000000 starts");
    }

    @Test
    void whatIsNotKeptAliveMakesRoom() throws Exception {
        jobs(3);
        limit("1");
        String first = poll(1).get(0);
        assertThat(poll(1)).isEmpty();
        schema.outside().execute("UPDATE mq_msgs SET attempt_at = now() - interval '1 ms' WHERE id = '" + first + "'");
        assertThat(poll(1)).hasSize(1);
        assertThat(poll(1)).isEmpty();
    }

    @Test
    void whatComesAgainHasOneSlot() throws Exception {
        jobs(1);
        limit("2");
        String only = poll(1).get(0);
        schema.outside().execute("UPDATE mq_msgs SET attempt_at = now() - interval '1 ms'");
        assertThat(poll(1)).containsExactly(only);
        jobs(2);
        assertThat(poll(5)).hasSize(1);
    }

    @Test
    void transactionsHoldTheirSlotsAndGiveThemBackWhenTheyRollBack() throws Exception {
        jobs(4);
        limit("2");
        QueueSession one = schema.open();
        assertThat(poll(one, 1)).hasSize(1);
        assertThat(poll(one, 1)).hasSize(1);
        assertThat(poll(one, 1)).isEmpty();
        assertThat(poll(1)).isEmpty();
        one.rollback();
        assertThat(poll(5)).hasSize(2);
    }

    @Test
    void whoPollsHoldsNoMoreSlotsThanHeHasJobs() throws Exception {
        for (String most : List.of("3", "NULL, 3, interval '1 h'", "3, 3, interval '1 h'")) {
            limit(most);
            try (QueueSession one = schema.open()) {
                assertThat(poll(one, 3)).isEmpty();
                assertThat(one.values("pg_current_xact_id_if_assigned()"))
                        .as("writes nothing")
                        .containsExactly((String) null);
                jobs(1);
                assertThat(poll(one, 3)).hasSize(1);
                jobs(3);
                List<String> others = poll(5);
                assertThat(others).as(most).hasSize(2);
                assertThat(poll(one, 3)).isEmpty();
                one.commit();
            }
            schema.outside().execute("DELETE FROM mq_msgs");
            schema.outside().execute("DELETE FROM mq_limit_slots");
        }
    }

    /** Between the look for free slots and the lock of them, that is, while the poll waits for the table that it notes failures in. */
    @Test
    void jobsForWhichOthersWereQuickerAreGivenBack() throws Exception {
        jobs(1);
        limit("1");
        String only = poll(1).get(0);
        schema.outside().execute("UPDATE mq_msgs SET attempt_at = now() - interval '1 ms'");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (QueueSession table = schema.open();
                QueueSession slot = schema.open();
                QueueSession slow = schema.open()) {
            table.execute("LOCK TABLE mq_attempts IN EXCLUSIVE MODE");
            Future<List<String>> polled =
                    thread.submit(() -> slow.values("id || '' || wait_time FROM mq_poll(" + channels() + ", 1)"));
            while (schema.outside()
                    .values("true FROM pg_locks WHERE relation = 'mq_attempts'::regclass AND NOT granted")
                    .isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(slot.values("count FROM mq_hold_slots(" + channel() + ", 1)"))
                    .containsExactly("1");
            table.rollback();
            assertThat(polled.get()).containsExactly((String) null);
            slow.commit();
            assertThat(
                            schema.outside()
                                    .values(
                                            "ARRAY[delivery_count, failure_count, lease_owner] FROM mq_msgs WHERE attempt_at < now()"))
                    .containsExactly("{1,1,NULL}");
            slot.rollback();
        } finally {
            thread.shutdownNow();
        }
        assertThat(poll(1)).containsExactly(only);
        assertThat(poll(1)).isEmpty();
    }

    @Test
    void whoFindsNoSlotComesBackWhenTheNextIsFreeOrInASecond() throws Exception {
        jobs(3);
        limit("NULL, 1, interval '1 h'");
        try (QueueSession one = schema.open()) {
            assertThat(poll(one, 1)).hasSize(1);
            assertThat(schema.outside().values("wait_time FROM mq_poll(" + channels() + ", 1)"))
                    .containsExactly("00:00:01");
            assertThat(schema.outside().values("wait FROM mq_hold_slots(" + channel() + ", 1)"))
                    .containsExactly("1000");
            one.commit();
        }
        assertThat(schema.outside().values("wait > 3590000 FROM mq_hold_slots(" + channel() + ", 1)"))
                .containsExactly("t");
    }

    @Test
    void aLimitThatIsLoweredOrSetLateCountsWhatRuns() throws Exception {
        jobs(12);
        List<String> running = new ArrayList<>(poll(4));
        limit("2");
        assertThat(poll(5)).isEmpty();
        delete(running.remove(0));
        delete(running.remove(0));
        assertThat(poll(5)).isEmpty();
        delete(running.remove(0));
        assertThat(poll(5)).hasSize(1);
        limit("5");
        assertThat(poll(9)).hasSize(3);
        limit("1");
        assertThat(poll(5)).isEmpty();
        schema.outside().values("mq_delete(ARRAY(SELECT id FROM mq_msgs WHERE lease_owner IS NOT NULL))");
        assertThat(poll(5)).hasSize(1);
        assertThat(poll(5)).isEmpty();
        assertThat(schema.outside().values("count(*) FROM mq_limit_slots WHERE NOT starts"))
                .containsExactly("1");
        assertThat(schema.outside().values("mq_unlimit(" + channel() + ")")).containsExactly("t");
        assertThat(schema.outside().values("mq_unlimit(" + channel() + ")")).containsExactly("f");
        assertThat(schema.outside().values("count(*) FROM mq_limit_slots")).containsExactly("0");
        assertThat(poll(9)).hasSize(3);
    }

    @Test
    void noMoreBeginWithinAPeriodThanMay() throws Exception {
        jobs(6);
        limit("NULL, 2, interval '1 h'");
        assertThat(poll(1)).hasSize(1);
        List<String> second = poll(5);
        assertThat(second).hasSize(1);
        delete(second.get(0));
        assertThat(poll(5)).isEmpty();
        assertThat(schema.outside().values("wait_time > interval '59 min' FROM mq_poll(" + channels() + ", 1)"))
                .containsExactly("t");
        schema.outside().execute("UPDATE mq_limit_slots SET free_at = now() WHERE number = 1");
        assertThat(poll(5)).hasSize(1);
        QueueSession rolledBack = schema.open();
        schema.outside().execute("UPDATE mq_limit_slots SET free_at = now() WHERE number = 2");
        assertThat(poll(rolledBack, 5)).hasSize(1);
        rolledBack.rollback();
        assertThat(poll(5)).hasSize(1);
        limit("1, 4, interval '1 h'");
        assertThat(poll(5)).isEmpty();
    }

    @Test
    void manyStartsAreSpreadOverTheirPeriod() throws Exception {
        limit("NULL, 60000, interval '1 min'");
        assertThat(schema.outside().values("count(*) FROM mq_limit_slots")).containsExactly("1000");
        jobs(1);
        assertThat(poll(1)).hasSize(1);
        assertThat(schema.outside()
                        .values("free_at - now() <= interval '1 s' FROM mq_limit_slots WHERE free_at > now()"))
                .containsExactly("t");
    }

    @Test
    void otherChannelsAndTheirArgumentsHaveTheirTurns() throws Exception {
        limit("1");
        schema.outside()
                .values(
                        "mq_insert(ARRAY(SELECT (gen_random_uuid(), NULL, NULL, interval '1 h', CASE WHEN n <= 30 THEN "
                                + channel()
                                + " ELSE 'other' END, 'a' || n % 3, NULL, false, 'j', NULL, NULL)::mq_new_t FROM generate_series(1, 100) n))");
        for (String polled : new String[] {"NULL", "ARRAY[" + channel() + ", 'other']"}) {
            Map<String, Integer> seen = new java.util.TreeMap<>();
            for (int i = 0; i < 24; i++) {
                for (String row : schema.outside()
                        .values("(SELECT id || ' ' || channel_name || channel_args FROM mq_msgs m"
                                + " WHERE m.id = p.id) FROM mq_poll(" + polled + ", 1) p")) {
                    seen.merge(row.substring(37), 1, Integer::sum);
                    delete(row.substring(0, 36));
                }
            }
            assertThat(seen)
                    .containsKeys(schema.queue() + "a0", schema.queue() + "a1", schema.queue() + "a2", "othera0");
        }
        assertThat(schema.outside()
                        .values("count(*) FROM mq_poll(ARRAY[" + channel() + ", 'other'], 5) WHERE id IS NOT NULL"))
                .containsExactly("5");
    }

    @Test
    void whoPollsIsToldOfANewLimit() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN \"mq_" + schema.queue() + "\"");
            limit("5");
            assertThat(connection.unwrap(PGConnection.class).getNotifications(10_000))
                    .hasSize(1);
        }
    }

    @Test
    void whyTellsOfLimits() throws Exception {
        jobs(2);
        limit("1");
        String first = poll(1).get(0);
        String second = schema.outside()
                .values("id FROM mq_msgs WHERE id <> '" + first + "'")
                .get(0);
        assertThat(why(second))
                .isEqualTo("only 1 of '" + schema.queue() + "' may be worked on at the same time, and so many are");
        delete(first);
        assertThat(why(second)).startsWith("ready");
        QueueSession session = schema.open();
        session.values("* FROM mq_hold_slots(" + channel() + ", 1)");
        assertThat(why(second)).startsWith("only 1 of ");
        session.rollback();
        limit("NULL, 1, interval '1 h'");
        jobs(1);
        delete(poll(1).get(0));
        assertThat(schema.outside().values("mq_why(id) FROM mq_msgs").get(0))
                .startsWith(
                        "only 1 deliveries from '" + schema.queue() + "' may begin within 01:00:00; the next one at ");
    }

    @Test
    void whatIsNoLimitIsRefused() {
        for (String wrong :
                List.of("NULL", "0", "NULL, 5", "NULL, NULL, interval '1 s'", "NULL, 5, interval '0'", "1001")) {
            assertThatThrownBy(() -> limit(wrong)).as(wrong).isInstanceOf(SQLException.class);
        }
    }

    /** Four poll, keep alive, fail and delete, over and over; at no moment more are leased than may be. */
    @Test
    void whateverHappensAtTheSameTimeTheLimitHolds() throws Exception {
        jobs(200);
        limit("3, 1000, interval '10 ms'");
        AtomicInteger polled = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                QueueSession session = schema.open();
                int me = i;
                running.add(threads.submit(() -> {
                    for (int n = 0; n < 60; n++) {
                        List<String> mine = poll(session, 1 + (n + me) % 3);
                        if ((n + me) % 7 == 0) {
                            session.rollback();
                            continue;
                        }
                        session.commit();
                        polled.addAndGet(mine.size());
                        assertThat(Integer.parseInt(session.values(
                                                "count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL AND attempt_at > statement_timestamp()")
                                        .get(0)))
                                .isLessThanOrEqualTo(3);
                        for (String id : mine) {
                            session.values("mq_delete(ARRAY['" + id + "']::uuid[])");
                        }
                        session.commit();
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(polled.get()).isGreaterThan(50);
    }

    private static void limit(String arguments) throws SQLException {
        schema.outside().values("mq_limit(" + channel() + ", " + arguments + ")");
    }

    private static void jobs(int count) throws SQLException {
        schema.outside()
                .values("mq_insert(ARRAY(SELECT (gen_random_uuid(), NULL, NULL, interval '1 h', " + channel()
                        + ", NULL, NULL, false, 'j', NULL, NULL)::mq_new_t FROM generate_series(1, " + count + ")))");
    }

    private static List<String> poll(int most) throws SQLException {
        return poll(schema.outside(), most);
    }

    private static List<String> poll(QueueSession session, int most) throws SQLException {
        return session.values("id FROM mq_poll(" + channels() + ", " + most + ") WHERE id IS NOT NULL");
    }

    private static void delete(String id) throws SQLException {
        schema.outside().values("mq_delete(ARRAY['" + id + "']::uuid[])");
    }

    private static String why(String id) throws SQLException {
        return schema.outside().values("mq_why('" + id + "')").get(0);
    }

    private static String channel() {
        return Call.literal(schema.queue());
    }

    private static String channels() {
        return "ARRAY[" + channel() + "]";
    }
}
