package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Receiving by call: §8.1 to 8.5, and the javadoc of MessageConsumer. */
class ConsumerTest extends ConformanceTest {

    @Test
    void receiveNoWaitFindsWhatIsThere() throws JMSException { // §8.5.1
        send("m");
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(text(consumer.receiveNoWait())).isEqualTo("m");
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void receiveNoWaitFindsWhatWasSentWhileItIdled() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            for (int i = 0; i < 20; i++) {
                assertThat(consumer.receiveNoWait()).isNull();
                send("m" + i);
                assertThat(text(consumer.receiveNoWait())).isEqualTo("m" + i);
            }
        }
    }

    @Test
    void receiveWithATimeoutReturnsNullAfterIt() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            long start = System.nanoTime();
            assertThat(consumer.receive(150)).isNull();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(145), Duration.ofSeconds(3));
        }
    }

    @Test
    void receiveReturnsAsSoonAsAMessageComes() throws Exception {
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            CompletableFuture<Message> received = Async.call(() -> consumer.receive(20_000));
            assertThat(received).isNotDone();
            send("m");
            assertThat(text(Async.get(received))).isEqualTo("m");
        }
    }

    @Test
    void receiveWithoutTimeoutWaits() throws Exception {
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            CompletableFuture<Message> received = Async.call(consumer::receive);
            assertThat(Async.stillRuns(received, NOTHING)).isTrue();
            send("m");
            assertThat(text(Async.get(received))).isEqualTo("m");
        }
    }

    @Test
    void aTimeoutOfZeroWaitsWithoutEnd() throws Exception { // javadoc of receive(long)
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            CompletableFuture<Message> received = Async.call(() -> consumer.receive(0));
            assertThat(Async.stillRuns(received, NOTHING)).isTrue();
            send("m");
            assertThat(text(Async.get(received))).isEqualTo("m");
        }
    }

    @Test
    void closingTheConsumerEndsABlockedReceive() throws Exception { // §8.9
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = other.createConsumer(queue);
        CompletableFuture<Message> received = Async.call(consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        consumer.close();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void aListenerGetsMessagesInOrder() throws JMSException {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        consumer.setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        send("a", "b", "c", "d");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b", "c", "d"));
    }

    @Test
    void aListenerGetsWhatWasThereBefore() throws JMSException {
        send("a", "b");
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        consumer.setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
    }

    @Test
    void aConsumerWithAListenerCannotReceive() throws JMSException { // javadoc of setMessageListener
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        consumer.setMessageListener(message -> {});
        assertThatThrownBy(() -> consumer.receive(NOTHING)).isInstanceOf(JMSException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(JMSException.class);
        assertThatThrownBy(consumer::receive).isInstanceOf(JMSException.class);
    }

    @Test
    void gettersTellWhatWasSet() throws JMSException {
        try (MessageConsumer plain = session.createConsumer(queue);
                MessageConsumer selective = session.createConsumer(queue, "a = 1")) {
            assertThat(plain.getMessageSelector()).isNull();
            assertThat(selective.getMessageSelector()).isEqualTo("a = 1");
            assertThat(plain.getMessageListener()).isNull();
        }
        MessageConsumer listening = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        jakarta.jms.MessageListener listener = message -> {};
        listening.setMessageListener(listener);
        assertThat(listening.getMessageListener()).isSameAs(listener);
    }

    @Test
    void anEmptySelectorIsNone() throws JMSException { // §3.8.1.1
        send("m");
        try (MessageConsumer consumer = session.createConsumer(queue, "");
                MessageConsumer unset = session.createConsumer(queue, null)) {
            assertThat(consumer.getMessageSelector()).isNull();
            assertThat(unset.getMessageSelector()).isNull();
            assertThat(text(receive(consumer))).isEqualTo("m");
        }
    }

    @Test
    void noDestinationIsRefused() {
        assertThatThrownBy(() -> session.createConsumer(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createConsumer(null, "a = 1")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void eachMessageGoesToOneConsumer() throws JMSException { // §4.1.2
        send("a", "b", "c", "d");
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        MessageConsumer first = other.createConsumer(queue);
        MessageConsumer second = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        first.setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        second.setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        await().untilAsserted(() -> assertThat(seen).hasSize(4));
        assertThat(seen).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertQueueHolds();
    }

    @Test
    void whatAClosedConsumerDidNotTakeGoesToTheNext() throws JMSException {
        send("a", "b", "c");
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(text(receive(consumer))).isEqualTo("a");
        }
        assertQueueHolds("b", "c");
    }

    @Test
    void twoQueuesInOneSession() throws JMSException {
        jakarta.jms.Queue otherQueue = session.createQueue(uniqueName());
        try (MessageConsumer consumer = session.createConsumer(queue);
                MessageConsumer other = session.createConsumer(otherQueue);
                var producer = session.createProducer(otherQueue)) {
            producer.send(session.createTextMessage("other"));
            send("m");
            assertThat(text(receive(consumer))).isEqualTo("m");
            assertThat(text(receive(other))).isEqualTo("other");
            assertThat(List.of(consumer.receiveNoWait() == null, other.receiveNoWait() == null))
                    .containsOnly(true);
        }
    }

    @Test
    void closeIsIdempotent() throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.close();
        consumer.close();
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
    }
}
