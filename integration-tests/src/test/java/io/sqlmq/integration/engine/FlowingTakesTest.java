package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SpringListenerContainer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * While a queue flows, transactions of the application take its messages by a statement that looks at ready rows only. Whatever else is
 * there comes in its turn, and is treated as it is otherwise.
 */
class FlowingTakesTest extends IntegrationTest {

    /** What is in the middle of plain messages. */
    private enum Odd {
        EXPIRED(false) {
            @Override
            void send(FlowingTakesTest test, Session session, MessageProducer producer) throws JMSException {
                Message message = session.createTextMessage("odd");
                producer.send(message, DeliveryMode.PERSISTENT, 4, 1);
                await().until(() -> System.currentTimeMillis() > message.getJMSExpiration());
            }
        },
        WITH_ALL_HEADERS(true) {
            @Override
            void send(FlowingTakesTest test, Session session, MessageProducer producer) throws JMSException {
                Message message = session.createTextMessage("odd");
                message.setJMSType("type");
                message.setJMSCorrelationID("correlation");
                message.setJMSReplyTo(session.createQueue("answers"));
                message.setStringProperty("a", "b");
                producer.send(message, DeliveryMode.PERSISTENT, 4, 1_000_000);
            }
        },
        NEARLY_TOO_LARGE(true) {
            @Override
            void send(FlowingTakesTest test, Session session, MessageProducer producer) throws JMSException {
                Message message = session.createTextMessage("odd");
                message.setStringProperty("large", "x".repeat(MOST / 2));
                producer.send(message);
            }
        },
        TOO_LARGE(false) {
            @Override
            void send(FlowingTakesTest test, Session session, MessageProducer producer) throws JMSException {
                producer.send(session.createTextMessage("odd" + "x".repeat(2 * MOST)));
            }
        },
        SHARING_ITS_BODY(true) {
            @Override
            void send(FlowingTakesTest test, Session session, MessageProducer producer) {
                test.sql(
                        "WITH p AS (INSERT INTO mq_payloads (id, payload_text) VALUES (gen_random_uuid(), 'odd') RETURNING id)"
                                + " INSERT INTO mq_msgs (id, channel_name, payload_id) SELECT gen_random_uuid(), '"
                                + test.queue
                                + "', id FROM p");
            }
        },
        WITHOUT_ITS_BODY(false) {
            @Override
            void send(FlowingTakesTest test, Session session, MessageProducer producer) {
                test.sql("INSERT INTO mq_msgs (id, channel_name, payload_id) VALUES (gen_random_uuid(), '" + test.queue
                        + "', gen_random_uuid())");
            }
        };

        private final boolean comes;

        Odd(boolean comes) {
            this.comes = comes;
        }

        abstract void send(FlowingTakesTest test, Session session, MessageProducer producer) throws JMSException;
    }

    private static final int MOST = 20_000;
    private static final int BEFORE = 10;

    private final HikariDataSource pool = new HikariDataSource();
    private final TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
    private final JdbcTemplate jdbc = new JdbcTemplate(pool);
    private long before;
    private SqlmqConnectionFactory joining;
    private MessageConsumer consumer;

    @BeforeEach
    void begin() throws Exception {
        factory.createConnection().close(); // creates the tables
        before = callsOfAll();
        pool.setJdbcUrl(with(url, "options", "-c%20track_functions=all"));
        pool.setMaximumPoolSize(4);
        closeAfterwards(pool);
        joining = closeAfterwards(new SqlmqConnectionFactory(pool));
        joining.getOptions().setMaxMessageSize(MOST);
        joining.getOptions()
                .setRedeliveryPolicy(
                        RedeliveryPolicy.builder().initialRedeliveryDelay(0).build());
        consumer = consumer(session(joining, Session.AUTO_ACKNOWLEDGE), queue);
    }

    /** The next message, in a transaction of its own; null: none. */
    private @Nullable String take() {
        return transaction.execute(status -> taken(consumer));
    }

    private static @Nullable String taken(MessageConsumer consumer) {
        try {
            Message message = consumer.receive(SOON);
            return message == null ? null : text(message);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** So many, after which nothing that could be taken is left. */
    private List<String> takeAll(int messages) {
        List<String> all = new ArrayList<>();
        while (all.size() < messages) {
            all.add(take());
        }
        await().until(() -> number("SELECT count(*) FROM (SELECT channel_name, set_aside FROM mq_msgs UNION ALL"
                        + " SELECT channel_name, set_aside FROM mq_msgs_unlogged) m WHERE channel_name = '" + queue
                        + "' AND set_aside IS NULL")
                == 0);
        return all;
    }

    private static String[] numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toArray(String[]::new);
    }

    /** How often all was looked at since the test began. */
    private long callsOfTheOther() {
        return callsOfAll() - before;
    }

    private long callsOfAll() {
        return number("SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = 'mq_take'");
    }

    @Test
    void mostAreTakenWithoutLookingElsewhere() throws Exception {
        int messages = 200;
        send(numbers(0, messages));
        assertThat(takeAll(messages)).containsExactly(numbers(0, messages));
        pool.close(); // reports what was called
        await().untilAsserted(() -> assertThat(callsOfTheOther()).isPositive().isLessThan(messages));
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isZero();
    }

    /** Somebody changes the next message when a take has begun and has not locked it yet, where a policy for rows keeps it. */
    @Test
    void whatChangesWhileItIsTakenIsTakenOnce() throws Exception {
        String taker = "flowing_taker";
        sql(
                role(taker),
                "SELECT mq_grant('" + taker + "', 'all')",
                "CREATE FUNCTION passes() RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN"
                        + " PERFORM pg_advisory_lock_shared(7); PERFORM pg_advisory_unlock_shared(7); RETURN true; END'",
                "CREATE POLICY passing ON mq_msgs TO " + taker + " USING (passes())",
                "ALTER TABLE mq_msgs ENABLE ROW LEVEL SECURITY");
        pool.close();
        HikariDataSource takers = closeAfterwards(new HikariDataSource());
        takers.setJdbcUrl(with(url, "user", taker));
        MessageConsumer taking =
                consumer(session(closeAfterwards(new SqlmqConnectionFactory(takers)), Session.AUTO_ACKNOWLEDGE), queue);
        TransactionTemplate inTransaction = new TransactionTemplate(new DataSourceTransactionManager(takers));
        int messages = 200;
        send(numbers(0, messages));
        List<String> all = new ArrayList<>();
        CompletableFuture<Boolean> taken = Async.run(() -> {
            while (all.size() < messages) {
                all.add(inTransaction.execute(status -> taken(taking)));
            }
        });
        String change =
                "SELECT mq_reprioritize(id, 4) FROM mq_msgs WHERE channel_name = '" + queue + "' ORDER BY seq LIMIT 1";
        String waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'";
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            do {
                statement.execute("SELECT pg_advisory_unlock_all()");
                statement.execute("SELECT pg_advisory_lock(7)");
                await().until(() -> number(waiting) > 0);
            } while (number(waiting + " AND query LIKE '%mq_take(%'") > 0
                    || !value(change).equals("done"));
        }
        taken.get(SOON, TimeUnit.MILLISECONDS);
        assertThat(all).containsExactlyInAnyOrder(numbers(0, messages));
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isZero();
    }

    /** The next message is announced; until then nobody looks whether there is one. */
    @Test
    void listenersOnANearlyEmptyQueueLookForWhatIsAnnounced() throws Exception {
        int messages = 60;
        AtomicInteger heard = new AtomicInteger();
        SpringListenerContainer container = new SpringListenerContainer();
        container.setConnectionFactory(joining);
        container.setTransactionManager(new DataSourceTransactionManager(pool));
        container.setSessionTransacted(true);
        container.setDestinationName(queue + "-heard");
        container.setConcurrentConsumers(2);
        container.setMessageListener((MessageListener) message -> heard.incrementAndGet());
        container.afterPropertiesSet();
        container.start();
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < messages; i++) {
            sendIn(session, queue + "-heard", "any");
            int sent = i + 1;
            await().until(() -> heard.get() == sent);
        }
        container.destroy();
        pool.close(); // reports what was called
        await().untilAsserted(() -> assertThat(callsOfTheOther()).isPositive().isLessThan(messages * 3 / 2));
    }

    @ParameterizedTest
    @EnumSource(Odd.class)
    void whatIsOddIsTreatedAsEver(Odd odd) throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        send(numbers(0, BEFORE));
        odd.send(this, session, producer);
        send(numbers(BEFORE, 2 * BEFORE));
        List<String> expected = new ArrayList<>(List.of(numbers(0, 2 * BEFORE)));
        if (odd.comes) {
            expected.add(BEFORE, "odd");
        }
        assertThat(takeAll(expected.size())).isEqualTo(expected);
        assertThat(number("SELECT coalesce(max(delivery_count), 0) FROM mq_msgs WHERE set_aside IS NULL"
                        + " AND channel_name = '" + queue + "'"))
                .isZero();
    }

    @Test
    void aBetterPriorityComesNext() throws Exception {
        send(numbers(0, BEFORE));
        assertThat(take()).isEqualTo("0");
        assertThat(take()).isEqualTo("1");
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setPriority(9);
        producer.send(session.createTextMessage("urgent"));
        assertThat(take()).isEqualTo("urgent");
        assertThat(takeAll(BEFORE - 2)).containsExactly(numbers(2, BEFORE));
    }

    @Test
    void whatIsNotPersistentOrIsDueComesToo() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        send(numbers(0, BEFORE));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.send(session.createTextMessage("unlogged"));
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        producer.setDeliveryDelay(1);
        producer.send(session.createTextMessage("delayed"));
        assertThat(takeAll(BEFORE + 2)).contains("unlogged", "delayed").contains(numbers(0, BEFORE));
    }

    @Test
    void whatIsRolledBackComesNextAndIsCounted() throws Exception {
        send(numbers(0, BEFORE));
        assertThat(take()).isEqualTo("0");
        assertThat(take()).isEqualTo("1");
        transaction.executeWithoutResult(status -> {
            assertThat(taken(consumer)).isEqualTo("2");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> {
            try {
                Message again = receive(consumer);
                assertThat(text(again)).isEqualTo("2");
                assertThat(deliveryCount(again)).isEqualTo(2);
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(takeAll(BEFORE - 3)).containsExactly(numbers(3, BEFORE));
    }

    @Test
    void severalInOneTransactionAndTheirRollback() throws Exception {
        send(numbers(0, BEFORE));
        assertThat(take()).isEqualTo("0");
        transaction.executeWithoutResult(status -> {
            for (int i = 1; i < BEFORE; i++) {
                assertThat(taken(consumer)).isEqualTo(String.valueOf(i));
            }
            status.setRollbackOnly();
        });
        assertThat(takeAll(BEFORE - 1)).containsExactly(numbers(1, BEFORE));
    }

    /** The application's own statements are planned as it has said. */
    @Test
    void thePlannerIsTheApplicationsAgain() throws Exception {
        send(numbers(0, BEFORE));
        String settings = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN"
                + " ('enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'jit', 'plan_cache_mode')";
        for (int i = 0; i < BEFORE; i++) {
            boolean own = i % 2 == 1;
            transaction.executeWithoutResult(status -> {
                if (own) {
                    jdbc.execute("SET LOCAL enable_sort = off");
                    jdbc.execute("SET LOCAL plan_cache_mode = force_custom_plan");
                }
                String before = jdbc.queryForObject(settings, String.class);
                assertThat(taken(consumer)).isNotNull();
                assertThat(jdbc.queryForObject(settings, String.class)).isEqualTo(before);
            });
            assertThat(jdbc.queryForObject(settings, String.class)).contains("plan_cache_mode=auto");
        }
    }

    @Test
    void aboveReadCommittedNothingIsTaken() throws Exception {
        send(numbers(0, BEFORE));
        assertThat(take()).isEqualTo("0");
        assertThat(take()).isEqualTo("1");
        TransactionTemplate repeatable = new TransactionTemplate(new DataSourceTransactionManager(pool));
        repeatable.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        assertThatThrownBy(() -> repeatable.executeWithoutResult(status -> taken(consumer)))
                .hasRootCauseInstanceOf(SQLException.class)
                .hasStackTraceContaining("READ COMMITTED");
        assertThat(takeAll(BEFORE - 2)).containsExactly(numbers(2, BEFORE));
    }
}
