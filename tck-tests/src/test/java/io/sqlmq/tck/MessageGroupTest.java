package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** JMSXGroupID and JMSXGroupSeq (§3.5.9), and the order of messages (§6.2.9) with them. */
class MessageGroupTest extends ConformanceTest {

    private TextMessage message(String group, String text) throws JMSException {
        TextMessage message = session.createTextMessage(text);
        if (!group.isEmpty()) {
            message.setStringProperty("JMSXGroupID", group);
        }
        return message;
    }

    private void sendInGroup(String group, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (String text : texts) {
                producer.send(message(group, text));
            }
        }
    }

    @Test
    void groupAndSequenceAreCarried() throws JMSException { // §3.5.9
        TextMessage message = message("orders of Ann", "one");
        message.setIntProperty("JMSXGroupSeq", 7);
        Message received = exchange(message);
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("orders of Ann");
        assertThat(received.getIntProperty("JMSXGroupSeq")).isEqualTo(7);
        assertThat(received.propertyExists("JMSXGroupSeq")).isTrue();
    }

    @Test
    void longAndStrangeNamesOfGroupsAreCarried() throws JMSException {
        for (String group : List.of("x".repeat(5_000), "Grüße \uD83D\uDE00", "a'b\"c\\d")) {
            Message received = exchange(message(group, "one"));
            assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo(group);
        }
    }

    @Test
    void theDeliveryModeIsThatOfTheSend() throws JMSException { // §3.4.2
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            for (int mode : new int[] {DeliveryMode.NON_PERSISTENT, DeliveryMode.PERSISTENT}) {
                producer.send(message("a", "one"), mode, 4, 0);
                assertThat(receive(consumer).getJMSDeliveryMode()).isEqualTo(mode);
            }
        }
    }

    @Test
    void aLoneConsumerGetsAllGroupsInTheOrderOfSending() throws JMSException { // §6.2.9
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            String text = "m" + i;
            sent.add(text);
            sendInGroup(List.of("a", "", "b", "c", "d" + i).get(i % 5), text);
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(texts(consumer, 30)).isEqualTo(sent.subList(0, 30));
        }
        try (Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
                MessageConsumer consumer = transacted.createConsumer(queue)) {
            assertThat(texts(consumer, 15)).isEqualTo(sent.subList(30, 45));
            transacted.commit();
            assertThat(texts(consumer, 15)).isEqualTo(sent.subList(45, 60));
            transacted.commit();
        }
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            consumer.setMessageListener(message -> heard.add(Async.unchecked(() -> text(message))));
            await().atMost(Duration.ofMillis(SOON)).until(() -> heard.size() == 30);
        }
        assertThat(heard).containsExactlyElementsOf(sent.subList(60, 90));
    }

    @Test
    void priorityComesFirstWithinAGroupToo() throws JMSException { // §3.4.10
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(message("a", "normal"), DeliveryMode.PERSISTENT, 4, 0);
            producer.send(message("a", "high"), DeliveryMode.PERSISTENT, 9, 0);
            producer.send(message("a", "normal again"), DeliveryMode.PERSISTENT, 4, 0);
        }
        assertQueueHolds("high", "normal", "normal again");
    }

    @Test
    void aGroupIsWorkedOnByOneConsumerAtATimeAndInOrder() throws JMSException {
        AtomicInteger working = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 3; i++) {
            session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue).setMessageListener(message -> {
                most.accumulateAndGet(working.incrementAndGet(), Math::max);
                heard.add(Async.unchecked(() -> text(message)));
                working.decrementAndGet();
            });
        }
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add("m" + i);
        }
        sendInGroup("a", sent.toArray(String[]::new));
        await().atMost(Duration.ofMillis(SOON)).until(() -> heard.size() == sent.size());
        assertThat(heard).containsExactlyElementsOf(sent);
        assertThat(most).hasValue(1);
    }

    @Test
    void aRollbackRedeliversAGroupInOrder() throws JMSException { // §6.2.9
        sendInGroup("a", "one", "two", "three");
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(texts(consumer, 2)).containsExactly("one", "two");
        transacted.rollback();
        assertThat(texts(consumer, 3)).containsExactly("one", "two", "three");
        transacted.commit();
        assertNothingComes(consumer);
    }

    @Test
    void recoverRedeliversAGroupInOrder() throws JMSException { // §6.2.11
        sendInGroup("a", "one", "two", "three");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(texts(consumer, 2)).containsExactly("one", "two");
        client.recover();
        assertThat(texts(consumer, 2)).containsExactly("one", "two");
        Message third = receive(consumer);
        assertThat(text(third)).isEqualTo("three");
        third.acknowledge();
        assertNothingComes(consumer);
    }

    @Test
    void aSelectorSeesTheGroup() throws JMSException { // §3.8.1.1
        sendInGroup("a", "a1", "a2");
        sendInGroup("b", "b1");
        sendInGroup("a", "a3");
        try (MessageConsumer consumer = session.createConsumer(queue, "JMSXGroupID = 'b'")) {
            assertThat(texts(consumer, 1)).containsExactly("b1");
            assertNothingComes(consumer);
        }
        assertQueueHolds("a1", "a2", "a3");
    }

    @Test
    void aSelectiveConsumerGetsWhatItWantsOfAGroupInOrder() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = 0; i < 30; i++) {
                TextMessage message = message("g" + i % 3, "m" + i);
                message.setIntProperty("number", i);
                producer.send(message);
            }
        }
        try (MessageConsumer consumer = session.createConsumer(queue, "number >= 15")) {
            for (int i = 15; i < 30; i++) {
                assertThat(text(receive(consumer))).isEqualTo("m" + i);
            }
            assertNothingComes(consumer);
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(texts(consumer, 15)).startsWith("m0", "m1").endsWith("m14");
        }
    }

    @Test
    void aBrowserSeesGroupsInTheOrderOfDelivery() throws JMSException { // §4.1.6
        sendInGroup("a", "one");
        sendInGroup("", "two");
        sendInGroup("b", "three");
        sendInGroup("a", "four");
        try (QueueBrowser browser = session.createBrowser(queue)) {
            List<String> seen = new ArrayList<>();
            for (Enumeration<?> messages = browser.getEnumeration(); messages.hasMoreElements(); ) {
                seen.add(text((Message) messages.nextElement()));
            }
            assertThat(seen).containsExactly("one", "two", "three", "four");
        }
    }

    @Test
    void subscriptionsGetGroupsInOrder() throws JMSException { // §6.2.9
        Topic topic = session.createTopic(uniqueName());
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(topic);
        MessageConsumer shared = session(Session.AUTO_ACKNOWLEDGE).createSharedConsumer(topic, uniqueName());
        List<String> sent = new ArrayList<>();
        try (MessageProducer producer = session.createProducer(topic)) {
            for (int i = 0; i < 20; i++) {
                sent.add("m" + i);
                TextMessage message = message("g" + i % 2, "m" + i);
                producer.send(message, i % 4 < 2 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT, 4, 0);
            }
        }
        assertThat(texts(consumer, 20)).isEqualTo(sent);
        assertThat(texts(shared, 20)).isEqualTo(sent);
        assertNothingComes(consumer);
    }
}
