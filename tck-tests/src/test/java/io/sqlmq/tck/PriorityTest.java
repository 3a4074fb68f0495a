package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Priorities: §3.4.10, and the order of messages: §6.2.9. */
class PriorityTest extends ConformanceTest {

    private void sendWithPriority(MessageProducer producer, String text, int priority) throws JMSException {
        producer.send(session.createTextMessage(text), DeliveryMode.PERSISTENT, priority, 0);
    }

    @Test
    void messagesComeInTheOrderOfSending() throws JMSException { // §6.2.9.1
        String[] texts = new String[50];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "m" + i;
        }
        send(texts);
        assertQueueHolds(texts);
    }

    @Test
    void higherPrioritiesComeFirst() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            sendWithPriority(producer, "low", 1);
            sendWithPriority(producer, "high", 8);
            sendWithPriority(producer, "normal", 4);
            sendWithPriority(producer, "highest", 9);
            sendWithPriority(producer, "lowest", 0);
            sendWithPriority(producer, "high again", 8);
        }
        assertQueueHolds("highest", "high", "high again", "normal", "low", "lowest");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void eachPriorityArrives(int priority) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.setPriority(priority);
            assertThat(producer.getPriority()).isEqualTo(priority);
            producer.send(session.createMessage());
            assertThat(receive(consumer).getJMSPriority()).isEqualTo(priority);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void otherPrioritiesAreRefused(int priority) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThatThrownBy(() -> producer.setPriority(priority)).isInstanceOf(JMSException.class);
            assertThat(producer.getPriority()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10})
    void otherPrioritiesAreRefusedBySend(int priority) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThatThrownBy(() -> producer.send(session.createMessage(), DeliveryMode.PERSISTENT, priority, 0))
                    .isInstanceOf(JMSException.class);
        }
        assertQueueHolds();
    }
}
