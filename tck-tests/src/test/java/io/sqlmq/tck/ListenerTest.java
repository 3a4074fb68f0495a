package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Message listeners, what they may call and what becomes of their exceptions: §8.6, §8.7, §6.2.5. */
class ListenerTest extends ConformanceTest {

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    private void note(Message message) {
        seen.add(Async.unchecked(() ->
                text(message) + ":" + message.getJMSRedelivered() + ":" + message.getIntProperty("JMSXDeliveryCount")));
    }

    /** Listens on the queue, running the action with the first message, and returns what it threw. */
    private CompletableFuture<Exception> onFirstMessage(Session receiving, Async.Action action) throws JMSException {
        CompletableFuture<Exception> thrown = new CompletableFuture<>();
        receiving.createConsumer(queue).setMessageListener(message -> {
            note(message);
            if (!thrown.isDone()) {
                Exception caught = null;
                try {
                    action.run();
                } catch (Exception e) {
                    caught = e;
                }
                thrown.complete(caught);
            }
        });
        return thrown;
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void anExceptionLeadsToImmediateRedelivery(int mode) throws JMSException { // §8.7
        AtomicInteger failures = new AtomicInteger();
        session(mode).createConsumer(queue).setMessageListener(message -> {
            note(message);
            if (failures.getAndIncrement() < 2) {
                throw new RuntimeException("on purpose");
            }
        });
        send("a", "b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:false:1", "a:true:2", "a:true:3", "b:false:1"));
    }

    @Test
    void anExceptionInAClientAcknowledgeSessionLeadsToTheNextMessage() throws JMSException { // §8.7
        Session receiving = session(Session.CLIENT_ACKNOWLEDGE);
        receiving.createConsumer(queue).setMessageListener(message -> {
            note(message);
            throw new RuntimeException("on purpose");
        });
        send("a", "b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:false:1", "b:false:1"));
    }

    @Test
    void anExceptionInATransactedSessionLeadsToTheNextMessage() throws JMSException { // §8.7
        Session receiving = session(Session.SESSION_TRANSACTED);
        receiving.createConsumer(queue).setMessageListener(message -> {
            note(message);
            if (seen.size() == 1) {
                throw new RuntimeException("on purpose");
            }
            Async.unchecked(() -> {
                receiving.commit();
                return true;
            });
        });
        send("a", "b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:false:1", "b:false:1"));
        assertQueueHolds();
    }

    @Test
    void listenersOfOneSessionRunOneAtATime() throws JMSException { // §6.2.5
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        jakarta.jms.Queue second = session.createQueue(uniqueName());
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (jakarta.jms.Queue each : List.of(queue, second)) {
            receiving.createConsumer(each).setMessageListener(message -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                note(message);
                running.decrementAndGet();
            });
        }
        try (MessageProducer producer = session.createProducer(second)) {
            for (int i = 0; i < 20; i++) {
                send("m");
                producer.send(session.createTextMessage("m"));
            }
        }
        await().untilAsserted(() -> assertThat(seen).hasSize(40));
        assertThat(most).hasValue(1);
    }

    @Test
    void aListenerSendsAndReceivesThroughItsOwnSession() throws JMSException {
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        jakarta.jms.Queue forward = session.createQueue(uniqueName());
        MessageProducer producer = receiving.createProducer(forward);
        receiving
                .createConsumer(queue)
                .setMessageListener(message -> Async.unchecked(() -> {
                    producer.send(receiving.createTextMessage("forwarded " + text(message)));
                    return true;
                }));
        send("a");
        try (MessageConsumer consumer = session.createConsumer(forward)) {
            assertThat(text(receive(consumer))).isEqualTo("forwarded a");
        }
    }

    @Test
    void closingItsOwnSessionIsRefusedOrDone() throws Exception { // javadoc of Session.close
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Exception> thrown = onFirstMessage(receiving, receiving::close);
        send("a");
        Exception exception = Async.get(thrown);
        if (exception != null) {
            assertThat(exception).isInstanceOf(IllegalStateException.class);
        }
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:false:1"));
    }

    @Test
    void stoppingItsOwnConnectionIsRefusedOrDone() throws Exception { // javadoc of Connection.stop
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Exception> thrown = onFirstMessage(receiving, connection::stop);
        send("a");
        Exception exception = Async.get(thrown);
        if (exception != null) {
            assertThat(exception).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void closingItsOwnConnectionIsRefusedOrDone() throws Exception { // javadoc of Connection.close
        jakarta.jms.Connection own = connect();
        CompletableFuture<Exception> thrown = onFirstMessage(own.createSession(Session.AUTO_ACKNOWLEDGE), own::close);
        send("a");
        Exception exception = Async.get(thrown);
        if (exception != null) {
            assertThat(exception).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void closingItsOwnConsumerIsDoneAndTheMessageAcknowledged() throws Exception { // §8.9
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = receiving.createConsumer(queue);
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        consumer.setMessageListener(message -> {
            note(message);
            closed.complete(Async.unchecked(() -> {
                consumer.close();
                return true;
            }));
        });
        send("a", "b");
        assertThat(Async.get(closed)).isTrue();
        assertQueueHolds("b");
        assertThat(seen).containsExactly("a:false:1");
    }

    @Test
    void recoverWithinAListenerRedeliversTheMessage() throws Exception { // §6.2.13
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Exception> thrown = onFirstMessage(receiving, receiving::recover);
        send("a", "b");
        assertThat(Async.get(thrown)).isNull();
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:false:1", "a:true:2", "b:false:1"));
        assertQueueHolds();
    }

    @Test
    void aListenerMayBeReplaced() throws JMSException {
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        connection.stop();
        MessageConsumer consumer = receiving.createConsumer(queue);
        consumer.setMessageListener(message -> seen.add("first"));
        consumer.setMessageListener(message -> seen.add("second"));
        connection.start();
        send("m");
        await().untilAsserted(() -> assertThat(seen).containsExactly("second"));
    }

    @Test
    void closingTheConsumerWaitsForItsListener() throws Exception { // §8.9
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = receiving.createConsumer(queue);
        CompletableFuture<Boolean> entered = new CompletableFuture<>();
        CompletableFuture<Boolean> leave = new CompletableFuture<>();
        consumer.setMessageListener(message -> {
            entered.complete(true);
            Async.unchecked(() -> leave.get(SOON, TimeUnit.MILLISECONDS));
            note(message);
        });
        send("a");
        Async.get(entered);
        CompletableFuture<Boolean> closed = Async.run(consumer::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        leave.complete(true);
        Async.get(closed);
        assertThat(seen).containsExactly("a:false:1");
    }
}
