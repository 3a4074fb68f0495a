package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

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
        // Not while what is held becomes a lease: its slot is neither locked nor seen to be leased then.
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(value("SELECT mq_why(id) FROM mq_msgs WHERE payload_text = '3'"
                                + " AND channel_name = '" + queue + "'"))
                        .startsWith("only 1 of '" + queue + "'"));
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
                    // Short ones might be done by fewer listeners than may work at a time.
                    await().atMost(LONG).until(() -> most.get() >= limit);
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
        try (HikariDataSource pool = pool()) {
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

    /** What a transaction has looked for in vain does not keep others waiting until its end. */
    @ParameterizedTest
    @ValueSource(strings = {"", "JMSPriority = 4"})
    void whoFindsNothingHoldsNoSlot(String selector) throws Exception {
        admin.limit(queue, QueueLimit.running(1).withStarts(1, Duration.ofDays(1)));
        send(factory, queue + "-first", "1", "2");
        Session own = session(Session.SESSION_TRANSACTED);
        Session shared = session(Session.SESSION_TRANSACTED);
        for (Session session : List.of(own, shared)) {
            if (session == shared) {
                SqlmqTransactions.connection(session);
            }
            assertThat(receive(consumer(session, queue + "-first"))).isNotNull();
            assertThat(session.createConsumer(session.createQueue(queue), selector)
                            .receiveNoWait())
                    .isNull();
        }
        try (HikariDataSource pool = pool();
                SqlmqConnectionFactory joining = new SqlmqConnectionFactory(pool);
                java.sql.Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            Session session = session(joining, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selector);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                assertThat(consumer.receiveNoWait()).isNull();
            }
            consumer.close();
            send("3");
            MessageConsumer other = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
            assertThat(text(receive(other))).isEqualTo("3");
            connection.rollback();
        }
        own.commit();
        shared.commit();
        assertThat(drain(factory, queue + "-first")).isEmpty();
    }

    /** A delivery that failed with a transaction is counted by another one, which needs a slot, too. */
    @Test
    void whatFailedWithItsTransactionComesAgainAlsoInsideOfOne() throws Exception {
        admin.limit(queue, QueueLimit.running(1));
        send("1");
        try (HikariDataSource pool = pool();
                SqlmqConnectionFactory joining = new SqlmqConnectionFactory(pool);
                java.sql.Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            MessageConsumer consumer = consumer(session(joining, Session.AUTO_ACKNOWLEDGE), queue);
            for (int delivery = 1; delivery <= 3; delivery++) {
                try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                    jakarta.jms.Message message = receive(consumer);
                    assertThat(text(message)).isEqualTo("1");
                    assertThat(deliveryCount(message)).isEqualTo(delivery);
                }
                if (delivery < 3) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
            }
        }
    }

    @Test
    void aLimitIsSetLoweredRaisedAndRemovedWhileConsumersWait() throws Exception {
        AtomicInteger running = new AtomicInteger();
        Semaphore goOn = new Semaphore(0);
        for (int process = 0; process < 2; process++) {
            SqlmqConnectionFactory mine = factory();
            for (int i = 0; i < 3; i++) {
                consumer(session(mine, Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
                    running.incrementAndGet();
                    goOn.acquireUninterruptibly();
                    running.decrementAndGet();
                });
            }
        }
        send(IntStream.range(0, 60).mapToObj(String::valueOf).toArray(String[]::new));
        try {
            await().atMost(LONG).until(() -> running.get() == 6);
            for (int limit : new int[] {2, 4, 1, 6}) {
                if (limit == 6) {
                    admin.unlimit(queue);
                } else {
                    admin.limit(queue, QueueLimit.running(limit));
                }
                // Processes that have not heard of the limit yet begin some more.
                await().atMost(LONG).during(Duration.ofMillis(NOTHING)).until(() -> {
                    if (running.get() > limit && goOn.availablePermits() == 0) {
                        goOn.release();
                    }
                    return running.get() == limit && goOn.availablePermits() == 0;
                });
            }
        } finally {
            goOn.release(100); // or closing would wait for the listeners
        }
        await().atMost(LONG).until(() -> left() == 0);
    }

    @Test
    void browsersSeeWhatWaitsForALimit() throws Exception {
        admin.limit(queue, QueueLimit.running(1));
        send("1", "2", "3");
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        assertThat(text(receive(consumer(session, queue)))).isEqualTo("1");
        Enumeration<?> seen = session.createBrowser(session.createQueue(queue)).getEnumeration();
        assertThat(Collections.list(seen)).hasSizeGreaterThanOrEqualTo(2);
        session.recover();
        assertThat(value("SELECT count(*) FROM mq_limit_slots WHERE channel_name = '" + queue + "'"))
                .isEqualTo("1");
    }

    /** Some sessions of Spring's containers and of Camel's routes work like this: one transaction, one message, one after the other. */
    @Test
    void transactionsThatCommitAndRollBackInTurnShareTheSlots() throws Exception {
        admin.limit(queue, QueueLimit.running(2));
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        List<DefaultMessageListenerContainer> containers = new ArrayList<>();
        for (int process = 0; process < 2; process++) {
            SqlmqConnectionFactory mine = factory();
            DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
            container.setConnectionFactory(mine);
            container.setTransactionManager(new SqlmqTransactionManager(mine));
            container.setSessionTransacted(true);
            container.setDestinationName(queue);
            container.setConcurrentConsumers(3);
            container.setReceiveTimeout(200);
            container.setMessageListener((MessageListener) message -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                sleep(5);
                running.decrementAndGet();
                if (calls.incrementAndGet() % 5 == 0) {
                    throw new IllegalStateException("every fifth");
                }
            });
            container.afterPropertiesSet();
            container.start();
            containers.add(container);
        }
        try {
            send(IntStream.range(0, 40).mapToObj(String::valueOf).toArray(String[]::new));
            await().atMost(LONG).until(() -> left() == 0);
        } finally {
            containers.forEach(DefaultMessageListenerContainer::destroy);
        }
        assertThat(most.get()).isLessThanOrEqualTo(2);
    }

    private long left() {
        return number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'");
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
        try (SqlmqConnectionFactory process = factory()) {
            send(process, queue + "-limited", "1");
            assertThat(drain(process, queue + "-limited")).containsExactly("1");
        }
        await().atMost(LONG).until(() -> number(slots) > 0);
        // What connections before have counted may come late, and processes look now and then: sooner or later there is
        // less
        // than one for each message.
        await().atMost(LONG).untilAsserted(() -> {
            long slotsBefore = number(slots);
            long namesBefore = number(names);
            try (SqlmqConnectionFactory process = factory()) {
                for (int i = 0; i < 200; i++) {
                    send(process, queue, String.valueOf(i));
                }
                assertThat(drain(process, queue)).hasSize(200);
            }
            await().atMost(LONG).until(() -> number(names) > namesBefore);
            assertThat(number(slots) - slotsBefore).isLessThan(50);
            assertThat(number(names) - namesBefore).isLessThan(50);
        });
    }

    private HikariDataSource pool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setMaximumPoolSize(3);
        return pool;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
