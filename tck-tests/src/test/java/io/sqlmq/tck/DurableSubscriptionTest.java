package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Unshared durable subscriptions: §4.2.3, §8.3.3. */
class DurableSubscriptionTest extends ConformanceTest {

    private final String clientId = uniqueName();
    private final String name = uniqueName();
    private Topic topic;
    private Topic otherTopic;
    private Connection identified;
    private Session durable;

    @BeforeEach
    void identify() throws JMSException {
        topic = session.createTopic(uniqueName());
        otherTopic = session.createTopic(uniqueName());
        reconnect();
    }

    private void reconnect() throws JMSException {
        if (identified != null) {
            identified.close();
        }
        identified = factory.createConnection();
        identified.setClientID(clientId);
        identified.start();
        durable = identified.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    /** Leaves no subscription behind. */
    @AfterEach
    void unsubscribe() throws JMSException {
        reconnect();
        try {
            durable.unsubscribe(name);
        } catch (InvalidDestinationException e) {
            assertThat(e).hasMessageContaining(name);
        } finally {
            identified.close();
        }
    }

    private void publish(String... texts) throws JMSException {
        publishTo(topic, texts);
    }

    private void publishTo(Topic destination, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(destination)) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    @Test
    void messagesAreKeptWhileNobodyConsumes() throws JMSException {
        durable.createDurableConsumer(topic, name).close();
        publish("a", "b");
        MessageConsumer consumer = durable.createDurableConsumer(topic, name);
        publish("c");
        assertThat(texts(consumer, 3)).containsExactly("a", "b", "c");
        assertNothingComes(consumer);
    }

    @Test
    void itOutlivesItsConnection() throws JMSException {
        durable.createDurableSubscriber(topic, name);
        publish("a");
        reconnect();
        publish("b");
        assertThat(texts(durable.createDurableSubscriber(topic, name), 2)).containsExactly("a", "b");
    }

    @Test
    void whatIsNotAcknowledgedComesAgain() throws JMSException {
        Session client = identified.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createDurableConsumer(topic, name);
        publish("a", "b");
        receive(consumer).acknowledge();
        receive(consumer);
        reconnect();
        Message again = receive(durable.createDurableConsumer(topic, name));
        assertThat(text(again)).isEqualTo("b");
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Test
    void itHasOneConsumerAtATime() throws JMSException { // §8.3.3
        MessageConsumer consumer = durable.createDurableConsumer(topic, name);
        assertThatThrownBy(() -> durable.createDurableConsumer(topic, name)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> durable.createDurableSubscriber(topic, name)).isInstanceOf(JMSException.class);
        publish("m");
        assertThat(text(receive(consumer))).isEqualTo("m");
    }

    @Test
    void anotherSelectorMakesItAnew() throws JMSException { // §8.3.3: as unsubscribe and create
        durable.createDurableConsumer(topic, name, "n = 1", false).close();
        publishNumbered(1, 2);
        MessageConsumer consumer = durable.createDurableConsumer(topic, name, "n = 2", false);
        assertThat(consumer.getMessageSelector()).isEqualTo("n = 2");
        publishNumbered(1, 2);
        assertThat(text(receive(consumer))).isEqualTo("2");
        assertNothingComes(consumer);
    }

    @Test
    void theSameSelectorKeepsIt() throws JMSException {
        durable.createDurableConsumer(topic, name, "n = 1", false).close();
        publishNumbered(1, 2);
        MessageConsumer consumer = durable.createDurableConsumer(topic, name, "n = 1", false);
        assertThat(text(receive(consumer))).isEqualTo("1");
        assertNothingComes(consumer);
    }

    private void publishNumbered(int... numbers) throws JMSException {
        try (MessageProducer producer = session.createProducer(topic)) {
            for (int number : numbers) {
                Message message = session.createTextMessage("" + number);
                message.setIntProperty("n", number);
                producer.send(message);
            }
        }
    }

    @Test
    void anotherTopicMakesItAnew() throws JMSException { // §8.3.3
        durable.createDurableConsumer(topic, name).close();
        publish("old");
        MessageConsumer consumer = durable.createDurableConsumer(otherTopic, name);
        publish("old again");
        publishTo(otherTopic, "new");
        assertThat(text(receive(consumer))).isEqualTo("new");
        assertNothingComes(consumer);
    }

    @Test
    void anotherNoLocalMakesItAnew() throws JMSException { // §8.3.3
        durable.createDurableConsumer(topic, name, null, false).close();
        publish("old");
        MessageConsumer consumer = durable.createDurableConsumer(topic, name, null, true);
        publish("new");
        assertThat(text(receive(consumer))).isEqualTo("new");
        assertNothingComes(consumer);
    }

    @Test
    void noLocalLeavesOutWhatAnyConnectionOfTheClientPublishes() throws JMSException { // §8.3.3
        TopicSubscriber subscriber = durable.createDurableSubscriber(topic, name, null, true);
        assertThat(subscriber.getNoLocal()).isTrue();
        durable.createProducer(topic).send(durable.createTextMessage("own"));
        reconnect();
        durable.createProducer(topic).send(durable.createTextMessage("own, later"));
        publish("other");
        MessageConsumer consumer = durable.createDurableConsumer(topic, name, null, true);
        assertThat(text(receive(consumer))).isEqualTo("other");
        assertNothingComes(consumer);
    }

    @Test
    void unsubscribeForgetsItsMessages() throws JMSException { // §8.3.3, §6.2.5
        durable.createDurableConsumer(topic, name).close();
        publish("forgotten");
        durable.unsubscribe(name);
        publish("nobody's");
        MessageConsumer consumer = durable.createDurableConsumer(topic, name);
        assertNothingComes(consumer);
        publish("m");
        assertThat(text(receive(consumer))).isEqualTo("m");
    }

    @Test
    void unsubscribeWhileItHasAConsumerIsRefused() throws JMSException {
        MessageConsumer consumer = durable.createDurableConsumer(topic, name);
        assertThatThrownBy(() -> durable.unsubscribe(name)).isInstanceOf(JMSException.class);
        publish("m");
        assertThat(text(receive(consumer))).isEqualTo("m");
    }

    @Test
    void unsubscribeOfAnUnknownNameIsRefused() {
        assertThatThrownBy(() -> durable.unsubscribe(uniqueName())).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void namesBelongToTheClientIdentifier() throws JMSException {
        durable.createDurableConsumer(topic, name).close();
        Connection other = closeAfterwards(factory.createConnection());
        other.setClientID(clientId + "-other");
        Session others = other.createSession();
        assertThatThrownBy(() -> others.unsubscribe(name)).isInstanceOf(InvalidDestinationException.class);
        others.createDurableConsumer(topic, name).close();
        others.unsubscribe(name);
        publish("m");
        assertThat(text(receive(durable.createDurableConsumer(topic, name)))).isEqualTo("m");
    }

    @Test
    void aClientIdentifierIsNeeded() { // §8.3.3
        assertThatThrownBy(() -> session.createDurableConsumer(topic, name)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(topic, name, null, true))
                .isInstanceOf(IllegalStateException.class);
    }

    /** What is wrong with the call is told before what the connection lacks. */
    @Test
    void aMissingTopicIsNamedAlsoWithoutAClientIdentifier() {
        assertThatThrownBy(() -> session.createDurableConsumer(null, name))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(null, name, null, true))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void topicNameAndSelectorAreChecked() {
        assertThatThrownBy(() -> durable.createDurableConsumer(null, name))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> durable.createDurableConsumer(topic, name, "a =", false))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> durable.createDurableConsumer(topic, null)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> durable.createDurableConsumer(topic, "")).isInstanceOf(JMSException.class);
    }

    @Test
    void nonPersistentMessagesKeepTheirMode() throws JMSException {
        MessageConsumer consumer = durable.createDurableConsumer(topic, name);
        session.createProducer(topic).send(session.createMessage(), DeliveryMode.NON_PERSISTENT, 4, 0);
        assertThat(receive(consumer).getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
    }

    @Test
    void messagesOfAClosedConsumerCommit() throws JMSException { // §8.8
        Session transacted = identified.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = transacted.createDurableConsumer(topic, name);
        publish("a", "b");
        assertThat(text(receive(consumer))).isEqualTo("a");
        consumer.close();
        transacted.commit();
        transacted.close();
        assertThat(text(receive(durable.createDurableConsumer(topic, name)))).isEqualTo("b");
    }

    @Test
    void contextsHaveThemToo() throws JMSException {
        identified.close();
        JMSContext context = context();
        context.setClientID(clientId);
        context.createDurableConsumer(topic, name).close();
        publish("m");
        try (JMSConsumer consumer = context.createDurableConsumer(topic, name, null, false)) {
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
        }
        context.unsubscribe(name);
        context.close();
    }
}
