package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a limited queue no more is worked on, in all processes together, than may be. */
class LimitTest extends IntegrationTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private SqlmqAdmin admin;

    @BeforeEach
    void administers() {
        admin = factory.admin();
    }

    @AfterEach
    void nothingIsLimitedAfterwards() {
        sql("SELECT mq_unlimit(channel_name) FROM mq_limits");
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED, 4})
    void whatIsNotAcknowledgedKeepsItsSlot(int mode) throws Exception {
        send("1", "2", "3");
        admin.limit(queue, QueueLimit.running(1));
        Session first = session(factory(), mode);
        MessageConsumer consumer = consumer(first, queue);
        jakarta.jms.Message held = receive(consumer);
        assertThat(text(held)).isEqualTo("1");
        assertThat(consumer.receiveNoWait()).isNull();
        Session second = session(factory(), mode);
        MessageConsumer other = consumer(second, queue);
        MessageConsumer selective = second.createConsumer(second.createQueue(queue), "JMSPriority = 4");
        assertThat(other.receiveNoWait()).isNull();
        assertThat(selective.receiveNoWait()).isNull();
        assertThat(value("SELECT mq_why(id) FROM mq_msgs WHERE payload_text = '3' AND channel_name = '" + queue + "'"))
                .startsWith("only 1 of '" + queue + "'");
        if (mode == Session.SESSION_TRANSACTED) {
            first.commit();
        } else {
            held.acknowledge();
        }
        assertThat(text(receive(selective))).isEqualTo("2");
        assertThat(other.receiveNoWait()).isNull();
        assertThat(consumer.receiveNoWait()).isNull();
        second.close();
        assertThat(admin.unlimit(queue)).isTrue();
        // In any order: that the other process has given one back is not known here at once.
        assertThat(List.of(text(receive(consumer)), text(receive(consumer)))).containsExactlyInAnyOrder("2", "3");
    }

    @Test
    void whoReceivesOneByOneIsNotHeldUp() throws Exception {
        admin.limit(queue, QueueLimit.running(1));
        String[] texts = IntStream.range(0, 20).mapToObj(String::valueOf).toArray(String[]::new);
        send(texts);
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        for (String text : texts) {
            assertThat(text(receive(consumer))).isEqualTo(text);
        }
    }

    /** Short ones are in transactions, long ones become leases. */
    @ParameterizedTest
    @CsvSource({"2, 5, 40", "3, 250, 12"})
    void listenersOfTwoProcessesShareTheSlots(int limit, int millis, int messages) throws Exception {
        admin.limit(queue, QueueLimit.running(limit));
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        for (int process = 0; process < 2; process++) {
            SqlmqConnectionFactory mine = factory();
            for (int i = 0; i < 3; i++) {
                consumer(session(mine, Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    sleep(millis);
                    running.decrementAndGet();
                    done.incrementAndGet();
                });
            }
        }
        send(IntStream.range(0, messages).mapToObj(String::valueOf).toArray(String[]::new));
        await().atMost(LONG).until(() -> done.get() == messages);
        assertThat(most.get()).isEqualTo(limit);
        await().atMost(LONG)
                .until(() -> value("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'")
                        .equals("0"));
    }

    @Test
    void noMoreBeginWithinAPeriod() throws Exception {
        int period = 400;
        admin.limit(queue, QueueLimit.starts(3, Duration.ofMillis(period)));
        List<Long> starts = Collections.synchronizedList(new ArrayList<>());
        for (int process = 0; process < 2; process++) {
            consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue)
                    .setMessageListener(message -> starts.add(System.nanoTime()));
        }
        send(IntStream.range(0, 10).mapToObj(String::valueOf).toArray(String[]::new));
        await().atMost(LONG).until(() -> starts.size() == 10);
        // What was allowed at one time may have begun a little later: three periods pass, less that.
        List<Long> sorted = starts.stream().sorted().toList();
        assertThat((sorted.get(9) - sorted.get(0)) / 1_000_000).isGreaterThan(2L * period);
    }

    @Test
    void transactionsOfTheApplicationHaveSlotsToo() throws Exception {
        send("1", "2");
        admin.limit(queue, QueueLimit.running(1));
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(url);
            pool.setMaximumPoolSize(3);
            try (SqlmqConnectionFactory joining = new SqlmqConnectionFactory(pool)) {
                MessageConsumer consumer = consumer(session(joining, Session.AUTO_ACKNOWLEDGE), queue);
                MessageConsumer other = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
                try (java.sql.Connection connection = pool.getConnection()) {
                    connection.setAutoCommit(false);
                    try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                        assertThat(text(consumer.receive(SOON))).isEqualTo("1");
                        assertThat(consumer.receiveNoWait()).isNull();
                    }
                    assertThat(other.receiveNoWait()).isNull();
                    connection.rollback();
                }
                assertThat(text(receive(other))).isEqualTo("1");
                try (java.sql.Connection connection = pool.getConnection()) {
                    connection.setAutoCommit(false);
                    try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                        assertThat(text(consumer.receive(SOON))).isEqualTo("2");
                    }
                    connection.commit();
                }
            }
        }
    }

    @Test
    void aMessageThatFailsFreesItsSlotAndGroupsKeepTheirOrder() throws Exception {
        admin.limit(queue, QueueLimit.running(2));
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 3; i++) {
            consumer(session(Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
                try {
                    String text = message.getBody(String.class);
                    if (!message.getJMSRedelivered() && text.endsWith("1")) {
                        throw new IllegalStateException("the first time");
                    }
                    seen.add(text);
                } catch (jakarta.jms.JMSException e) {
                    throw new AssertionError(e);
                }
            });
        }
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < 6; i++) {
            for (String group : new String[] {"a", "b"}) {
                jakarta.jms.TextMessage message = session.createTextMessage(group + i);
                message.setStringProperty("JMSXGroupID", group);
                session.createProducer(session.createQueue(queue)).send(message);
            }
        }
        await().atMost(LONG).until(() -> seen.size() == 12);
        assertThat(seen.stream().filter(text -> text.startsWith("a"))).isSorted();
        assertThat(seen.stream().filter(text -> text.startsWith("b"))).isSorted();
    }

    @Test
    void limitsAreListedAndChecked() throws Exception {
        admin.limit(queue, QueueLimit.running(4).withStarts(100, Duration.ofMinutes(1)));
        assertThat(admin.limits()).containsEntry(queue, new QueueLimit(4, 100, Duration.ofMinutes(1)));
        admin.limit(queue, QueueLimit.running(5));
        assertThat(admin.limits()).containsEntry(queue, QueueLimit.running(5));
        assertThat(admin.unlimit(queue)).isTrue();
        assertThat(admin.unlimit(queue)).isFalse();
        assertThatThrownBy(() -> QueueLimit.running(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> QueueLimit.starts(5, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new QueueLimit(null, 5, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new QueueLimit(null, null, null)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Claims look in memory for limits; not even their tables are read. */
    @Test
    void queuesWithoutLimitsCostNothing() throws Exception {
        admin.limit(queue + "-limited", QueueLimit.running(4));
        String reads = "SELECT coalesce(sum(seq_scan + idx_scan), 0) FROM pg_stat_user_tables WHERE relname IN ";
        String slots = reads + "('mq_limit_slots')";
        String names = reads + "('mq_limits')";
        long slotsBefore;
        long namesBefore;
        try (SqlmqConnectionFactory process = factory()) {
            send(process, queue + "-limited", "1");
            assertThat(drain(process, queue + "-limited")).containsExactly("1");
        }
        await().atMost(LONG).until(() -> number(slots) > 0);
        Thread.sleep(NOTHING); // what other connections have counted comes, too
        slotsBefore = number(slots);
        namesBefore = number(names);
        try (SqlmqConnectionFactory process = factory()) {
            for (int i = 0; i < 200; i++) {
                send(process, queue, String.valueOf(i));
            }
            assertThat(drain(process, queue)).hasSize(200);
        }
        await().atMost(LONG).until(() -> number(names) > namesBefore);
        assertThat(number(slots)).isEqualTo(slotsBefore);
        assertThat(number(names) - namesBefore).isLessThan(50);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
