package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Session.recover while other things go on: §6.2.10, §6.2.13. */
class RecoverTest extends ConformanceTest {

    private static String described(Message message) throws JMSException {
        return text(message) + (message.getJMSRedelivered() ? " again" : "");
    }

    private static List<String> described(MessageConsumer consumer, int count) throws JMSException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(described(receive(consumer)));
        }
        return all;
    }

    @Test
    void recoverCoversAllConsumersOfTheSession() throws JMSException {
        Queue second = session.createQueue(uniqueName());
        send("a", "b");
        try (MessageProducer producer = session.createProducer(second)) {
            producer.send(session.createTextMessage("c"));
        }
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer first = client.createConsumer(queue);
        MessageConsumer other = client.createConsumer(second);
        assertThat(described(first, 1)).containsExactly("a");
        assertThat(described(other, 1)).containsExactly("c");
        client.recover();
        assertThat(described(first, 2)).containsExactly("a again", "b");
        assertThat(described(other, 1)).containsExactly("c again");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void recoverBeginsWithTheOldestUnacknowledgedMessageEachTime(int seen) throws JMSException { // javadoc of recover
        send("a", "b", "c");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(described(consumer, 3)).containsExactly("a", "b", "c");
        client.recover();
        assertThat(described(consumer, seen))
                .containsExactlyElementsOf(
                        List.of("a again", "b again", "c again").subList(0, seen));
        client.recover();
        assertThat(described(consumer, 3)).containsExactly("a again", "b again", "c again");
    }

    @Test
    void recoverGivesBackWhatAClosedConsumerReceived() throws JMSException { // §8.8
        send("a");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(described(consumer, 1)).containsExactly("a");
        consumer.close();
        client.recover();
        assertThat(described(client.createConsumer(queue), 1)).containsExactly("a again");
    }

    @Test
    void recoverOfOneSessionLeavesTheOthers() throws JMSException { // §6.2.13
        Queue second = session.createQueue(uniqueName());
        send("a");
        try (MessageProducer producer = session.createProducer(second)) {
            producer.send(session.createTextMessage("b"));
        }
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        Session other = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(described(consumer, 1)).containsExactly("a");
        MessageConsumer others = other.createConsumer(second);
        Message held = receive(others);
        client.recover();
        assertThat(described(consumer, 1)).containsExactly("a again");
        assertNothingComes(others);
        held.acknowledge();
        other.close();
        try (MessageConsumer successor = session.createConsumer(second)) {
            assertNothingComes(successor);
        }
    }

    @Test
    void recoverWhileTheConnectionIsStoppedRedeliversAfterTheStart() throws Exception { // §6.1.5
        send("a");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(described(consumer, 1)).containsExactly("a");
        connection.stop();
        client.recover();
        assertThat(consumer.receive(NOTHING)).isNull();
        connection.start();
        assertThat(described(consumer, 1)).containsExactly("a again");
    }

    @Test
    void whatIsSentMeanwhileComesAfterWhatIsRecovered() throws JMSException { // §6.2.9
        send("a", "b");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(described(consumer, 2)).containsExactly("a", "b");
        send("c");
        client.recover();
        assertThat(described(consumer, 3)).containsExactly("a again", "b again", "c");
    }

    @Test
    void aMessageOfBeforeRecoverAcknowledgesWhatCameSince() throws JMSException { // §6.2.10
        send("a", "b");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        receive(consumer);
        client.recover();
        Message again = receive(consumer);
        assertThat(described(again)).isEqualTo("a again");
        again.acknowledge();
        client.close();
        assertQueueHolds("b");
    }

    @Test
    void recoverWithinAClientListenerRedeliversAllThatIsNotAcknowledged() throws JMSException { // §6.2.13
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        send("a", "b", "c");
        client.createConsumer(queue)
                .setMessageListener(message -> Async.unchecked(() -> {
                    seen.add(described(message));
                    if (seen.size() == 2) {
                        client.recover();
                    } else if (text(message).equals("c")) {
                        message.acknowledge();
                    }
                    return true;
                }));
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b", "a again", "b again", "c"));
        assertQueueHolds();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void anotherListenerOfTheSessionGoesOn(int mode) throws JMSException { // §6.2.13
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Queue second = session.createQueue(uniqueName());
        Session receiving = session(mode);
        receiving.createConsumer(second).setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        CompletableFuture<Boolean> recovered = new CompletableFuture<>();
        receiving
                .createConsumer(queue)
                .setMessageListener(message -> Async.unchecked(() -> {
                    if (recovered.complete(true)) {
                        receiving.recover();
                    }
                    return seen.add(described(message));
                }));
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "a again"));
        try (MessageProducer producer = session.createProducer(second)) {
            producer.send(session.createTextMessage("b"));
        }
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "a again", "b"));
        assertQueueHolds();
    }

    @Test
    void listenersOfOtherSessionsGoOnWhileOneRecovers() throws Exception { // §6.2.6
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Queue second = session.createQueue(uniqueName());
        session(Session.AUTO_ACKNOWLEDGE)
                .createConsumer(second)
                .setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        send("a");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        try (MessageProducer producer = session.createProducer(second)) {
            for (int i = 0; i < 5; i++) {
                producer.send(session.createTextMessage("m" + i));
                assertThat(text(receive(consumer))).isEqualTo("a");
                client.recover();
            }
        }
        await().untilAsserted(() -> assertThat(seen).hasSize(5));
        receive(consumer).acknowledge();
        client.close();
        assertQueueHolds();
    }

    @Test
    void recoverDoesNotTouchWhatTheSessionSends() throws Exception { // §6.2.13 speaks of received messages only
        send("a");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        receive(consumer);
        CompletableFuture<Boolean> completed = new CompletableFuture<>();
        Queue second = session.createQueue(uniqueName());
        client.createProducer(second).send(client.createTextMessage("b"), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.complete(true);
            }

            @Override
            public void onException(Message message, Exception exception) {
                completed.completeExceptionally(exception);
            }
        });
        client.recover();
        assertThat(described(consumer, 1)).containsExactly("a again");
        assertThat(Async.get(completed)).isTrue();
        try (MessageConsumer others = session.createConsumer(second)) {
            assertThat(described(others, 1)).containsExactly("b");
        }
    }

    @Test
    void recoverOfATransactedContextIsRefused() { // javadoc of JMSContext.recover
        JMSContext context = context(JMSContext.SESSION_TRANSACTED);
        assertThatThrownBy(context::recover).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Test
    void recoverWithinAListenerOfAContextRedelivers() { // javadoc of JMSContext.recover
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        JMSContext context = context();
        context.createConsumer(queue).setMessageListener(message -> {
            seen.add(Async.unchecked(() -> described(message)));
            if (seen.size() == 1) {
                context.recover();
            }
        });
        context.createContext(JMSContext.AUTO_ACKNOWLEDGE).createProducer().send(queue, "a");
        await().during(NOTHING, TimeUnit.MILLISECONDS)
                .atMost(SOON, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> assertThat(seen).containsExactly("a", "a again"));
    }
}
