package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Concurrent processing of a queue's messages by server sessions: §11.2. */
class ConnectionConsumerTest extends ConformanceTest {

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    private MessageListener recorder(Session ignored) {
        return message -> seen.add(Async.unchecked(() -> text(message)));
    }

    private static void nothing(Session ignored) {}

    private ServerSessions pool(int mode, int count, Function<Session, MessageListener> listener) throws JMSException {
        return pool(mode, count, listener, ConnectionConsumerTest::nothing);
    }

    private ServerSessions pool(
            int mode, int count, Function<Session, MessageListener> listener, ServerSessions.AfterRun afterRun)
            throws JMSException {
        return closeAfterwards(new ServerSessions(connection, mode, count, listener, afterRun));
    }

    private ConnectionConsumer consume(ServerSessionPool pool, int maxMessages) throws JMSException {
        return consume(null, pool, maxMessages);
    }

    private ConnectionConsumer consume(String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, selector, pool, maxMessages);
        closeAfterwards(consumer::close);
        return consumer;
    }

    private static String[] numbered(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new);
    }

    @Test
    void messagesReachTheListenersOfServerSessions() throws JMSException { // §11.2.1, §11.2.5
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 2, this::recorder);
        consume(pool, 1);
        send("a", "b", "c");
        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder("a", "b", "c"));
        await().until(pool::isComplete);
        assertQueueHolds();
    }

    @Test
    void messagesThatAreThereBeforeReachThemToo() throws JMSException {
        send("a", "b");
        consume(pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder), 1);
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
    }

    @Test
    void noMoreServerSessionsAreTakenThanThereAreMessages() throws JMSException { // §11.2.5
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 3, this::recorder);
        consume(pool, 1);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a"));
        await().until(pool::isComplete);
        send("b", "c");
        await().untilAsserted(() -> assertThat(seen).hasSize(3));
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(() -> pool.taken() == 3 && pool.isComplete());
    }

    @Test
    void noneIsTakenWhileThereIsNothing() throws JMSException {
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder);
        consume(pool, 1);
        await().during(2 * NOTHING, TimeUnit.MILLISECONDS).until(() -> pool.taken() == 0);
    }

    @Test
    void aBacklogIsLoadedInBatchesOfAtMostMaxMessages() throws JMSException { // §11.2.4
        AtomicInteger inRun = new AtomicInteger();
        Queue<Integer> batches = new ConcurrentLinkedQueue<>();
        send(numbered(25));
        ServerSessions pool = pool(
                Session.SESSION_TRANSACTED,
                1,
                own -> message -> {
                    inRun.incrementAndGet();
                    seen.add(Async.unchecked(() -> text(message)));
                },
                own -> {
                    batches.add(inRun.getAndSet(0));
                    own.commit();
                });
        consume(pool, 10);
        await().untilAsserted(() -> assertThat(seen).containsExactly(numbered(25)));
        await().until(pool::isComplete);
        assertThat(batches).allMatch(size -> size <= 10).contains(10);
        assertThat(batches.stream().mapToInt(Integer::intValue).sum()).isEqualTo(25);
        assertQueueHolds();
    }

    @Test
    void sessionsWorkInParallel() throws JMSException { // §11.2.7
        int count = 4;
        CountDownLatch all = new CountDownLatch(count);
        consume(
                pool(
                        Session.SESSION_TRANSACTED,
                        count,
                        own -> message -> {
                            all.countDown();
                            Async.unchecked(() -> all.await(SOON, TimeUnit.MILLISECONDS));
                            seen.add(Async.unchecked(() -> text(message)));
                        },
                        Session::commit),
                1);
        send(numbered(count));
        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder(numbered(count)));
        assertThat(all.getCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE, 0})
    void everySessionModeWorks(int mode) throws JMSException {
        int count = 40;
        ServerSessions pool = pool(
                mode,
                3,
                own -> message -> Async.unchecked(() -> {
                    message.acknowledge(); // ignored but in CLIENT_ACKNOWLEDGE
                    return seen.add(text(message));
                }),
                own -> {
                    if (own.getTransacted()) {
                        own.commit();
                    }
                });
        consume(pool, 5);
        send(numbered(count));
        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder(numbered(count)));
        await().until(pool::isComplete);
        assertQueueHolds();
    }

    @Test
    void aRolledBackMessageIsRedelivered() throws JMSException { // §6.2.7
        Queue<String> deliveries = new ConcurrentLinkedQueue<>();
        ServerSessions pool = pool(
                Session.SESSION_TRANSACTED,
                1,
                own -> message -> deliveries.add(
                        Async.unchecked(() -> text(message) + message.getIntProperty("JMSXDeliveryCount"))),
                own -> {
                    if (deliveries.size() == 1) {
                        own.rollback();
                    } else {
                        own.commit();
                    }
                });
        consume(pool, 1);
        send("m");
        await().untilAsserted(() -> assertThat(deliveries).containsExactly("m1", "m2"));
        await().until(pool::isComplete);
        assertQueueHolds();
    }

    @Test
    void aMessageWhoseListenerThrowsIsRedelivered() throws JMSException { // §8.7
        Queue<String> deliveries = new ConcurrentLinkedQueue<>();
        consume(
                pool(Session.AUTO_ACKNOWLEDGE, 1, own -> message -> {
                    deliveries.add(Async.unchecked(() -> text(message) + message.getJMSRedelivered()));
                    if (deliveries.size() == 1) {
                        throw new java.lang.IllegalStateException("thrown by a test");
                    }
                }),
                1);
        send("m");
        await().untilAsserted(() -> assertThat(deliveries).containsExactly("mfalse", "mtrue"));
    }

    @Test
    void aListenerSendsByItsSession() throws JMSException { // §11.2.1
        jakarta.jms.Queue answers = session.createQueue(uniqueName());
        consume(
                pool(
                        Session.SESSION_TRANSACTED,
                        2,
                        own -> message -> Async.unchecked(() -> {
                            try (MessageProducer producer = own.createProducer(answers)) {
                                producer.send(own.createTextMessage("re: " + text(message)));
                            }
                            return true;
                        }),
                        Session::commit),
                1);
        send("a");
        try (MessageConsumer consumer = session.createConsumer(answers)) {
            assertThat(text(receive(consumer))).isEqualTo("re: a");
        }
    }

    @Test
    void onlySelectedMessagesAreTaken() throws JMSException { // §3.8
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder);
        consume("colour = 'red'", pool, 10);
        try (MessageProducer producer = session.createProducer(queue)) {
            for (String colour : List.of("blue", "red", "green", "red")) {
                Message message = session.createTextMessage(colour);
                message.setStringProperty("colour", colour);
                producer.send(message);
            }
        }
        await().untilAsserted(() -> assertThat(seen).containsExactly("red", "red"));
        await().until(pool::isComplete);
        assertQueueHolds("blue", "green");
    }

    @Test
    void aStoppedConnectionDeliversNothing() throws Exception { // §6.1.5
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder);
        connection.stop();
        consume(pool, 1);
        send("a");
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(() -> seen.isEmpty() && pool.taken() == 0);
        connection.start();
        await().untilAsserted(() -> assertThat(seen).containsExactly("a"));
        connection.stop();
        send("b");
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(() -> seen.size() == 1);
        connection.start();
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
    }

    @Test
    void stopWaitsForARunningListenerAndKeepsTheRest() throws Exception { // §6.1.5
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        consume(
                pool(Session.AUTO_ACKNOWLEDGE, 1, own -> message -> {
                    entered.countDown();
                    Async.unchecked(() -> leave.await(SOON, TimeUnit.MILLISECONDS));
                    seen.add(Async.unchecked(() -> text(message)));
                }),
                10);
        send("a", "b", "c");
        assertThat(entered.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> stopped = Async.run(connection::stop);
        assertThat(Async.stillRuns(stopped, NOTHING)).isTrue();
        leave.countDown();
        Async.get(stopped);
        assertThat(seen).containsExactly("a");
        Connection other = connect();
        try (Session receiving = other.createSession();
                MessageConsumer consumer = receiving.createConsumer(queue)) {
            assertThat(text(receive(consumer))).isEqualTo("b");
        }
        connection.start();
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "c"));
    }

    @Test
    void closingTheConnectionWaitsForARunningListener() throws Exception { // §6.1.8
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Connection closing = connect();
        ServerSessions pool = closeAfterwards(new ServerSessions(
                closing,
                Session.AUTO_ACKNOWLEDGE,
                1,
                own -> message -> {
                    entered.countDown();
                    Async.unchecked(() -> leave.await(SOON, TimeUnit.MILLISECONDS));
                    seen.add(Async.unchecked(() -> text(message)));
                },
                ConnectionConsumerTest::nothing));
        ConnectionConsumer consumer = closing.createConnectionConsumer(queue, null, pool, 10);
        send("a", "b");
        assertThat(entered.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> closed = Async.run(closing::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        leave.countDown();
        Async.get(closed);
        assertThat(seen).containsExactly("a");
        assertThatThrownBy(consumer::getServerSessionPool).isInstanceOf(IllegalStateException.class);
        assertThatCode(consumer::close).doesNotThrowAnyException();
        assertQueueHolds("b");
    }

    @Test
    void aClosedConsumerTakesNothingMore() throws JMSException {
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder);
        ConnectionConsumer consumer = consume(pool, 1);
        assertThat(consumer.getServerSessionPool()).isSameAs(pool);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a"));
        await().until(pool::isComplete);
        consumer.close();
        consumer.close();
        send("b");
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(() -> pool.taken() == 1);
        assertQueueHolds("b");
    }

    @Test
    void aListenerMayCloseItsConsumer() throws Exception {
        CompletableFuture<ConnectionConsumer> made = new CompletableFuture<>();
        ConnectionConsumer consumer = consume(
                pool(
                        Session.AUTO_ACKNOWLEDGE,
                        2,
                        own -> message -> Async.unchecked(() -> {
                            made.get(SOON, TimeUnit.MILLISECONDS).close();
                            return seen.add(text(message));
                        })),
                1);
        made.complete(consumer);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a"));
        send("b");
        assertThatThrownBy(consumer::getServerSessionPool).isInstanceOf(IllegalStateException.class);
        assertQueueHolds("b");
    }

    @Test
    void eachMessageIsNoticedWhenItComes()
            throws JMSException { // by the time-out of this class, not by looking now and then
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 2, this::recorder);
        consume(pool, 3);
        for (int i = 0; i < 80; i++) {
            String text = Integer.toString(i);
            send(text);
            await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> seen.contains(text));
            await().pollInterval(1, TimeUnit.MILLISECONDS).until(pool::isComplete);
        }
        assertThat(pool.taken()).isEqualTo(80);
    }

    @Test
    void aListenerMustNotStopOrCloseItsConnectionOrSession() throws JMSException { // §6.1.5, §6.1.8, §6.2.15
        consume(
                pool(Session.AUTO_ACKNOWLEDGE, 1, own -> message -> {
                    for (Async.Action each : List.<Async.Action>of(connection::stop, connection::close, own::close)) {
                        try {
                            each.run();
                            seen.add("done");
                        } catch (IllegalStateException e) {
                            seen.add("refused");
                        } catch (Exception e) {
                            seen.add(e.toString());
                        }
                    }
                }),
                1);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("refused", "refused", "refused"));
    }

    @Test
    void aServerSessionThatRunsOnTheCallersThreadWorks() throws JMSException {
        Session own = session(Session.AUTO_ACKNOWLEDGE);
        own.setMessageListener(recorder(own));
        ServerSession direct = new ServerSession() {
            @Override
            public Session getSession() {
                return own;
            }

            @Override
            public void start() {
                own.run();
            }
        };
        consume(() -> direct, 2);
        send(numbered(10));
        await().untilAsserted(() -> assertThat(seen).containsExactly(numbered(10)));
    }

    @Test
    void whatAPoolThrowsReachesTheExceptionListener() throws JMSException { // §6.1.7
        Queue<JMSException> reported = new ConcurrentLinkedQueue<>();
        connection.setExceptionListener(reported::add);
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder);
        JMSException full = new JMSException("no server session", "TEST");
        AtomicInteger calls = new AtomicInteger();
        consume(
                () -> {
                    if (calls.incrementAndGet() == 1) {
                        throw full;
                    }
                    return pool.getServerSession();
                },
                1);
        send("m");
        await().untilAsserted(() -> assertThat(reported).containsExactly(full));
        await().untilAsserted(() -> assertThat(seen).containsExactly("m"));
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void aSessionOfAnotherConnectionIsReported() throws JMSException {
        Queue<JMSException> reported = new ConcurrentLinkedQueue<>();
        connection.setExceptionListener(reported::add);
        Connection other = connect();
        consume(
                closeAfterwards(new ServerSessions(
                        other, Session.AUTO_ACKNOWLEDGE, 1, this::recorder, ConnectionConsumerTest::nothing)),
                1);
        send("m");
        await().untilAsserted(() -> assertThat(reported).isNotEmpty());
        connection.stop();
        assertThat(seen).isEmpty();
    }

    @Test
    void aSessionWithoutListenerIsReportedAndLosesNothing() throws JMSException {
        Queue<JMSException> reported = new ConcurrentLinkedQueue<>();
        connection.setExceptionListener(reported::add);
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, own -> null);
        consume(pool, 1);
        send("m");
        await().untilAsserted(() -> assertThat(reported).hasSize(1));
        pool.session().setMessageListener(recorder(pool.session()));
        await().untilAsserted(() -> assertThat(seen).containsExactly("m"));
    }

    @Test
    void argumentsAreChecked() throws JMSException { // javadoc of createConnectionConsumer
        ServerSessions pool = pool(Session.AUTO_ACKNOWLEDGE, 1, this::recorder);
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, "=", pool, 1))
                .isInstanceOf(jakarta.jms.InvalidSelectorException.class);
        assertThatThrownBy(() -> connection.createConnectionConsumer(null, null, pool, 1))
                .isInstanceOf(jakarta.jms.InvalidDestinationException.class);
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, null, null, 1))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, null, pool, 0))
                .isInstanceOf(JMSException.class);
    }

    @Test
    void aSessionWithAListenerOfItsOwnReceivesInNoOtherWay() throws JMSException { // javadoc of setMessageListener
        Session own = session(Session.AUTO_ACKNOWLEDGE);
        assertThat(own.getMessageListener()).isNull();
        MessageListener listener = recorder(own);
        own.setMessageListener(listener);
        assertThat(own.getMessageListener()).isSameAs(listener);
        MessageConsumer consumer = own.createConsumer(queue);
        assertThatThrownBy(consumer::receive).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.receive(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.setMessageListener(listener)).isInstanceOf(IllegalStateException.class);
        own.createProducer(queue).send(own.createTextMessage("sent")); // sending stays allowed
        own.setMessageListener(null);
        assertThat(own.getMessageListener()).isNull();
        assertThat(text(receive(consumer))).isEqualTo("sent");
        consumer.setMessageListener(listener);
        assertThatThrownBy(() -> own.setMessageListener(listener)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void runWithoutALoadDoesNothing() throws JMSException { // §11.2.1
        send("m");
        Session own = session(Session.AUTO_ACKNOWLEDGE);
        own.run();
        own.setMessageListener(recorder(own));
        own.run();
        own.close();
        own.run();
        assertThat(seen).isEmpty();
        assertQueueHolds("m");
    }
}
