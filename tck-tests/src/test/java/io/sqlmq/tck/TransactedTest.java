package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transacted sessions: §6.2.7. */
class TransactedTest extends ConformanceTest {

    private Session transacted;

    @BeforeEach
    void openTransacted() throws JMSException {
        transacted = session(Session.SESSION_TRANSACTED);
    }

    private void sendTransacted(String... texts) throws JMSException {
        try (MessageProducer producer = transacted.createProducer(queue)) {
            for (String text : texts) {
                producer.send(transacted.createTextMessage(text));
            }
        }
    }

    @Test
    void sendsAreSeenAfterCommit() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            sendTransacted("a", "b");
            assertNothingComes(consumer);
            transacted.commit();
            assertThat(texts(consumer, 2)).containsExactly("a", "b");
        }
    }

    @Test
    void sendsAreGoneAfterRollback() throws JMSException {
        sendTransacted("a");
        transacted.rollback();
        sendTransacted("b");
        transacted.commit();
        assertQueueHolds("b");
    }

    @Test
    void sendsAreGoneAfterClose() throws JMSException {
        sendTransacted("a");
        transacted.close();
        assertQueueHolds();
    }

    @Test
    void aTransactionDoesNotReceiveItsOwnSends() throws JMSException { // §6.2.7
        MessageConsumer consumer = transacted.createConsumer(queue);
        sendTransacted("a");
        assertNothingComes(consumer);
        transacted.commit();
        assertThat(text(receive(consumer))).isEqualTo("a");
        transacted.commit();
    }

    @Test
    void receivesAreFinalAfterCommit() throws JMSException {
        send("a", "b");
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        transacted.commit();
        transacted.close();
        assertQueueHolds();
    }

    @Test
    void rollbackRedeliversInOrder() throws JMSException {
        send("a", "b", "c");
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        transacted.rollback();
        for (String text : List.of("a", "b")) {
            Message again = receive(consumer);
            assertThat(text(again)).isEqualTo(text);
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        }
        Message third = receive(consumer);
        assertThat(text(third)).isEqualTo("c");
        assertThat(third.getJMSRedelivered()).isFalse();
        transacted.commit();
        assertQueueHolds();
    }

    @Test
    void whatWasRolledBackComesBeforeNewerMessages() throws JMSException {
        send("a");
        MessageConsumer consumer = transacted.createConsumer(queue);
        receive(consumer);
        send("b");
        transacted.rollback();
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        transacted.commit();
    }

    @Test
    void anotherSessionMayGetWhatWasRolledBack() throws JMSException {
        send("a");
        MessageConsumer consumer = transacted.createConsumer(queue);
        receive(consumer);
        consumer.close();
        transacted.rollback();
        try (MessageConsumer other = session.createConsumer(queue)) {
            Message again = receive(other);
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        }
    }

    @Test
    void closeRollsBack() throws JMSException { // §6.2.15
        send("a", "b");
        assertThat(texts(transacted.createConsumer(queue), 2)).containsExactly("a", "b");
        sendTransacted("c");
        transacted.close();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            Message again = receive(consumer);
            assertThat(text(again)).isEqualTo("a");
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(text(receive(consumer))).isEqualTo("b");
            assertNothingComes(consumer);
        }
    }

    @Test
    void closingTheConnectionRollsBack() throws JMSException { // §6.1.8
        send("a");
        var closing = connect();
        receive(closing.createSession(Session.SESSION_TRANSACTED).createConsumer(queue));
        closing.close();
        assertQueueHolds("a");
    }

    @Test
    void messagesOfAClosedConsumerBelongToTheTransaction() throws JMSException { // §8.8
        send("a", "b");
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(text(receive(consumer))).isEqualTo("a");
        consumer.close();
        transacted.commit();
        assertQueueHolds("b");
    }

    @Test
    void twoConsumersShareOneTransaction() throws JMSException {
        jakarta.jms.Queue other = session.createQueue(uniqueName());
        send("a");
        try (MessageProducer producer = session.createProducer(other)) {
            producer.send(session.createTextMessage("b"));
        }
        MessageConsumer first = transacted.createConsumer(queue);
        MessageConsumer second = transacted.createConsumer(other);
        receive(first);
        receive(second);
        transacted.rollback();
        assertThat(text(receive(first))).isEqualTo("a");
        assertThat(text(receive(second))).isEqualTo("b");
        transacted.commit();
        assertNothingComes(first);
        assertNothingComes(second);
    }

    @Test
    void whatIsReceivedAndNotCommittedIsHidden() throws JMSException {
        send("a");
        receive(transacted.createConsumer(queue));
        try (MessageConsumer other = session.createConsumer(queue)) {
            assertNothingComes(other);
        }
    }

    @Test
    void receiveAndSendAreOne() throws JMSException {
        jakarta.jms.Queue results = session.createQueue(uniqueName());
        send("a");
        MessageConsumer consumer = transacted.createConsumer(queue);
        MessageProducer producer = transacted.createProducer(results);
        producer.send(transacted.createTextMessage("result of " + text(receive(consumer))));
        transacted.rollback();
        try (MessageConsumer checking = session.createConsumer(results)) {
            assertNothingComes(checking);
            producer.send(transacted.createTextMessage("second result of " + text(receive(consumer))));
            transacted.commit();
            assertThat(text(receive(checking))).isEqualTo("second result of a");
        }
        assertQueueHolds();
    }

    @Test
    void aListenerCommitsAndRollsBack() throws JMSException {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        transacted
                .createConsumer(queue)
                .setMessageListener(message -> Async.unchecked(() -> {
                    seen.add(text(message) + ":" + message.getJMSRedelivered());
                    if (message.getJMSRedelivered()) {
                        transacted.commit();
                    } else {
                        transacted.rollback();
                    }
                    return true;
                }));
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:false", "a:true"));
        transacted.close();
        assertQueueHolds();
    }

    @Test
    void emptyTransactionsEnd() throws JMSException {
        transacted.commit();
        transacted.rollback();
        transacted.commit();
    }

    @Test
    void commitAndRollbackOfOtherSessionsAreRefused() throws JMSException {
        for (int mode : new int[] {1, 2, 3}) {
            Session other = session(mode);
            assertThatThrownBy(other::commit).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(other::rollback).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void manyMessagesInOneTransaction() throws JMSException {
        String[] texts = new String[500];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "m" + i;
        }
        sendTransacted(texts);
        transacted.commit();
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(texts(consumer, texts.length)).containsExactly(texts);
        transacted.rollback();
        assertThat(texts(consumer, texts.length)).containsExactly(texts);
        transacted.commit();
        assertNothingComes(consumer);
    }
}
