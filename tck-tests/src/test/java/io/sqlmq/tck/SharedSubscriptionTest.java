package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Shared subscriptions, durable and not: §4.2.2, §4.2.4, §8.3.2, §8.3.4. */
class SharedSubscriptionTest extends ConformanceTest {

    private final String name = uniqueName();
    private Topic topic;

    @BeforeEach
    void createTopic() throws JMSException {
        topic = session.createTopic(uniqueName());
    }

    private void publish(String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(topic)) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    private Session otherSession() throws JMSException {
        return connect().createSession(Session.AUTO_ACKNOWLEDGE);
    }

    /** What both have received in turn, until nothing comes any more. */
    private static List<String> all(MessageConsumer first, MessageConsumer second, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        long end = System.nanoTime() + SOON * 1_000_000;
        while (texts.size() < count && System.nanoTime() < end) {
            for (MessageConsumer consumer : List.of(first, second)) {
                Message message = consumer.receive(NOTHING / 2);
                if (message != null) {
                    texts.add(text(message));
                }
            }
        }
        assertNothingComes(first);
        assertNothingComes(second);
        return texts;
    }

    @Test
    void eachMessageGoesToOneOfItsConsumers() throws JMSException {
        MessageConsumer first = otherSession().createSharedConsumer(topic, name);
        MessageConsumer second = otherSession().createSharedConsumer(topic, name);
        MessageConsumer own = session.createConsumer(topic);
        publish("a", "b", "c", "d");
        assertThat(all(first, second, 4)).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(texts(own, 4)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void twoNamesAreTwoSubscriptions() throws JMSException {
        MessageConsumer first = session.createSharedConsumer(topic, name);
        MessageConsumer second = session.createSharedConsumer(topic, name + "-2");
        publish("m");
        assertThat(text(receive(first))).isEqualTo("m");
        assertThat(text(receive(second))).isEqualTo("m");
    }

    @Test
    void anUndurableOneEndsWithItsLastConsumer() throws JMSException { // §8.3.2
        MessageConsumer first = otherSession().createSharedConsumer(topic, name);
        MessageConsumer second = otherSession().createSharedConsumer(topic, name);
        first.close();
        publish("kept");
        assertThat(text(receive(second))).isEqualTo("kept");
        publish("lost");
        second.close();
        MessageConsumer third = session.createSharedConsumer(topic, name);
        assertNothingComes(third);
    }

    @Test
    void whatAClosedConsumerLeftGoesToTheOthers() throws JMSException {
        Session client = connect().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer first = client.createSharedConsumer(topic, name);
        publish("m");
        assertThat(text(receive(first))).isEqualTo("m");
        MessageConsumer second = otherSession().createSharedConsumer(topic, name);
        client.close();
        assertThat(text(receive(second))).isEqualTo("m");
    }

    @Test
    void anotherTopicOrSelectorIsRefusedWhileItHasConsumers() throws JMSException { // §8.3.2
        MessageConsumer consumer = session.createSharedConsumer(topic, name, "n = 1");
        Session other = otherSession();
        Topic otherTopic = session.createTopic(uniqueName());
        assertThatThrownBy(() -> other.createSharedConsumer(topic, name)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> other.createSharedConsumer(topic, name, "n = 2"))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> other.createSharedConsumer(otherTopic, name, "n = 1"))
                .isInstanceOf(JMSException.class);
        consumer.close();
        other.createSharedConsumer(otherTopic, name).close();
    }

    @Test
    void itSelects() throws JMSException {
        MessageConsumer consumer = session.createSharedConsumer(topic, name, "n = 1");
        Message message = session.createTextMessage("m1");
        message.setIntProperty("n", 1);
        publish("m0");
        session.createProducer(topic).send(message);
        assertThat(text(receive(consumer))).isEqualTo("m1");
        assertNothingComes(consumer);
    }

    @Test
    void topicNameAndSelectorAreChecked() {
        assertThatThrownBy(() -> session.createSharedConsumer(null, name))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(null, name))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(topic, name, "a ="))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, name, "a ="))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(topic, null)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "")).isInstanceOf(JMSException.class);
    }

    // ---- durable: §8.3.4

    @Test
    void aDurableOneNeedsNoClientIdentifierAndKeepsItsMessages() throws JMSException {
        session.createSharedDurableConsumer(topic, name).close();
        publish("a", "b", "c");
        MessageConsumer first = otherSession().createSharedDurableConsumer(topic, name);
        MessageConsumer second = otherSession().createSharedDurableConsumer(topic, name);
        publish("d");
        assertThat(all(first, second, 4)).containsExactlyInAnyOrder("a", "b", "c", "d");
        first.close();
        second.close();
        session.unsubscribe(name);
    }

    @Test
    void aDurableOneWithConsumersIsNotUnsubscribed() throws JMSException {
        MessageConsumer consumer = session.createSharedDurableConsumer(topic, name);
        assertThatThrownBy(() -> session.unsubscribe(name)).isInstanceOf(JMSException.class);
        consumer.close();
        session.unsubscribe(name);
        assertThatThrownBy(() -> session.unsubscribe(name)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void anotherSelectorMakesADurableOneAnewUnlessItHasConsumers() throws JMSException { // §8.3.4
        MessageConsumer consumer = session.createSharedDurableConsumer(topic, name);
        Session other = otherSession();
        assertThatThrownBy(() -> other.createSharedDurableConsumer(topic, name, "n = 1"))
                .isInstanceOf(JMSException.class);
        publish("old");
        consumer.close();
        MessageConsumer selecting = other.createSharedDurableConsumer(topic, name, "n IS NULL");
        publish("new");
        assertThat(text(receive(selecting))).isEqualTo("new");
        assertNothingComes(selecting);
        selecting.close();
        session.unsubscribe(name);
    }

    @Test
    void durableOnesAreSharedOrNot() throws JMSException { // §8.3.3, §8.3.4: one namespace
        Connection identified = closeAfterwards(factory.createConnection());
        identified.setClientID(uniqueName());
        Session durable = identified.createSession();
        durable.createDurableConsumer(topic, name).close();
        assertThatThrownBy(() -> durable.createSharedDurableConsumer(topic, name))
                .isInstanceOf(JMSException.class);
        durable.unsubscribe(name);
        durable.createSharedDurableConsumer(topic, name).close();
        assertThatThrownBy(() -> durable.createDurableConsumer(topic, name)).isInstanceOf(JMSException.class);
        durable.unsubscribe(name);
    }

    @Test
    void durableAndUndurableOnesOfOneNameAreTwo() throws JMSException { // §8.3.2
        MessageConsumer shared = session.createSharedConsumer(topic, name);
        MessageConsumer durable = session.createSharedDurableConsumer(topic, name);
        publish("m");
        assertThat(text(receive(shared))).isEqualTo("m");
        assertThat(text(receive(durable))).isEqualTo("m");
        durable.close();
        session.unsubscribe(name);
    }

    @Test
    void namesBelongToTheClientIdentifier() throws JMSException {
        Connection identified = connectAs(uniqueName());
        MessageConsumer of = identified.createSession().createSharedConsumer(topic, name);
        MessageConsumer without = session.createSharedConsumer(topic, name);
        publish("m");
        assertThat(text(receive(of))).isEqualTo("m");
        assertThat(text(receive(without))).isEqualTo("m");
    }

    private Connection connectAs(String clientId) throws JMSException {
        Connection identified = closeAfterwards(factory.createConnection());
        identified.setClientID(clientId);
        identified.start();
        return identified;
    }

    @Test
    void contextsHaveThemToo() {
        JMSContext context = context();
        JMSContext other = context();
        Topic named = context.createTopic(uniqueName());
        JMSConsumer consumer = context.createSharedConsumer(named, name);
        JMSConsumer durable = other.createSharedDurableConsumer(named, name, "n = 1");
        context.createProducer().setProperty("n", 1).send(named, "m");
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
        assertThat(durable.receiveBody(String.class, SOON)).isEqualTo("m");
        durable.close();
        other.unsubscribe(name);
    }
}
