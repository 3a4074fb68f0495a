package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sessions: §6.2. */
class SessionTest extends ConformanceTest {

    @Test
    void destinationsAreNamedNotMade() throws JMSException { // §6.2.3
        assertThat(session.createQueue("a/b c").getQueueName()).isEqualTo("a/b c");
        Topic topic = session.createTopic("t");
        assertThat(topic.getTopicName()).isEqualTo("t");
        assertThat(session.createQueue("a"))
                .hasToString(session.createQueue("a").toString());
    }

    @Test
    void queuesOfOneNameAreEqual() throws JMSException {
        assertThat(session.createQueue("a"))
                .isEqualTo(session.createQueue("a"))
                .hasSameHashCodeAs(session.createQueue("a"))
                .isNotEqualTo(session.createQueue("b"));
    }

    @Test
    void queueNamesAreTakenAsTheyAre() throws JMSException {
        for (String suffix : new String[] {" with space", "/Slash", "'quote", "\"", "\u00e4\u20ac", "x".repeat(150)}) {
            Queue odd = session.createQueue(uniqueName() + suffix);
            session.createProducer(odd).send(session.createTextMessage(suffix));
            MessageConsumer consumer = session.createConsumer(session.createQueue(odd.getQueueName()));
            Message received = receive(consumer);
            assertThat(text(received)).isEqualTo(suffix);
            assertThat(((Queue) received.getJMSDestination()).getQueueName()).isEqualTo(odd.getQueueName());
            consumer.close();
        }
    }

    @Test
    void queueNamesDifferInCase() throws JMSException {
        send("lower");
        Queue upper = session.createQueue(queue.getQueueName().toUpperCase(java.util.Locale.ROOT));
        try (MessageConsumer consumer = session.createConsumer(upper)) {
            assertNothingComes(consumer);
        }
    }

    @Test
    void messagesOfOneSessionAreSentByAnother() throws JMSException { // §6.2.3
        Session other = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        other.createProducer(queue).send(session.createTextMessage("m"));
        assertQueueHolds("m");
    }

    @Test
    void sessionsOfOneConnectionListenInParallel() throws JMSException { // §6.2.6
        Set<String> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch both = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue).setMessageListener(message -> {
                threads.add(Thread.currentThread().getName());
                both.countDown();
                Async.unchecked(() -> both.await(SOON, TimeUnit.MILLISECONDS));
            });
        }
        send("a", "b");
        await().untilAsserted(() -> assertThat(both.getCount()).isZero());
        assertThat(threads).hasSize(2);
    }

    @Test
    void closeEndsABlockedReceive() throws Exception { // §6.2.15
        Session closing = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = closing.createConsumer(queue);
        CompletableFuture<Message> received = Async.call(consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        closing.close();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void closeWaitsForARunningListener() throws Exception { // §6.2.15
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Session closing = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        closing.createConsumer(queue).setMessageListener(message -> {
            entered.countDown();
            Async.unchecked(() -> leave.await(SOON, TimeUnit.MILLISECONDS));
        });
        send("a");
        assertThat(entered.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> closed = Async.run(closing::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        leave.countDown();
        Async.get(closed);
        assertQueueHolds();
    }

    @Test
    void closeIsIdempotent() throws JMSException { // §6.2.15
        Session closing = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        closing.close();
        assertThatCode(closing::close).doesNotThrowAnyException();
    }

    @Test
    void closingASessionClosesWhatItMade() throws JMSException { // §6.2.15
        Session closing = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        var producer = closing.createProducer(queue);
        MessageConsumer consumer = closing.createConsumer(queue);
        closing.close();
        assertThatThrownBy(() -> producer.send(session.createMessage())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        assertThatCode(producer::close).doesNotThrowAnyException();
        assertThatCode(consumer::close).doesNotThrowAnyException();
    }

    @Test
    void messagesOutliveTheirSession() throws JMSException { // §6.2.15
        Session closing = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Message created = closing.createTextMessage("created");
        send("received");
        Message received = receive(closing.createConsumer(queue));
        closing.close();
        assertThat(text(received)).isEqualTo("received");
        assertThat(text(exchange(created))).isEqualTo("created");
        assertThat(text(exchange(received))).isEqualTo("received");
    }

    @Test
    void closingOneSessionLeavesTheOthers() throws JMSException {
        connection.createSession(Session.AUTO_ACKNOWLEDGE).close();
        send("m");
        assertQueueHolds("m");
    }

    @Test
    void manyObjectsMayBeMadeAndClosed() throws JMSException {
        for (int i = 0; i < 200; i++) {
            try (Session each = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                    MessageConsumer consumer = each.createConsumer(queue)) {
                assertThat(consumer.getMessageSelector()).isNull();
            }
        }
        send("m");
        assertQueueHolds("m");
    }

    @Test
    void concurrentProducersLoseNothing() throws Exception {
        int each = 50;
        var sending = java.util.stream.IntStream.range(0, 4)
                .mapToObj(n -> Async.run(() -> {
                    Session own = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                    var producer = own.createProducer(queue);
                    for (int i = 0; i < each; i++) {
                        producer.send(own.createTextMessage(n + "-" + i));
                    }
                    own.close();
                }))
                .toList();
        for (CompletableFuture<Boolean> one : sending) {
            Async.get(one);
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            var received = texts(consumer, 4 * each);
            assertThat(received).doesNotHaveDuplicates().hasSize(4 * each);
            for (int n = 0; n < 4; n++) {
                String prefix = n + "-";
                assertThat(received.stream().filter(text -> text.startsWith(prefix)))
                        .as("order within one producer")
                        .containsExactlyElementsOf(
                                Collections.unmodifiableList(java.util.stream.IntStream.range(0, each)
                                        .mapToObj(i -> prefix + i)
                                        .toList()));
            }
        }
    }
}
