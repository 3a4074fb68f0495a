package io.sqlmq.integration.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wildcards in the names of topics and queues. */
class WildcardTest extends IntegrationTest {
    private Session session;
    private Session elsewhere;

    @BeforeEach
    void open() throws JMSException {
        session = session(Session.AUTO_ACKNOWLEDGE);
        elsewhere = session(factory(), Session.AUTO_ACKNOWLEDGE);
    }

    private static void publish(Session session, String topic, String text) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createTopic(topic))) {
            producer.send(session.createTextMessage(text));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "orders.*,    orders.new,    true",
        "orders.*,    orders,        false",
        "orders.*,    orders.new.eu, false",
        "orders.>,    orders.new.eu, true",
        "orders.>,    orders,        true",
        "orders.>,    order.new,     false",
        "*.new,       orders.new,    true",
        "*.new.>,     a.new.b.c,     true",
        "*.new.>,     a.old.b.c,     false",
        "orders.*.eu, orders.new.eu, true",
        "orders.*.eu, orders.eu,     false",
        "orders.*.>.>, orders.new.eu, true",
        "orders.*.>.>, orders,        false",
        ">.>,         whatever,      true",
        ">,           whatever,      true"
    })
    void aTopicMatchesAsInActiveMq(String pattern, String topic, boolean matches) throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(session.createTopic(pattern))) {
            publish(elsewhere, topic, "m");
            publish(elsewhere, pattern.replace("*", "x").replace(">", "y"), "end");
            if (matches) {
                Message received = receive(consumer);
                assertThat(text(received)).isEqualTo("m");
                assertThat(received.getJMSDestination()).hasToString("topic://" + topic);
            }
            assertThat(text(receive(consumer))).isEqualTo("end");
        }
    }

    @Test
    void everyPublishAfterCreateConsumerReachesIt() throws JMSException {
        List<MessageConsumer> exact = new ArrayList<>();
        exact.add(session.createConsumer(session.createTopic(queue + ".a")));
        for (int i = 0; i < 10; i++) {
            try (MessageConsumer consumer = session.createConsumer(session.createTopic(queue + ".*"))) {
                publish(elsewhere, queue + ".a", "m" + i);
                publish(session, queue + ".b" + i, "n" + i);
                assertThat(text(receive(consumer))).isEqualTo("m" + i);
                assertThat(text(receive(consumer))).isEqualTo("n" + i);
            }
            publish(elsewhere, queue + ".a", "without " + i);
            for (MessageConsumer consumer : exact) {
                assertThat(text(receive(consumer))).isEqualTo("m" + i);
                assertThat(text(receive(consumer))).isEqualTo("without " + i);
            }
        }
    }

    @Test
    void aTransactionPublishesToWhoeverIsThereAtItsCommit() throws JMSException {
        Session transacted = session(factory(), Session.SESSION_TRANSACTED);
        publish(transacted, queue + ".a", "m");
        MessageConsumer consumer = session.createConsumer(session.createTopic(queue + ".>"));
        transacted.commit();
        assertThat(text(receive(consumer))).isEqualTo("m");
    }

    @Test
    void everyKindOfSubscriptionCanHaveThem() throws JMSException {
        Connection connection = closeAfterwards(factory.createConnection());
        connection.setClientID("client-" + queue);
        connection.start();
        Session durable = connection.createSession();
        Topic pattern = durable.createTopic(queue + ".*");
        List<MessageConsumer> consumers = List.of(
                durable.createDurableConsumer(pattern, "durable", "n = 1", true),
                durable.createSharedConsumer(pattern, "shared", "n = 1"),
                durable.createSharedDurableConsumer(pattern, "shared-durable", "n = 1"),
                durable.createConsumer(pattern, "n = 1", false));
        for (int n = 0; n < 2; n++) {
            Message message = elsewhere.createTextMessage("m" + n);
            message.setIntProperty("n", n);
            elsewhere.createProducer(elsewhere.createTopic(queue + ".x")).send(message);
        }
        for (MessageConsumer consumer : consumers) {
            assertThat(text(receive(consumer))).isEqualTo("m1");
            consumer.close();
        }
        Message message = elsewhere.createTextMessage("while closed");
        message.setIntProperty("n", 1);
        elsewhere.createProducer(elsewhere.createTopic(queue + ".y")).send(message);
        MessageConsumer again = durable.createDurableConsumer(pattern, "durable", "n = 1", true);
        assertThat(text(receive(again))).isEqualTo("while closed");
        again.close();
        // §8.3.3: another topic is another subscription.
        MessageConsumer changed =
                durable.createDurableConsumer(durable.createTopic(queue + ".>"), "durable", "n = 1", true);
        assertNothingComes(changed);
        changed.close();
        durable.unsubscribe("durable");
        durable.unsubscribe("shared-durable");
        assertThat(number("SELECT count(*) FROM mq_subscriptions WHERE pattern LIKE '" + queue + "%'"))
                .isZero();
    }

    @Test
    void aPatternThatIsNoneIsRefused() throws JMSException {
        assertThatThrownBy(() -> session.createConsumer(session.createTopic("a.>.*")))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("> is not at the end");
        assertThatThrownBy(() -> session.createProducer(session.createTopic("a.>")))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> sendIn(session, "a.*", "m"))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("stands for all destinations that match");
    }

    @Test
    void aConsumerTakesFromAllMatchingQueues() throws JMSException {
        sendIn(elsewhere, queue + ".a", "a1", "a2");
        sendIn(elsewhere, queue + ".b.c", "deep");
        sendIn(elsewhere, queue, "itself");
        sendIn(elsewhere, queue + "x", "other");
        MessageConsumer consumer = consumer(session, queue + ".>");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            Message message = receive(consumer);
            seen.add(text(message) + " " + message.getJMSDestination());
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "a1 queue://" + queue + ".a",
                        "a2 queue://" + queue + ".a",
                        "deep queue://" + queue + ".b.c",
                        "itself queue://" + queue);
        assertNothingComes(consumer);
        assertThat(drain(factory, queue + "x")).containsExactly("other");
    }

    @Test
    void aWaitingConsumerFindsNewQueues() throws Exception {
        MessageConsumer consumer = consumer(session, queue + ".*");
        for (int i = 0; i < 3; i++) {
            Session sender = i % 2 == 0 ? session(Session.AUTO_ACKNOWLEDGE) : elsewhere;
            CompletableFuture<Message> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return receive(consumer);
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            sendIn(sender, queue + ".new" + i, "m" + i);
            assertThat(text(received.get(SOON, TimeUnit.MILLISECONDS))).isEqualTo("m" + i);
        }
    }

    @Test
    void aListenerFindsNewQueues() throws JMSException {
        List<String> seen = new CopyOnWriteArrayList<>();
        consumer(session, queue + ".*,other-" + queue).setMessageListener(message -> {
            try {
                seen.add(message.getBody(String.class));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        sendIn(elsewhere, queue + ".1", "1");
        sendIn(elsewhere, "other-" + queue, "2");
        sendIn(elsewhere, queue + ".3.no", "3");
        await().atMost(SOON, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder("1", "2"));
        sendIn(elsewhere, queue + ".1", "4");
        await().atMost(SOON, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> assertThat(seen).hasSize(3));
        assertThat(drain(factory, queue + ".3.no")).containsExactly("3");
    }

    @Test
    void subscriptionsAndTemporaryQueuesAreNotConsumedByAllQueues() throws JMSException {
        MessageConsumer subscriber = elsewhere.createConsumer(elsewhere.createTopic(queue));
        MessageConsumer all = consumer(session, ">");
        publish(elsewhere, queue, "published");
        sendIn(elsewhere, queue, "queued");
        assertThat(text(receive(all))).isEqualTo("queued");
        assertNothingComes(all);
        assertThat(text(receive(subscriber))).isEqualTo("published");
    }
}
