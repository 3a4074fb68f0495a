package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.Collections;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections: §6.1. */
class ConnectionTest extends ConformanceTest {

    @Test
    void aConnectionIsCreatedStopped() throws JMSException { // §6.1.4
        send("m");
        Connection stopped = closeAfterwards(factory.createConnection());
        MessageConsumer consumer =
                stopped.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        assertNothingComes(consumer);
        assertThat(consumer.receiveNoWait()).isNull();
        stopped.start();
        assertThat(text(receive(consumer))).isEqualTo("m");
    }

    @Test
    void aStoppedConnectionSends() throws JMSException { // §6.1.4
        Connection stopped = closeAfterwards(factory.createConnection());
        Session sending = stopped.createSession(Session.AUTO_ACKNOWLEDGE);
        sending.createProducer(queue).send(sending.createTextMessage("m"));
        assertQueueHolds("m");
    }

    @Test
    void stopPausesDeliveryAndStartResumesIt() throws JMSException { // §6.1.5
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            send("a", "b");
            assertThat(text(receive(consumer))).isEqualTo("a");
            connection.stop();
            assertNothingComes(consumer);
            assertThat(consumer.receiveNoWait()).isNull();
            connection.start();
            assertThat(text(receive(consumer))).isEqualTo("b");
        }
    }

    @Test
    void startAndStopAreIdempotent() throws JMSException {
        connection.start();
        connection.stop();
        connection.stop();
        connection.start();
        send("m");
        assertQueueHolds("m");
    }

    @Test
    void aReceiveThatBlocksOverStopAndStartGetsItsMessage() throws Exception { // §6.1.5
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        CompletableFuture<Message> received = Async.call(consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        connection.stop();
        Session sending = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        sending.createProducer(queue).send(sending.createTextMessage("m"));
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        connection.start();
        assertThat(text(Async.get(received))).isEqualTo("m");
    }

    @Test
    void aTimedReceiveTimesOutOnAStoppedConnection() throws JMSException { // §6.1.5
        connection.stop();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertNothingComes(consumer);
        }
    }

    @Test
    void stopWaitsForARunningListener() throws Exception { // §6.1.5
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        receiving.createConsumer(queue).setMessageListener(message -> {
            entered.countDown();
            Async.unchecked(() -> leave.await(SOON, TimeUnit.MILLISECONDS));
            seen.add("done");
        });
        send("a");
        assertThat(entered.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> stopped = Async.run(connection::stop);
        assertThat(Async.stillRuns(stopped, NOTHING)).isTrue();
        leave.countDown();
        Async.get(stopped);
        assertThat(seen).containsExactly("done");
    }

    @Test
    void nothingIsDeliveredAfterStopHasReturned() throws JMSException { // §6.1.5
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Session receiving = session(Session.AUTO_ACKNOWLEDGE);
        receiving.createConsumer(queue).setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        connection.stop();
        Session sending = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        sending.createProducer(queue).send(sending.createTextMessage("m"));
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(seen::isEmpty);
        connection.start();
        await().untilAsserted(() -> assertThat(seen).containsExactly("m"));
    }

    @Test
    void closeEndsABlockedReceive() throws Exception { // §6.1.8
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        CompletableFuture<Message> received = Async.call(consumer::receive);
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        connection.close();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void closeWaitsForARunningListener() throws Exception { // §6.1.8
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Connection closing = connect();
        Session receiving = closing.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        receiving.createConsumer(queue).setMessageListener(message -> {
            entered.countDown();
            Async.unchecked(() -> leave.await(SOON, TimeUnit.MILLISECONDS));
            seen.add(Async.unchecked(
                    () -> receiving.createTextMessage("still works").getText()));
        });
        send("a");
        assertThat(entered.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> closed = Async.run(closing::close);
        assertThat(Async.stillRuns(closed, NOTHING)).isTrue();
        leave.countDown();
        Async.get(closed);
        assertThat(seen).containsExactly("still works");
        assertQueueHolds();
    }

    @Test
    void closeIsIdempotent() throws JMSException { // §6.1.8
        Connection closing = factory.createConnection();
        closing.close();
        assertThatCode(closing::close).doesNotThrowAnyException();
    }

    @Test
    void closingAConnectionClosesWhatItMade() throws JMSException { // §6.1.8
        Connection closing = connect();
        Session closed = closing.createSession(Session.AUTO_ACKNOWLEDGE);
        var producer = closed.createProducer(queue);
        MessageConsumer consumer = closed.createConsumer(queue);
        var browser = closed.createBrowser(queue);
        closing.close();
        assertThatThrownBy(closed::createMessage).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(producer::getPriority).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        for (AutoCloseable each : new AutoCloseable[] {closed, producer, consumer, browser}) {
            assertThatCode(each::close).doesNotThrowAnyException();
        }
    }

    @Test
    void messagesOutliveTheirConnection() throws JMSException { // §6.1.8
        Connection closing = connect();
        Session closed = closing.createSession(Session.CLIENT_ACKNOWLEDGE);
        send("m");
        Message received = receive(closed.createConsumer(queue));
        closing.close();
        assertThat(text(received)).isEqualTo("m");
        assertThatThrownBy(received::acknowledge).isInstanceOf(IllegalStateException.class);
        assertQueueHolds("m");
    }

    @Test
    void sessionsMayBeCreatedInEveryWay() throws JMSException { // javadoc of createSession
        assertThat(connection.createSession().getAcknowledgeMode()).isEqualTo(Session.AUTO_ACKNOWLEDGE);
        assertThat(connection.createSession().getTransacted()).isFalse();
        for (int mode : new int[] {1, 2, 3}) {
            assertThat(connection.createSession(mode).getAcknowledgeMode()).isEqualTo(mode);
            assertThat(connection.createSession(false, mode).getAcknowledgeMode())
                    .isEqualTo(mode);
            Session transacted = connection.createSession(true, mode);
            assertThat(transacted.getTransacted()).isTrue();
            assertThat(transacted.getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
        }
        assertThat(connection.createSession(Session.SESSION_TRANSACTED).getTransacted())
                .isTrue();
        assertThat(connection.createSession(true, Session.SESSION_TRANSACTED).getTransacted())
                .isTrue();
    }

    @Test
    void illegalSessionModesAreRefused() {
        for (int mode : new int[] {-1, 17}) {
            assertThatThrownBy(() -> connection.createSession(mode)).isInstanceOf(JMSException.class);
        }
    }

    @Test
    void theExceptionListenerIsKept() throws JMSException { // §6.1.7
        assertThat(connection.getExceptionListener()).isNull();
        ExceptionListener listener = exception -> {};
        connection.setExceptionListener(listener);
        assertThat(connection.getExceptionListener()).isSameAs(listener);
        connection.setExceptionListener(null);
        assertThat(connection.getExceptionListener()).isNull();
    }

    @Test
    void metaDataIsComplete() throws JMSException { // §6.1.6
        ConnectionMetaData metaData = connection.getMetaData();
        assertThat(metaData.getJMSVersion()).startsWith("3.1");
        assertThat(metaData.getJMSMajorVersion()).isEqualTo(3);
        assertThat(metaData.getJMSMinorVersion()).isEqualTo(1);
        assertThat(metaData.getJMSProviderName()).isNotBlank();
        assertThat(metaData.getProviderVersion()).isNotBlank();
        assertThat(metaData.getProviderMajorVersion()).isNotNegative();
        assertThat(metaData.getProviderMinorVersion()).isNotNegative();
        assertThat(Collections.list((java.util.Enumeration<?>) metaData.getJMSXPropertyNames()).stream()
                        .map(String::valueOf))
                .contains("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount")
                .allMatch(name -> name.startsWith("JMSX"));
    }
}
