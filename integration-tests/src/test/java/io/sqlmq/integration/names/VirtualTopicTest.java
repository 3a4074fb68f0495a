package io.sqlmq.integration.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is published to VirtualTopic.x is consumed from queues Consumer.name.VirtualTopic.x. */
class VirtualTopicTest extends IntegrationTest {
    private String topic;
    private String queueOfA;
    private Session session;

    @BeforeEach
    void open() throws JMSException {
        topic = "VirtualTopic." + queue;
        queueOfA = "Consumer.A." + topic;
        session = session(Session.AUTO_ACKNOWLEDGE);
    }

    private void publish(String to, String... texts) throws JMSException {
        Session elsewhere = session(factory(), Session.AUTO_ACKNOWLEDGE);
        for (String text : texts) {
            elsewhere.createProducer(elsewhere.createTopic(to)).send(elsewhere.createTextMessage(text));
        }
    }

    @Test
    void eachNameGetsAllAndItsConsumersShareThem() throws JMSException {
        MessageConsumer a1 = consumer(session, queueOfA);
        MessageConsumer b = consumer(session, "Consumer.B." + topic);
        MessageConsumer subscriber = session.createConsumer(session.createTopic(topic));
        publish(topic, "1", "2");
        Message first = receive(a1);
        assertThat(first.getJMSDestination()).hasToString("queue://" + queueOfA);
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer a2 = consumer(other, queueOfA);
        assertThat(Set.of(text(first), text(receive(a2)))).containsExactlyInAnyOrder("1", "2");
        assertNothingComes(a1);
        for (String text : new String[] {"1", "2"}) {
            assertThat(text(receive(b))).isEqualTo(text);
            Message published = receive(subscriber);
            assertThat(text(published)).isEqualTo(text);
            assertThat(published.getJMSDestination()).hasToString("topic://" + topic);
        }
    }

    @Test
    void theQueueGetsMessagesFromItsFirstConsumerOn() throws JMSException {
        publish(topic, "before");
        consumer(session, queueOfA).close();
        publish(topic, "while nobody is there");
        assertThat(drain(factory, queueOfA)).containsExactly("while nobody is there");
    }

    @Test
    void theQueueIsAQueueLikeOthers() throws JMSException {
        consumer(session, queueOfA).close();
        send(factory, queueOfA, "sent");
        publish(topic, "published");
        assertThat(factory.admin().count(queueOfA)).isEqualTo(2);
        assertThat(drain(factory, queueOfA)).containsExactly("sent", "published");
    }

    @Test
    void largeBodiesAreInAllQueuesAndCanBeSelectedMovedAndBrowsed() throws JMSException {
        String queueOfB = "Consumer.B." + topic;
        consumer(session, queueOfA).close();
        consumer(session, queueOfB).close();
        String large = "{\"colour\":\"red\",\"rest\":\"" + "x".repeat(10_000) + "\"}";
        publish(topic, large, large, large);
        assertThat(number("SELECT count(*) FROM mq_payloads")).isGreaterThanOrEqualTo(3);
        try (MessageConsumer red =
                session.createConsumer(session.createQueue(queueOfA), "JMS_SQLMQ_JSON$colour = 'red'")) {
            assertThat(text(receive(red))).isEqualTo(large);
        }
        assertThat(factory.admin().browse(queueOfA, 10))
                .hasSize(2)
                .allSatisfy(m -> assertThat(text(m)).isEqualTo(large));
        assertThat(factory.admin().move(queueOfA, queue)).isEqualTo(2);
        assertThat(drain(factory, queueOfB)).containsExactly(large, large, large);
        assertThat(drain(factory, queue)).containsExactly(large, large);
    }

    @Test
    void deletingTheQueueEndsItsPart() throws JMSException {
        consumer(session, queueOfA).close();
        publish(topic, "1");
        assertThat(factory.admin().deleteQueue(queueOfA)).isEqualTo(1);
        publish(topic, "2");
        assertThat(factory.admin().count(queueOfA)).isZero();
        consumer(session, queueOfA).close();
        publish(topic, "3");
        assertThat(drain(factory, queueOfA)).containsExactly("3");
    }

    @Test
    void oneQueueCanGetSeveralTopics() throws JMSException {
        MessageConsumer all = consumer(session, queueOfA + ".>");
        publish(topic + ".x", "1");
        publish(topic + ".y.z", "2");
        publish("VirtualTopic.no" + queue, "3");
        assertThat(text(receive(all))).isEqualTo("1");
        assertThat(text(receive(all))).isEqualTo("2");
        assertNothingComes(all);
    }

    @Test
    void consumingAgainChangesNothing() throws JMSException {
        consumer(session, queueOfA).close();
        long before = number("SELECT version FROM mq_topics WHERE topic = '" + topic + "'");
        for (int i = 0; i < 5; i++) {
            consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queueOfA).close();
        }
        assertThat(number("SELECT version FROM mq_topics WHERE topic = '" + topic + "'"))
                .as("nothing has changed, so publishers need not look again")
                .isEqualTo(before);
    }
}
