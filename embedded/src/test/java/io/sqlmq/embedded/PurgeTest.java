package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A purge takes messages away, not what other factories on the database have registered and believe to be there. */
@Timeout(120)
class PurgeTest {

    /** What living processes write once and rely on. */
    private static final List<String> REGISTRATIONS = List.of(
            "SELECT string_agg(owner::text, ',' ORDER BY owner) FROM mq_owners",
            "SELECT string_agg(channel_name || ' ' || owner, ',' ORDER BY channel_name, owner) FROM mq_waiters",
            "SELECT string_agg(client_id, ',' ORDER BY client_id) FROM mq_clients",
            "SELECT string_agg(channel_name, ',') FROM mq_exclusives",
            "SELECT string_agg(channel, ',' ORDER BY channel) FROM mq_subscribers",
            "SELECT string_agg(topic, ',' ORDER BY topic) FROM mq_subscriptions");

    private static final long SOON = 10_000;
    private static final long AT_ONCE = 600; // sooner than the safety poll

    private static List<String> registrations(TestDatabase database) {
        return REGISTRATIONS.stream().map(query -> value(database, query)).toList();
    }

    private static String value(TestDatabase database, String query) {
        try {
            return Sql.value(database.dataSource(), query);
        } catch (SQLException e) {
            throw new AssertionError(query, e);
        }
    }

    @Test
    void whatConsumersOfOtherFactoriesHaveRegisteredStays() {
        try (TestDatabase database = TestDatabases.of("sqlmq:embedded").create();
                JMSContext sends = database.connectionFactory().createContext();
                SqlmqConnectionFactory other = new SqlmqConnectionFactory(database.jdbcUrl());
                JMSContext receives = other.createContext()) {
            receives.setClientID("other");
            Topic topic = receives.createTopic("topic");
            Topic virtual = receives.createTopic("VirtualTopic.orders");
            Queue exclusive = receives.createQueue("exclusive?consumer.exclusive=true");
            JMSConsumer plain = receives.createConsumer(receives.createQueue("queue"));
            List<JMSConsumer> ofTopics = List.of(
                    receives.createConsumer(topic),
                    receives.createDurableConsumer(topic, "durable"),
                    receives.createConsumer(receives.createQueue("Consumer.a.VirtualTopic.orders")));
            JMSConsumer alone = receives.createConsumer(exclusive);
            assertThat(alone.receive(1)).isNull();
            assertThat(plain.receive(1)).isNull();
            ofTopics.forEach(consumer -> assertThat(consumer.receive(1)).isNull());
            await().until(() -> registrations(database).stream().noneMatch("null"::equals));
            await().during(Duration.ofMillis(500))
                    .until(() ->
                            value(database, "SELECT count(*) FROM mq_waiters").equals("6"));
            sends.createProducer().send(sends.createQueue("unread"), "gone");
            List<String> before = registrations(database);

            database.purge();

            assertThat(registrations(database)).isEqualTo(before);
            assertThat(value(database, "SELECT count(*) FROM mq_msgs")).isEqualTo("0");
            sends.createProducer().send(topic, "later").send(virtual, "later");
            ofTopics.forEach(consumer ->
                    assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("later"));
            sends.createProducer()
                    .send(sends.createQueue("queue"), "later")
                    .send(sends.createQueue("exclusive"), "later");
            assertThat(plain.receiveBody(String.class, AT_ONCE)).isEqualTo("later");
            assertThat(alone.receiveBody(String.class, SOON)).isEqualTo("later");
        }
    }

    @Test
    void subscriptionsAndBindingsThatNobodyConsumesFromGoAndPublishersHearOfIt() {
        try (TestDatabase database = TestDatabases.of("sqlmq:embedded").create();
                JMSContext sends = database.connectionFactory().createContext()) {
            Topic topic = sends.createTopic("topic");
            Topic virtual = sends.createTopic("VirtualTopic.orders");
            try (SqlmqConnectionFactory other = new SqlmqConnectionFactory(database.jdbcUrl());
                    JMSContext receives = other.createContext()) {
                receives.createSharedDurableConsumer(topic, "durable");
                receives.createConsumer(receives.createQueue("Consumer.a.VirtualTopic.orders"));
            }
            sends.createProducer().send(topic, "before").send(virtual, "before");
            assertThat(value(database, "SELECT count(*) FROM mq_msgs")).isEqualTo("2");

            database.purge();
            sends.createProducer().send(topic, "after").send(virtual, "after");

            assertThat(value(database, "SELECT count(*) FROM mq_msgs")).isEqualTo("0");
            assertThat(value(database, "SELECT count(*) FROM mq_subscriptions")).isEqualTo("0");
        }
    }
}
