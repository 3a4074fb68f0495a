package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages that were delayed or given back, and are gone, are passed like those that were ready while a transaction somewhere
 * keeps vacuum from removing them; and none is passed that is still to come.
 */
@Timeout(120)
class WaitingFloorTest extends IntegrationTest {

    private static final int GONE = 20_000;
    private static final int FEWER = 5_000;
    private static final Duration IN_TIME = Duration.ofSeconds(60);
    private static final Duration POLLS = Duration.ofMillis(300);
    private static final Pattern BUFFERS = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");

    private void withoutLooksBelow() {
        setPeriod("lookBelowMillis", 3_600_000);
    }

    // What is read

    @ParameterizedTest
    @CsvSource({
        "mq_msgs, statement_timestamp(), NULL",
        "mq_msgs, mq_at_once(), NULL",
        "mq_msgs_unlogged, statement_timestamp(), NULL",
        "mq_msgs_unlogged, mq_at_once(), NULL",
        "mq_msgs, statement_timestamp(), mq_slot('g')",
        "mq_msgs, mq_at_once(), mq_slot('g')",
    })
    void claimsAndLooksBehindTheFloorsReadFewPages(String table, String due, String slot) throws Exception {
        factory.createConnection().close(); // creates the tables
        String claim = "SELECT * FROM mq_claim('" + queue
                + "', 1, '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false, p_since => %s)";
        String look = "SELECT * FROM mq_look_behind('" + queue + "', %s)";
        try (Connection other = DriverManager.getConnection(url);
                Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            // The plans are made for empty tables.
            sql.execute("TRUNCATE mq_msgs, mq_msgs_unlogged; ANALYZE mq_msgs, mq_msgs_unlogged");
            for (String statement : List.of(claim, look)) {
                sql.execute(statement.formatted("'{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}'"));
            }
            keepVacuumAway(other);
            sql.execute(insert(table, due, slot, GONE));
            sql.execute("DELETE FROM " + table + " WHERE channel_name = '" + queue + "'");
            String floors;
            try (ResultSet rows = sql.executeQuery("SELECT mq_first_waiting('" + queue
                    + "', NULL, ARRAY[r,0,0,t,0,0, r,0,0,t,0,0, r,0,0,t,0,0]) FROM (SELECT nextval('mq_round') AS r,"
                    + " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS t) n")) {
                rows.next();
                floors = "'" + rows.getString(1) + "'";
            }
            sql.execute(insert(table, due, slot, 1));
            for (String statement : List.of(claim, look)) {
                assertThat(buffers(sql, statement.formatted("NULL"))).isGreaterThan(300);
                assertThat(buffers(sql, statement.formatted(floors))).isLessThan(100);
                assertThat(rows(sql, statement.formatted(floors))).isEqualTo(1);
            }
            other.rollback();
        }
    }

    /** A process that has just started, and that did not receive what is gone itself. */
    @ParameterizedTest
    @CsvSource({
        "mq_msgs, mq_msgs_wait, statement_timestamp(), NULL, ",
        "mq_msgs, mq_msgs_wait, mq_at_once(), NULL, ",
        "mq_msgs_unlogged, mq_msgs_unlogged_wait, statement_timestamp(), NULL, ",
        "mq_msgs, mq_msgs_grouped_wait, statement_timestamp(), mq_slot('g'), ",
        "mq_msgs, mq_msgs_grouped_wait, mq_at_once(), mq_slot('g'), ",
        "mq_msgs, mq_msgs_wait, statement_timestamp(), NULL, JMSPriority < 9",
        "mq_msgs, mq_msgs_grouped_wait, mq_at_once(), mq_slot('g'), JMSPriority < 9",
        "mq_msgs, mq_msgs_ready, NULL, NULL, ",
    })
    void aProcessThatHasJustStartedPaysForItsFirstClaimOnly(
            String table, String index, String due, String slot, @Nullable String selector) throws Exception {
        withoutLooksBelow(); // they would be counted too
        Session session = session(factory(), Session.SESSION_TRANSACTED);
        try (Connection other = DriverManager.getConnection(url);
                Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            keepVacuumAway(other);
            sql.execute(insert(table, due, slot, FEWER));
            sql.execute("DELETE FROM " + table + " WHERE channel_name = '" + queue + "'");
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selector);
            long[] before = {entriesRead(sql, index)};
            await().atMost(IN_TIME).pollInterval(POLLS).untilAsserted(() -> {
                sql.execute(insert(table, due, slot, 1));
                receive(consumer);
                session.commit();
                long read = entriesRead(sql, index) - before[0];
                before[0] += read;
                assertThat(read).isBetween(1L, FEWER / 4L);
            });
            other.rollback();
        }
    }

    @Test
    void aConsumerThatOnlyWaitsDoesNotReadThemAgainAndAgain() throws Exception {
        withoutLooksBelow();
        Session session = session(factory(), Session.AUTO_ACKNOWLEDGE);
        try (Connection other = DriverManager.getConnection(url);
                Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            keepVacuumAway(other);
            consumer(session, queue).setMessageListener(message -> {});
            sql.execute(insert("mq_msgs", "statement_timestamp()", "NULL", 2 * FEWER));
            sql.execute("DELETE FROM mq_msgs WHERE channel_name = '" + queue + "'");
            await().atMost(IN_TIME).untilAsserted(() -> {
                long before = entriesRead(sql, "mq_msgs_wait");
                long looks = scans(sql, "mq_msgs_wait");
                await().atMost(IN_TIME).until(() -> scans(sql, "mq_msgs_wait") > looks + 3);
                assertThat(entriesRead(sql, "mq_msgs_wait") - before).isLessThan(FEWER);
            });
            other.rollback();
        }
    }

    // What must not be passed

    /** Without the safety net. Slow transactions send delayed messages and give back what they took, as floors are raised. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void floorsNeverPassWhatIsStillToCome(long seed) throws Exception {
        withoutLooksBelow();
        SqlmqConnectionFactory process = factory("initialRedeliveryDelay=0", "maximumRedeliveries=-1");
        Set<String> received = new ConcurrentSkipListSet<>();
        Set<String> sent = new ConcurrentSkipListSet<>();
        AtomicInteger numbers = new AtomicInteger();
        Session session = session(process, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        List<CompletableFuture<?>> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            Random random = new Random(seed * 10 + writer);
            writers.add(Async.run(() -> {
                try (Connection connection = DriverManager.getConnection(url);
                        Statement sql = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    while (System.nanoTime() < end) {
                        write(sql, random, numbers, sent);
                        connection.commit();
                    }
                }
            }));
        }
        Random random = new Random(seed);
        while (System.nanoTime() < end || received.size() < sent.size()) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Message message = consumer.receive(i == 0 ? SOON * 3 : 50);
                if (message == null) {
                    break;
                }
                texts.add(text(message));
            }
            if (texts.isEmpty()) {
                break;
            }
            if (random.nextInt(8) == 0) {
                session.rollback();
            } else {
                session.commit();
                received.addAll(texts);
            }
        }
        for (CompletableFuture<?> writer : writers) {
            writer.get();
        }
        Set<String> missing = new TreeSet<>(sent);
        missing.removeAll(received);
        assertThat(missing).isEmpty();
    }

    /** One transaction: some messages that are due soon, or some that are given back, at once or soon; then it takes its time. */
    private void write(Statement sql, Random random, AtomicInteger numbers, Set<String> sent) throws Exception {
        if (random.nextInt(3) > 0) {
            for (int i = 1 + random.nextInt(300); i > 0; i--) {
                String text = "n" + numbers.incrementAndGet();
                sql.execute("SELECT mq_send('" + queue + "', '" + text + "', p_delay => interval '"
                        + (1 + random.nextInt(20)) + " ms')");
                sent.add(text);
            }
        } else {
            sql.execute("SELECT mq_give_back(array_agg('" + queue + "'::text), array_agg(id), array_agg(false),"
                    + " array_agg(NULL::bigint), 0, array_agg(1), array_agg(0), array_agg(" + random.nextInt(3)
                    + "::bigint), array_agg(NULL::text), array_agg(NULL::text), NULL) FROM mq_claim('" + queue
                    + "', 20, '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false) HAVING count(*) > 0");
        }
        if (random.nextInt(3) == 0) {
            Thread.sleep(random.nextInt(300));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at) VALUES (gen_random_uuid(), '%s', 'late', now() - interval '1 h')",
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at) VALUES (gen_random_uuid(), '%s', 'late', 'epoch')",
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at) VALUES (gen_random_uuid(), '%s', 'late', '1960-01-01')",
                "INSERT INTO mq_msgs_unlogged (id, channel_name, payload_text, attempt_at) VALUES (gen_random_uuid(), '%s', 'late', now() - interval '1 h')",
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at, grp, slot) VALUES (gen_random_uuid(), '%s', 'late', now() - interval '1 h', 'g', mq_slot('g'))",
            })
    void whatSomebodyWritesBelowTheFloorsIsFoundSoon(String insert) throws Exception {
        if (!insert.contains("'epoch'")) { // one of them as soon as usual
            setPeriod("lookBelowMillis", 500);
        }
        Session session = session(factory(), Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        try (Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            raiseFloors(sql, session, consumer);
            sql.execute(insert.formatted(queue));
            Message late = consumer.receive(SOON * 3);
            assertThat(late).isNotNull();
            assertThat(text(late)).isEqualTo("late");
            session.commit();
        }
    }

    /** Its time is one that the floors of the other queue have passed. */
    @Test
    void aDueMessageThatIsMovedIsReceived() throws Exception {
        withoutLooksBelow();
        SqlmqConnectionFactory process = factory();
        Session session = session(process, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        try (Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            sql.execute("SELECT mq_send('" + queue + "-other', 'moved', p_delay => interval '1 ms')");
            raiseFloors(sql, session, consumer);
            assertThat(process.admin().move(queue + "-other", queue)).isEqualTo(1);
            Message moved = consumer.receive(SOON * 3);
            assertThat(moved).isNotNull();
            assertThat(text(moved)).isEqualTo("moved");
            session.commit();
        }
    }

    // Pieces

    /** Has what was due until now passed. */
    private void raiseFloors(Statement sql, Session session, MessageConsumer consumer) throws Exception {
        sql.execute(insert("mq_msgs", "clock_timestamp()", "NULL", FEWER));
        sql.execute("DELETE FROM mq_msgs WHERE channel_name = '" + queue + "'");
        long[] before = {entriesRead(sql, "mq_msgs_wait")};
        await().atMost(IN_TIME).pollInterval(POLLS).untilAsserted(() -> {
            sql.execute(insert("mq_msgs", "clock_timestamp()", "NULL", 1));
            receive(consumer);
            session.commit();
            long read = entriesRead(sql, "mq_msgs_wait") - before[0];
            before[0] += read;
            assertThat(read).isBetween(1L, FEWER / 4L);
        });
    }

    private String insert(String table, String due, String slot, int rows) {
        return "INSERT INTO " + table + " (id, channel_name, payload_text, attempt_at, grp, slot)"
                + " SELECT gen_random_uuid(), '" + queue + "', 'x', " + due + ", CASE WHEN " + slot
                + " IS NOT NULL THEN 'g' END, " + slot + " FROM generate_series(1, " + rows + ")";
    }

    private void keepVacuumAway(Connection other) throws SQLException {
        other.setAutoCommit(false);
        try (Statement sql = other.createStatement()) {
            sql.execute("CREATE TABLE unrelated_" + queue.replace('-', '_') + " (n integer)");
        }
    }

    /** The least of a few, since a plan that is made anew meanwhile reads the catalog. */
    private static long buffers(Statement sql, String query) throws SQLException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            least = Math.min(least, buffersOnce(sql, query));
        }
        return least;
    }

    private static long buffersOnce(Statement sql, String query) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (ResultSet rows = sql.executeQuery("EXPLAIN (ANALYZE, BUFFERS, TIMING off) " + query)) {
            while (rows.next()) {
                plan.append(rows.getString(1)).append('\n');
            }
        }
        Matcher buffers = BUFFERS.matcher(plan); // the first is that of all
        assertThat(buffers.find()).as(plan.toString()).isTrue();
        return part(buffers.group(1)) + part(buffers.group(2));
    }

    private static long part(@Nullable String number) {
        return number == null ? 0 : Long.parseLong(number);
    }

    private static int rows(Statement sql, String query) throws SQLException {
        int count = 0;
        try (ResultSet rows = sql.executeQuery(query)) {
            while (rows.next()) {
                count++;
            }
        }
        return count;
    }

    private static long entriesRead(Statement sql, String index) throws SQLException {
        return statistic(sql, "idx_tup_read", index);
    }

    private static long scans(Statement sql, String index) throws SQLException {
        return statistic(sql, "idx_scan", index);
    }

    private static long statistic(Statement sql, String what, String index) throws SQLException {
        sql.execute("SELECT pg_stat_clear_snapshot()");
        return number(
                sql, "SELECT " + what + " FROM pg_stat_user_indexes WHERE indexrelid = '" + index + "'::regclass");
    }

    private static long number(Statement sql, String query) throws SQLException {
        try (ResultSet rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
