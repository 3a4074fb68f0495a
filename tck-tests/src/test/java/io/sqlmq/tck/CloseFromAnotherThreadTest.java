package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Consumers, sessions and connections that another thread closes or stops while they receive: close is the one call for
 * which this is allowed (§2.14). It ends receives that wait and waits for listeners that run: §6.1.5, §6.1.8, §6.2.15, §8.8.
 */
class CloseFromAnotherThreadTest extends ConformanceTest {

    /** What is closed; each ends the receiving. */
    enum Closed {
        CONSUMER,
        SESSION,
        CONNECTION
    }

    /** A consumer and what it belongs to, on a connection of its own. */
    private final class Receiving {
        final Connection own = connect();
        final Session session;
        final MessageConsumer consumer;

        Receiving(int mode) throws JMSException {
            session = own.createSession(mode);
            consumer = session.createConsumer(queue);
        }

        void close(Closed what) throws JMSException {
            switch (what) {
                case CONSUMER -> consumer.close();
                case SESSION -> session.close();
                case CONNECTION -> own.close();
            }
        }
    }

    /** A listener that stays in its first message until it is told to leave. */
    private static final class Staying {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch leave = new CountDownLatch(1);
        final List<String> seen = Collections.synchronizedList(new ArrayList<>());

        void onMessage(Message message, Async.Action last) {
            entered.countDown();
            Async.unchecked(() -> {
                assertThat(leave.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
                last.run();
                return seen.add(text(message));
            });
        }

        void awaitEntered() throws InterruptedException {
            assertThat(entered.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    static Stream<Arguments> closedInEveryMode() {
        return Stream.of(Closed.values())
                .flatMap(what -> Stream.of(
                                Session.AUTO_ACKNOWLEDGE,
                                Session.CLIENT_ACKNOWLEDGE,
                                Session.DUPS_OK_ACKNOWLEDGE,
                                Session.SESSION_TRANSACTED)
                        .map(mode -> Arguments.of(what, mode)));
    }

    @ParameterizedTest
    @MethodSource("closedInEveryMode")
    void aBlockedReceiveReturnsNull(Closed what, int mode) throws Exception { // §6.1.8, §6.2.15, §8.8
        Receiving receiving = new Receiving(mode);
        CompletableFuture<Message> received = Async.call(receiving.consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        receiving.close(what);
        assertThat(Async.get(received)).isNull();
        assertThatThrownBy(receiving.consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aReceiveThatWaitsForSomeTimeReturnsNull(Closed what) throws Exception {
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Message> received = Async.call(() -> receiving.consumer.receive(60_000));
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        receiving.close(what);
        assertThat(Async.get(received)).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aReceiveThatWaitsForTheStartReturnsNull(Closed what) throws Exception { // §6.1.5
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        receiving.own.stop();
        send("m");
        CompletableFuture<Message> received = Async.call(receiving.consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        receiving.close(what);
        assertThat(Async.get(received)).isNull();
        assertQueueHolds("m");
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void whatWasReceivedBeforeABlockedReceiveComesBack(int mode) throws Exception { // §6.2.15
        send("m");
        Receiving receiving = new Receiving(mode);
        assertThat(text(receive(receiving.consumer))).isEqualTo("m");
        CompletableFuture<Message> received = Async.call(receiving.consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        receiving.session.close();
        assertThat(Async.get(received)).isNull();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            Message again = receive(consumer);
            assertThat(text(again)).isEqualTo("m");
            assertThat(again.getJMSRedelivered()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("closedInEveryMode")
    void closeWaitsForTheListener(Closed what, int mode) throws Exception { // §6.1.8, §6.2.15, §8.8
        Receiving receiving = new Receiving(mode);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a");
        staying.awaitEntered();
        CompletableFuture<Boolean> closed = Async.run(() -> receiving.close(what));
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(closed);
        assertThat(staying.seen).as("when close has returned").containsExactly("a");
        send("b");
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(() -> staying.seen.size() == 1);
    }

    @ParameterizedTest
    @EnumSource
    void whatAListenerHasSeenIsAcknowledgedWhenCloseReturns(Closed what) throws Exception { // §6.2.10
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a", "b");
        staying.awaitEntered();
        CompletableFuture<Boolean> closed = Async.run(() -> receiving.close(what));
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(closed);
        assertQueueHolds("b");
    }

    @ParameterizedTest
    @EnumSource
    void aTransactedListenerFinishesItsWorkWhileItIsClosed(Closed what) throws Exception { // §6.1.8
        Receiving receiving = new Receiving(Session.SESSION_TRANSACTED);
        Queue replies = session.createQueue(uniqueName());
        MessageProducer producer = receiving.session.createProducer(replies);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, () -> {
            producer.send(receiving.session.createTextMessage("reply to " + text(message)));
            receiving.session.commit();
        }));
        send("a");
        staying.awaitEntered();
        CompletableFuture<Boolean> closed = Async.run(() -> receiving.close(what));
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(closed);
        assertQueueHolds();
        try (MessageConsumer consumer = session.createConsumer(replies)) {
            assertThat(texts(consumer, 1)).containsExactly("reply to a");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListenerAcknowledgesWhileItIsClosed(Closed what) throws Exception { // §6.1.8
        Receiving receiving = new Receiving(Session.CLIENT_ACKNOWLEDGE);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, message::acknowledge));
        send("a");
        staying.awaitEntered();
        CompletableFuture<Boolean> closed = Async.run(() -> receiving.close(what));
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(closed);
        assertQueueHolds();
    }

    @Test
    void aListenerThatWaitsInAReceiveOfItsConnectionIsReleased() throws Exception { // §6.1.8
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer other =
                receiving.own.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(session.createQueue(uniqueName()));
        CompletableFuture<Boolean> entered = new CompletableFuture<>();
        CompletableFuture<Boolean> empty = new CompletableFuture<>();
        receiving.consumer.setMessageListener(message -> {
            entered.complete(true);
            empty.complete(Async.unchecked(() -> other.receive() == null));
        });
        send("m");
        Async.get(entered);
        Async.get(Async.run(receiving.own::close));
        assertThat(Async.get(empty)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void closingWhatIsBeingClosedDoesNotFail(Closed what) throws Exception { // §6.1.8, §6.2.15, §8.8
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a");
        staying.awaitEntered();
        List<CompletableFuture<Boolean>> closing = new ArrayList<>();
        for (Closed each : Closed.values()) {
            closing.add(Async.run(() -> receiving.close(what)));
            closing.add(Async.run(() -> receiving.close(each)));
        }
        staying.leave.countDown();
        for (CompletableFuture<Boolean> each : closing) {
            assertThat(Async.get(each)).isTrue();
        }
        assertQueueHolds();
    }

    @Test
    void closingASessionDoesNotWaitForTheListenersOfOthers() throws Exception { // §6.2.6
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        Session other = receiving.own.createSession(Session.AUTO_ACKNOWLEDGE);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a");
        staying.awaitEntered();
        Async.get(Async.run(other::close));
        assertThat(staying.seen).isEmpty();
        staying.leave.countDown();
        await().until(() -> staying.seen.size() == 1);
    }

    @Test
    void manySessionsAreClosedInTheMidstOfTheirMessages() throws Exception { // §6.2.15
        String[] texts = new String[100];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "m" + i;
        }
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Boolean> sending = Async.run(() -> send(texts));
        for (int i = 0; i < 5; i++) {
            Session closing = connect().createSession(Session.AUTO_ACKNOWLEDGE);
            int before = seen.size();
            closing.createConsumer(queue).setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
            await().until(() -> seen.size() > before || sending.isDone());
            Async.get(Async.run(closing::close));
            int after = seen.size();
            assertThat(seen).as("nothing is delivered after close").hasSize(after);
        }
        Async.get(sending);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            seen.addAll(texts(consumer, texts.length - seen.size()));
            assertNothingComes(consumer);
        }
        assertThat(seen).as("each message once, in order").containsExactly(texts);
    }

    @Test
    void stopDoesNotWaitForAReceiveThatWaits() throws Exception { // §6.1.5
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Message> received = Async.call(receiving.consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        Async.get(Async.run(receiving.own::stop));
        send("m");
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        receiving.own.start();
        assertThat(text(Async.get(received))).isEqualTo("m");
    }

    @Test
    void aConnectionMayBeClosedWhileItIsBeingStopped() throws Exception { // §6.1.5, §6.1.8
        Receiving receiving = new Receiving(Session.AUTO_ACKNOWLEDGE);
        Staying staying = new Staying();
        receiving.consumer.setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a");
        staying.awaitEntered();
        CompletableFuture<Boolean> stopped = Async.run(receiving.own::stop);
        assertThat(Async.stillRuns(stopped, NOTHING)).isTrue();
        CompletableFuture<Boolean> closed = Async.run(receiving.own::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(stopped);
        Async.get(closed);
        assertQueueHolds();
    }

    @Test
    void closingAContextWaitsForItsListener() throws Exception { // §6.3.5
        JMSContext context = factory.createContext();
        Staying staying = new Staying();
        context.createConsumer(queue).setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a");
        staying.awaitEntered();
        CompletableFuture<Boolean> closed = Async.run(context::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(closed);
        assertThat(staying.seen).containsExactly("a");
        assertQueueHolds();
    }

    @Test
    void closingAConsumerOfAContextWaitsForItsListener() throws Exception { // javadoc of JMSConsumer.close
        JMSContext context = context();
        JMSConsumer consumer = context.createConsumer(queue);
        Staying staying = new Staying();
        consumer.setMessageListener(message -> staying.onMessage(message, () -> {}));
        send("a");
        staying.awaitEntered();
        CompletableFuture<Boolean> closed = Async.run(consumer::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        staying.leave.countDown();
        Async.get(closed);
        assertThat(staying.seen).containsExactly("a");
        assertQueueHolds();
    }
}
