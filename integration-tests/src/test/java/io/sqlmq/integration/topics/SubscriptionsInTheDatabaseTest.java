package io.sqlmq.integration.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.schema.Migrator;
import jakarta.jms.Connection;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;

/** Two factories stand for two processes: they share nothing but the database. */
@Tag("slow")
@Timeout(60)
class SubscriptionsInTheDatabaseTest {

    private static final long SOON = 5_000;

    private final String url = SqlmqEmbedded.named("topics").jdbcUrl();
    private final SqlmqConnectionFactory here = new SqlmqConnectionFactory(url);
    private final SqlmqConnectionFactory there = new SqlmqConnectionFactory(url);
    private final HikariDataSource pool = new HikariDataSource();
    private final JdbcTemplate sql = new JdbcTemplate(pool);
    private final String name = UUID.randomUUID().toString();

    private Connection connection;
    private Session session;
    private Session remote;
    private Topic topic;

    @BeforeEach
    void open() throws JMSException {
        pool.setJdbcUrl(url);
        new Migrator(pool, Migrator.DEFAULT_SCHEMA).migrate();
        connection = here.createConnection();
        connection.start();
        session = connection.createSession();
        Connection other = there.createConnection();
        other.start();
        remote = other.createSession();
        topic = session.createTopic("topic-" + name);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        pool.close();
    }

    private static String text(MessageConsumer consumer) throws JMSException {
        TextMessage message = (TextMessage) consumer.receive(SOON);
        assertThat(message).isNotNull();
        return message.getText();
    }

    private Integer count(String query, Object... arguments) {
        return sql.queryForObject(query, Integer.class, arguments);
    }

    private List<String> channels() {
        return sql.queryForList("SELECT channel FROM mq_subscriptions WHERE topic = ?", String.class, topicName());
    }

    private String topicName() {
        return "topic-" + name;
    }

    @Test
    void everyPublishOfAnotherProcessAfterCreateConsumerReachesIt() throws JMSException {
        MessageProducer producer = remote.createProducer(topic);
        for (int i = 0; i < 20; i++) {
            try (MessageConsumer consumer = session.createConsumer(topic)) {
                producer.send(remote.createTextMessage("m" + i));
                assertThat(text(consumer)).isEqualTo("m" + i);
            }
        }
    }

    @Test
    void nothingIsLostDoubledOrReorderedWhileOthersComeAndGo() throws Exception {
        MessageConsumer steady = session.createConsumer(topic);
        Session transacted = there.createConnection().createSession(Session.SESSION_TRANSACTED);
        MessageProducer plain = remote.createProducer(topic);
        CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
            try {
                MessageProducer committing = transacted.createProducer(topic);
                for (int i = 0; i < 300; i++) {
                    if (i / 10 % 2 == 0) {
                        plain.send(remote.createTextMessage("" + i));
                    } else {
                        committing.send(transacted.createTextMessage("" + i));
                        if (i % 10 == 9) {
                            transacted.commit();
                        }
                    }
                }
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        Session coming = connection.createSession();
        do {
            coming.createConsumer(topic).close();
        } while (!publishing.isDone());
        publishing.get(30, TimeUnit.SECONDS);
        List<String> expected = new ArrayList<>();
        List<String> received = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            expected.add("" + i);
            received.add(text(steady));
        }
        assertThat(received).containsExactlyElementsOf(expected);
        assertThat(steady.receiveNoWait()).isNull();
    }

    @Test
    void aLargeBodyIsWrittenOnceAndGoesWithItsLastMessage() throws JMSException {
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(session.createSharedDurableConsumer(topic, name + i));
        }
        String body = "x".repeat(4_096) + name;
        remote.createProducer(topic).send(remote.createTextMessage(body));
        assertThat(count("SELECT count(*) FROM mq_payloads WHERE payload_text = ?", body))
                .isEqualTo(1);
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE destination = ? AND payload_text IS NULL", topic + ""))
                .isEqualTo(3);
        for (MessageConsumer consumer : consumers) {
            assertThat(count("SELECT count(*) FROM mq_payloads WHERE payload_text = ?", body))
                    .isEqualTo(1);
            assertThat(text(consumer)).isEqualTo(body);
            consumer.close();
        }
        await().untilAsserted(() -> assertThat(count("SELECT count(*) FROM mq_payloads WHERE payload_text = ?", body))
                .isZero());
        for (int i = 0; i < 3; i++) {
            session.unsubscribe(name + i);
        }
    }

    @Test
    void aFurtherSubscriptionCostsLittleWal() throws JMSException {
        long one = walOfPublish(1);
        long ten = walOfPublish(10);
        assertThat((ten - one) / 9).isLessThanOrEqualTo(400);
    }

    /** Bytes for one message of 4 KB to so many durable subscriptions with names of 60 characters. */
    private long walOfPublish(int subscriptions) throws JMSException {
        int messages = 50;
        Topic measured = session.createTopic(topicName() + subscriptions);
        String longName = "x".repeat(58) + subscriptions % 10;
        for (int i = 0; i < subscriptions; i++) {
            session.createSharedDurableConsumer(measured, longName + i).close();
        }
        MessageProducer producer = remote.createProducer(measured);
        TextMessage message =
                remote.createTextMessage(UUID.randomUUID().toString().repeat(114));
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = sql.queryForObject("SELECT pg_current_wal_insert_lsn() - '0/0'", Long.class);
            for (int i = 0; i < messages; i++) {
                producer.send(message);
            }
            long after = sql.queryForObject("SELECT pg_current_wal_insert_lsn() - '0/0'", Long.class);
            least = Math.min(least, (after - before) / messages);
        }
        for (int i = 0; i < subscriptions; i++) {
            session.unsubscribe(longName + i);
        }
        return least;
    }

    @Test
    void aSubscriptionThatEndsLeavesNothingBehind() throws JMSException {
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = session.createSharedConsumer(topic, name);
        List<String> channels = channels();
        assertThat(channels).hasSize(2);
        MessageProducer producer = remote.createProducer(topic);
        for (int i = 0; i < 10; i++) {
            producer.send(remote.createTextMessage("y".repeat(3_000)));
        }
        assertThat(count("SELECT count(*) FROM mq_msgs_unlogged WHERE destination = ?", topic + ""))
                .isEqualTo(20);
        first.close();
        second.close();
        assertThat(channels()).isEmpty();
        assertThat(count("SELECT count(*) FROM mq_topics WHERE topic = ?", topicName()))
                .isZero();
        await().untilAsserted(() -> assertThat(
                        count("SELECT count(*) FROM mq_msgs_unlogged WHERE destination = ?", topic + ""))
                .isZero());
    }

    @Test
    void clientIdentifiersAreUniqueOverProcesses() throws JMSException {
        Connection first = here.createConnection();
        first.setClientID(name);
        Connection second = there.createConnection();
        assertThatThrownBy(() -> second.setClientID(name)).isInstanceOf(InvalidClientIDException.class);
        first.close();
        second.setClientID(name);
    }

    @Test
    void aSubscriptionHasItsConsumersOverProcesses() throws JMSException {
        MessageConsumer consumer = session.createSharedDurableConsumer(topic, name);
        assertThatThrownBy(() -> remote.unsubscribe(name)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> remote.createSharedDurableConsumer(topic, name, "n = 1"))
                .isInstanceOf(JMSException.class);
        consumer.close();
        remote.unsubscribe(name);
    }

    @Test
    void whatAProcessWithoutHeartbeatHeldIsFree() throws JMSException {
        durableWithConsumerOf(-7, false, "-1 s");
        connection = here.createConnection();
        connection.setClientID(name);
        session = connection.createSession();
        session.createDurableConsumer(topic, name).close();
        session.unsubscribe(name);
    }

    @Test
    void whatAProcessHeldThatHasLostItsLockIsFreeAtOnce() throws JMSException {
        // After a start of the server processes have 15 s to come back.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> count("SELECT extract(epoch FROM now() - pg_postmaster_start_time())::integer") > 15);
        durableWithConsumerOf(-8, true, "60 s");
        connection = here.createConnection();
        long start = System.nanoTime();
        connection.setClientID(name);
        session = connection.createSession();
        session.createDurableConsumer(topic, name).close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        session.unsubscribe(name);
    }

    @Test
    void whatAProcessHoldsThatLivesIsRefused() throws JMSException {
        durableWithConsumerOf(-9, false, "60 s");
        Connection second = here.createConnection();
        assertThatThrownBy(() -> second.setClientID(name)).isInstanceOf(InvalidClientIDException.class);
        sql.update("DELETE FROM mq_clients WHERE owner = -9");
        second.setClientID(name);
        Session refused = second.createSession();
        assertThatThrownBy(() -> refused.createDurableConsumer(topic, name)).isInstanceOf(JMSException.class);
        sql.update("DELETE FROM mq_owners WHERE owner = -9");
        refused.createDurableConsumer(topic, name).close();
        refused.unsubscribe(name);
    }

    /** A durable subscription of the client {@code name} that is in use by a process of which only rows are left. */
    private void durableWithConsumerOf(int owner, boolean listening, String alive) throws JMSException {
        Connection identified = here.createConnection();
        identified.setClientID(name);
        identified.createSession().createDurableConsumer(topic, name);
        identified.close();
        sql.update(
                "INSERT INTO mq_owners (owner, description, listening, alive_until)"
                        + " VALUES (?, 'gone', ?, now() + ?::interval)",
                owner,
                listening,
                alive);
        sql.update(
                "INSERT INTO mq_subscribers (channel, owner, consumer) SELECT channel, ?, 1 FROM mq_subscriptions"
                        + " WHERE name = ?",
                owner,
                name);
        sql.update("INSERT INTO mq_clients (client_id, owner, token) VALUES (?, ?, 1)", name, owner);
    }

    @Test
    void aLostSubscriptionReachesTheExceptionListener() throws JMSException {
        List<JMSException> heard = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(heard::add);
        session.createConsumer(topic);
        // As others do that take this process for dead.
        sql.queryForList(
                "SELECT mq_leave_subscription(channel, owner, NULL) FROM mq_subscribers WHERE channel = ?",
                channels().get(0));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(heard)
                        .singleElement()
                        .satisfies(lost -> assertThat(lost).hasMessageContaining(topicName())));
    }
}
