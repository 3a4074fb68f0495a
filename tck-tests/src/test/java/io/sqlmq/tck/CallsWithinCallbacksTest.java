package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What message and completion listeners may do with connections, sessions and consumers: §6.1.5, §6.1.8, §6.2.15, §7.3.4. */
class CallsWithinCallbacksTest extends ConformanceTest {

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    /** What the call threw. */
    private static Optional<Exception> thrownBy(Async.Action call) {
        try {
            call.run();
            return Optional.empty();
        } catch (Exception e) {
            return Optional.of(e);
        }
    }

    /** Runs the call in the listener's first message. */
    private CompletableFuture<Optional<Exception>> inListener(MessageConsumer consumer, Async.Action call)
            throws JMSException {
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        consumer.setMessageListener(message -> {
            if (!thrown.isDone()) {
                thrown.complete(thrownBy(call));
            }
            seen.add(Async.unchecked(() -> text(message)));
        });
        return thrown;
    }

    /** Runs the call when a message is sent. */
    private static CompletionListener completion(CompletableFuture<Optional<Exception>> thrown, Async.Action call) {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                thrown.complete(thrownBy(call));
            }

            @Override
            public void onException(Message message, Exception exception) {
                thrown.completeExceptionally(exception);
            }
        };
    }

    /** The javadoc lets a provider choose for what would be a deadlock. */
    private static void assertRefusedOrDone(
            CompletableFuture<Optional<Exception>> thrown, Class<? extends Exception> refusal) throws Exception {
        Async.get(thrown).ifPresent(e -> assertThat(e).isInstanceOf(refusal));
    }

    // ---- message listeners

    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED, Session.DUPS_OK_ACKNOWLEDGE})
    void aListenerMayCloseItsConsumerInEveryMode(int mode) throws Exception { // javadoc of MessageConsumer.close
        Session receiving = session(mode);
        MessageConsumer consumer = receiving.createConsumer(queue);
        CompletableFuture<Optional<Exception>> thrown = inListener(consumer, consumer::close);
        send("a", "b");
        assertThat(Async.get(thrown)).isEmpty();
        await().until(() -> seen.size() == 1);
        receiving.close();
        assertThat(seen).as("nothing comes after close").containsExactly("a");
    }

    @Test
    void whatAListenerGotFromTheConsumerThatItClosedIsCommitted() throws Exception { // §8.8
        Session receiving = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = receiving.createConsumer(queue);
        CompletableFuture<Optional<Exception>> thrown = inListener(consumer, () -> {
            consumer.close();
            receiving.commit();
        });
        send("a", "b");
        assertThat(Async.get(thrown)).isEmpty();
        await().until(() -> seen.size() == 1);
        receiving.close();
        assertQueueHolds("b");
    }

    @Test
    void whatAListenerGotFromTheConsumerThatItClosedIsAcknowledged() throws Exception { // §8.8
        Session receiving = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = receiving.createConsumer(queue);
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        consumer.setMessageListener(message -> thrown.complete(thrownBy(() -> {
            consumer.close();
            message.acknowledge();
        })));
        send("a", "b");
        assertThat(Async.get(thrown)).isEmpty();
        receiving.close();
        assertQueueHolds("b");
    }

    @Test
    void aListenerMayCloseAnotherConsumerOfItsSession() throws Exception { // javadoc of MessageConsumer.close
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        Queue second = session.createQueue(uniqueName());
        MessageConsumer other = receiving.createConsumer(second);
        other.setMessageListener(message -> seen.add("of the closed consumer"));
        CompletableFuture<Optional<Exception>> thrown = inListener(receiving.createConsumer(queue), other::close);
        send("a");
        assertThat(Async.get(thrown)).isEmpty();
        try (MessageProducer producer = session.createProducer(second);
                MessageConsumer successor = session.createConsumer(second)) {
            producer.send(session.createTextMessage("b"));
            assertThat(texts(successor, 1)).containsExactly("b");
        }
        assertThat(seen).containsExactly("a");
    }

    @Test
    void aListenerMayCloseAnotherSession() throws Exception { // javadoc of Session.close
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer waiting = other.createConsumer(session.createQueue(uniqueName()));
        CompletableFuture<Message> received = Async.call(waiting::receive);
        CompletableFuture<Optional<Exception>> thrown =
                inListener(session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue), other::close);
        send("a");
        assertThat(Async.get(thrown)).isEmpty();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void aListenerMayStopAndCloseAnotherConnection() throws Exception { // javadoc of Connection.close
        Connection other = connect();
        MessageConsumer waiting =
                other.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(session.createQueue(uniqueName()));
        CompletableFuture<Message> received = Async.call(waiting::receive);
        CompletableFuture<Optional<Exception>> thrown =
                inListener(session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue), () -> {
                    other.stop();
                    other.close();
                });
        send("a");
        assertThat(Async.get(thrown)).isEmpty();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void aListenerMayStartItsConnection() throws Exception { // javadoc of Connection.start
        CompletableFuture<Optional<Exception>> thrown =
                inListener(session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue), connection::start);
        send("a", "b");
        assertThat(Async.get(thrown)).isEmpty();
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
    }

    @Test
    void aListenerMayHaveItsSessionClosedByAnotherThread() throws Exception { // javadoc of Session.close
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        Executor later = CompletableFuture.delayedExecutor(0, TimeUnit.MILLISECONDS);
        CompletableFuture<Optional<Exception>> thrown = inListener(
                receiving.createConsumer(queue),
                () -> later.execute(
                        () -> closed.complete(thrownBy(receiving::close).isEmpty())));
        send("a");
        assertThat(Async.get(thrown)).isEmpty();
        assertThat(Async.get(closed)).isTrue();
        assertQueueHolds();
    }

    @Test
    void aListenerThatMayNotStopItsConnectionLeavesItStarted() throws Exception { // javadoc of Connection.stop
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Optional<Exception>> thrown = inListener(receiving.createConsumer(queue), connection::stop);
        send("a", "b");
        Optional<Exception> refusal = Async.get(thrown);
        if (refusal.isPresent()) {
            assertThat(refusal.get()).isInstanceOf(IllegalStateException.class);
        } else {
            connection.start();
        }
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
    }

    @Test
    void aListenerThatMayNotCloseItsSessionLeavesItOpen() throws Exception { // javadoc of Session.close
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Optional<Exception>> thrown = inListener(receiving.createConsumer(queue), receiving::close);
        send("a");
        boolean refused = Async.get(thrown).isPresent();
        send("b");
        if (refused) {
            await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
            assertThat(receiving.createTextMessage("open").getText()).isEqualTo("open");
        } else {
            assertQueueHolds("b");
        }
    }

    @Test
    void aListenerOfAContextMayNotStopOrCloseIt() throws Exception { // javadoc of JMSContext.stop and close
        JMSContext context = context();
        CompletableFuture<Optional<Exception>> stopping = new CompletableFuture<>();
        CompletableFuture<Optional<Exception>> closing = new CompletableFuture<>();
        context.createConsumer(queue).setMessageListener(message -> {
            stopping.complete(thrownBy(context::stop));
            closing.complete(thrownBy(context::close));
        });
        send("a");
        assertRefusedOrDone(stopping, IllegalStateRuntimeException.class);
        assertRefusedOrDone(closing, IllegalStateRuntimeException.class);
    }

    @Test
    void aListenerOfAContextMayCloseItsConsumer() throws Exception { // javadoc of JMSConsumer.close
        JMSContext context = context();
        JMSConsumer consumer = context.createConsumer(queue);
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        consumer.setMessageListener(message -> {
            thrown.complete(thrownBy(consumer::close));
            seen.add(Async.unchecked(() -> text(message)));
        });
        send("a");
        assertThat(Async.get(thrown)).isEmpty();
        await().until(() -> seen.size() == 1);
        send("b");
        assertQueueHolds("b");
    }

    @Test
    void aTransactedListenerOfAContextCommits() throws Exception { // §6.3
        JMSContext context = context(JMSContext.SESSION_TRANSACTED);
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        context.createConsumer(queue).setMessageListener(message -> thrown.complete(thrownBy(context::commit)));
        send("a");
        assertThat(Async.get(thrown)).isEmpty();
        assertQueueHolds();
    }

    // ---- completion listeners

    @Test
    void aCompletionListenerMayNotEndTheTransactionOfItsContext() throws Exception { // §7.3.4
        JMSContext context = context(JMSContext.SESSION_TRANSACTED);
        CompletableFuture<Optional<Exception>> committing = new CompletableFuture<>();
        CompletableFuture<Optional<Exception>> rollingBack = new CompletableFuture<>();
        context.createProducer()
                .setAsync(completion(committing, context::commit))
                .send(queue, "a");
        context.createProducer()
                .setAsync(completion(rollingBack, context::rollback))
                .send(queue, "b");
        context.commit();
        assertThat(Async.get(committing)).containsInstanceOf(IllegalStateRuntimeException.class);
        assertThat(Async.get(rollingBack)).containsInstanceOf(IllegalStateRuntimeException.class);
        assertQueueHolds("a", "b");
    }

    @Test
    void aCompletionListenerMayEndTheTransactionOfAnotherSession() throws Exception { // §7.3.4: of its own only
        Session other = session(Session.SESSION_TRANSACTED);
        other.createProducer(queue).send(other.createTextMessage("of the other"));
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        sending.createProducer(session.createQueue(uniqueName()))
                .send(sending.createTextMessage("m"), completion(thrown, () -> {
                    other.commit();
                    other.close();
                }));
        assertThat(Async.get(thrown)).isEmpty();
        assertQueueHolds("of the other");
    }

    @Test
    void aCompletionListenerMayCloseAConsumer() throws Exception { // §7.3.4 names session, connection and producer
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = sending.createConsumer(session.createQueue(uniqueName()));
        CompletableFuture<Message> received = Async.call(consumer::receive);
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        sending.createProducer(queue).send(sending.createTextMessage("m"), completion(thrown, consumer::close));
        assertThat(Async.get(thrown)).isEmpty();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void aRefusalLeavesTheSessionAsItWas() throws Exception { // §7.3.4
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = sending.createProducer(queue);
        CompletableFuture<Optional<Exception>> thrown = new CompletableFuture<>();
        producer.send(sending.createTextMessage("a"), completion(thrown, sending::close));
        assertThat(Async.get(thrown)).containsInstanceOf(IllegalStateException.class);
        producer.send(sending.createTextMessage("b"));
        assertQueueHolds("a", "b");
    }
}
