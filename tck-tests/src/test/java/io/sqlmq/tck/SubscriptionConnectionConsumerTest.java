package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Concurrent processing of a subscription's messages by server sessions: §11.2, §8.3. */
class SubscriptionConnectionConsumerTest extends ConformanceTest {

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private Topic topic;

    @BeforeEach
    void topic() throws JMSException {
        topic = session.createTopic(uniqueName());
    }

    private ServerSessions pool(Connection owner) throws JMSException {
        return closeAfterwards(new ServerSessions(
                owner,
                Session.AUTO_ACKNOWLEDGE,
                2,
                own -> message -> seen.add(Async.unchecked(() -> text(message))),
                own -> {}));
    }

    private void publish(String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(topic)) {
            for (String text : texts) {
                TextMessage message = session.createTextMessage(text);
                message.setIntProperty("length", text.length());
                producer.send(message);
            }
        }
    }

    private void assertSeen(String... texts) {
        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder(texts));
        seen.clear();
    }

    private Connection identified(String clientId) throws JMSException {
        Connection identified = closeAfterwards(factory.createConnection());
        identified.setClientID(clientId);
        identified.start();
        return identified;
    }

    @Test
    void aTopicIsConsumedWhileTheConsumerIsOpen() throws JMSException { // §8.3.1
        publish("before");
        ConnectionConsumer consumer = connection.createConnectionConsumer(topic, null, pool(connection), 5);
        publish("a", "b");
        assertSeen("a", "b");
        consumer.close();
        publish("after");
        ConnectionConsumer again = connection.createConnectionConsumer(topic, "length = 3", pool(connection), 5);
        publish("long text", "yes");
        assertSeen("yes");
        again.close();
    }

    @Test
    void aDurableSubscriptionKeepsMessagesForTheNextConsumer() throws JMSException { // §8.3.3
        Connection identified = identified(uniqueName());
        String name = uniqueName();
        ServerSessions pool = pool(identified);
        ConnectionConsumer consumer = identified.createDurableConnectionConsumer(topic, name, null, pool, 1);
        publish("a");
        assertSeen("a");
        assertThatThrownBy(() -> identified.createDurableConnectionConsumer(topic, name, null, pool, 1))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> pool.session().createDurableConsumer(topic, name))
                .isInstanceOf(JMSException.class);
        await().until(pool::isComplete);
        consumer.close();
        publish("b");
        ConnectionConsumer again = identified.createDurableConnectionConsumer(topic, name, null, pool, 1);
        assertSeen("b");
        assertThatThrownBy(() -> pool.session().unsubscribe(name)).isInstanceOf(JMSException.class);
        await().until(pool::isComplete);
        again.close();
        pool.session().unsubscribe(name);
    }

    @Test
    void sharedSubscriptionsAreSharedWithOtherConsumers() throws JMSException { // §8.3.2, §8.3.4
        String name = uniqueName();
        Connection other = connect();
        ConnectionConsumer one = connection.createSharedConnectionConsumer(topic, name, null, pool(connection), 1);
        ConnectionConsumer two = other.createSharedConnectionConsumer(topic, name, null, pool(other), 1);
        publish("a", "b", "c", "d");
        assertSeen("a", "b", "c", "d");
        one.close();
        publish("e");
        assertSeen("e");
        two.close();
    }

    @Test
    void sharedDurableSubscriptionsOutliveTheirConsumers() throws JMSException { // §8.3.4
        String name = uniqueName();
        ServerSessions pool = pool(connection);
        connection
                .createSharedDurableConnectionConsumer(topic, name, null, pool, 1)
                .close();
        publish("a");
        ConnectionConsumer consumer = connection.createSharedDurableConnectionConsumer(topic, name, null, pool, 1);
        assertSeen("a");
        await().until(pool::isComplete);
        consumer.close();
        session.unsubscribe(name);
    }

    @Test
    void argumentsAreChecked() throws JMSException { // javadoc of Connection
        ServerSessionPool pool = pool(connection);
        String name = uniqueName();
        assertThatThrownBy(() -> connection.createDurableConnectionConsumer(topic, name, null, pool, 1))
                .as("no client identifier")
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(null, name, null, pool, 1))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(topic, name, "=", pool, 1))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(topic, null, null, pool, 1))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(topic, name, null, null, 1))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection.createSharedDurableConnectionConsumer(null, name, null, pool, 1))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> connection.createSharedDurableConnectionConsumer(topic, name, "=", pool, 1))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> connection.createSharedDurableConnectionConsumer(topic, name, null, pool, 0))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.unsubscribe(name)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aQueueConnectionConsumesFromNoTopic() throws JMSException { // javadoc of Connection
        QueueConnection queues = closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection());
        ServerSessionPool pool = pool(queues);
        assertThatThrownBy(() -> queues.createSharedConnectionConsumer(topic, "s", null, pool, 1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queues.createDurableConnectionConsumer(topic, "s", null, pool, 1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queues.createSharedDurableConnectionConsumer(topic, "s", null, pool, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theDomainSpecificConnectionsHaveThemToo() throws JMSException {
        QueueConnection queues = closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection());
        queues.start();
        queues.createConnectionConsumer(queue, null, pool(queues), 1);
        send("to the queue");
        assertSeen("to the queue");
        TopicConnection topics = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection());
        topics.start();
        topics.createConnectionConsumer(topic, null, pool(topics), 1);
        publish("to the topic");
        assertSeen("to the topic");
    }
}
