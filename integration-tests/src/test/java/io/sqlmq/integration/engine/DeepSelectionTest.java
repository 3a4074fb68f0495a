package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Connection;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Selectors that are nested deep, and selectors on what is: refused or answered, alike by the database and in memory. */
class DeepSelectionTest extends IntegrationTest {

    private static final int OPERATORS = 4_000;

    private static final List<String> SELECTORS = List.of(
            "a" + " + a".repeat(OPERATORS) + " = 1",
            "a" + " * 2".repeat(OPERATORS) + " > 1",
            "a BETWEEN 1 AND b" + " - 1".repeat(OPERATORS),
            "- ".repeat(OPERATORS) + "a = 1",
            "NOT ".repeat(OPERATORS) + "a",
            "(".repeat(OPERATORS) + "a = 1" + ")".repeat(OPERATORS),
            "(a OR ".repeat(OPERATORS) + "b" + ")".repeat(OPERATORS),
            "NOT (".repeat(OPERATORS) + "a" + ")".repeat(OPERATORS));

    @Test
    void whatSelectsTooDeepIsAnInvalidSelectorToEveryCallThatTakesOne() throws JMSException {
        Connection connection = closeAfterwards(factory.createConnection());
        connection.setClientID("deep");
        Session session = connection.createSession();
        Queue from = session.createQueue(queue);
        Topic topic = session.createTopic(queue);
        for (String selector : SELECTORS) {
            assertInvalid(() -> session.createConsumer(from, selector));
            assertInvalid(() -> session.createBrowser(from, selector));
            assertInvalid(() -> session.createConsumer(topic, selector, true));
            assertInvalid(() -> session.createDurableSubscriber(topic, "s", selector, false));
            assertInvalid(() -> session.createDurableConsumer(topic, "s", selector, true));
            assertInvalid(() -> session.createSharedConsumer(topic, "s", selector));
            assertInvalid(() -> session.createSharedDurableConsumer(topic, "s", selector));
            assertInvalid(() -> connection.createConnectionConsumer(from, selector, () -> null, 1));
            assertInvalid(() -> connection.createSharedDurableConnectionConsumer(topic, "s", selector, () -> null, 1));
        }
        assertThat(number("SELECT count(*) FROM mq_subscriptions")).isZero();
    }

    @Test
    void soItIsToAContext() {
        try (JMSContext context = factory.createContext()) {
            Queue from = context.createQueue(queue);
            Topic topic = context.createTopic(queue);
            for (String selector : SELECTORS) {
                assertThatThrownBy(() -> context.createConsumer(from, selector))
                        .isInstanceOf(InvalidSelectorRuntimeException.class);
                assertThatThrownBy(() -> context.createBrowser(from, selector))
                        .isInstanceOf(InvalidSelectorRuntimeException.class);
                assertThatThrownBy(() -> context.createSharedDurableConsumer(topic, "s", selector))
                        .isInstanceOf(InvalidSelectorRuntimeException.class);
            }
        }
    }

    private interface Call {
        void run() throws JMSException;
    }

    private static void assertInvalid(Call call) {
        assertThatThrownBy(call::run).isInstanceOf(InvalidSelectorException.class);
    }

    /** As deep as 1,000 levels, the body's own object included. */
    @ParameterizedTest
    @CsvSource({"2, true", "999, true", "1000, true", "1001, false", "1500, false", "20000, false"})
    void bodiesAreSelectedToTheSameDepthFromQueuesAndFromTopics(int levels, boolean selected) throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic(queue);
        String selector = "JMS_SQLMQ_JSON$a = 1";
        for (String nested : List.of(
                "[".repeat(levels - 1) + "]".repeat(levels - 1),
                "{\"a\":".repeat(levels - 1) + "2" + "}".repeat(levels - 1))) {
            Message message = session.createTextMessage("{\"a\": 1, \"b\": " + nested + "}");
            try (MessageConsumer queueConsumer = session.createConsumer(session.createQueue(queue), selector);
                    MessageConsumer topicConsumer = session.createConsumer(topic, selector);
                    MessageConsumer durable = session.createSharedDurableConsumer(topic, "deep " + levels, selector);
                    MessageProducer producer = session.createProducer(null)) {
                producer.send(session.createQueue(queue), message);
                producer.send(topic, message);
                Enumeration<?> browsed = session.createBrowser(session.createQueue(queue), selector)
                        .getEnumeration();
                assertThat(browsed.hasMoreElements()).as("browsed").isEqualTo(selected);
                for (MessageConsumer consumer : List.of(queueConsumer, topicConsumer, durable)) {
                    if (selected) {
                        assertThat(text(receive(consumer))).contains(nested);
                    } else {
                        assertThat(consumer.receiveNoWait()).isNull();
                    }
                }
            }
            session.unsubscribe("deep " + levels);
            assertThat(drain(factory, queue)).as("what nobody has selected").hasSize(selected ? 0 : 1);
        }
    }

    /** SQL may write what JMS cannot, and whatever jsonb holds is a property. */
    @ParameterizedTest
    @ValueSource(ints = {2, 499, 500, 1_500, 4_000})
    void propertiesOfAnyDepthAreSelectedAndReceived(int levels) throws JMSException {
        String nested = "[".repeat(levels) + "]".repeat(levels);
        sql("SELECT mq_send('" + queue + "', 'deep', '{\"a\": 1, \"b\": " + nested + "}')");
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Queue from = session.createQueue(queue);
        assertThat(session.createBrowser(from, "a = 1").getEnumeration().hasMoreElements())
                .isTrue();
        Message received = receive(session.createConsumer(from, "a = 1 AND b IS NOT NULL"));
        assertThat(text(received)).isEqualTo("deep");
        assertThat(received.getStringProperty("b")).isEqualTo(nested);
    }
}
