package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.DepthLimit;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.WhenFull;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue holds about as many messages as maxDepth says. */
class QueueDepthTest extends IntegrationTest {

    private SqlmqConnectionFactory failing(int depth) {
        return factory("maxDepth=" + depth, "whenFull=fail");
    }

    private long depth() throws Exception {
        return factory.admin().count(queue);
    }

    private int sendUntilFull(Session session, int deliveryMode) throws Exception {
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(deliveryMode);
        for (int sent = 0; sent < 1_000; sent++) {
            try {
                producer.send(session.createTextMessage("message " + sent));
            } catch (ResourceAllocationException e) {
                assertThat(e).hasMessageContaining(queue).hasMessageContaining("maxDepth");
                return sent;
            }
        }
        throw new AssertionError("never full");
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void aLoneSenderFillsTheQueueExactly(int deliveryMode) throws Exception {
        Session session = session(failing(50), Session.AUTO_ACKNOWLEDGE);
        assertThat(sendUntilFull(session, deliveryMode)).isEqualTo(50);
        drain(factory, queue);
        Async.get(Async.run(() -> {
            while (true) {
                try {
                    sendIn(session, queue, "room again");
                    return;
                } catch (ResourceAllocationException e) {
                    Thread.onSpinWait();
                }
            }
        }));
    }

    @Test
    void delayedAndBackingOffMessagesCount() throws Exception {
        Session session = session(failing(10), Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryDelay(100_000);
        for (int i = 0; i < 4; i++) {
            producer.send(session.createTextMessage("delayed"));
        }
        assertThat(sendUntilFull(session, DeliveryMode.PERSISTENT)).isEqualTo(6);
    }

    @Test
    void aTransactionCountsWhatItHasNotCommitted() throws Exception {
        Session session = session(failing(20), Session.SESSION_TRANSACTED);
        assertThat(sendUntilFull(session, DeliveryMode.PERSISTENT)).isEqualTo(20);
        session.rollback();
        assertThat(sendUntilFull(session, DeliveryMode.PERSISTENT)).isEqualTo(20);
        session.commit();
        assertThat(depth()).isEqualTo(20);
    }

    @Test
    void aSendWaitsForRoom() throws Exception {
        Session session = session(factory("maxDepth=5"), Session.AUTO_ACKNOWLEDGE);
        sendIn(session, queue, "1", "2", "3", "4", "5");
        CompletableFuture<Boolean> blocked = Async.run(() -> sendIn(session, queue, "6"));
        assertThat(Async.stillRuns(blocked, 300)).isTrue();
        assertThat(text(receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue))))
                .isEqualTo("1");
        Async.get(blocked);
        assertThat(depth()).isEqualTo(5);
    }

    @Test
    void aSendWaitsNoLongerThanItsTimeout() throws Exception {
        Session session = session(factory("maxDepth=1", "sendTimeout=200"), Session.AUTO_ACKNOWLEDGE);
        sendIn(session, queue, "1");
        long began = System.nanoTime();
        assertThatThrownBy(() -> sendIn(session, queue, "2"))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("sendTimeout=200");
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(200_000_000);
    }

    @Test
    void closingTheConnectionEndsASendThatWaits() throws Exception {
        Connection connection = connect(factory("maxDepth=1"));
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        sendIn(session, queue, "1");
        CompletableFuture<Boolean> blocked = Async.run(() -> sendIn(session, queue, "2"));
        assertThat(Async.stillRuns(blocked, 100)).isTrue();
        connection.close();
        assertThatThrownBy(() -> Async.get(blocked))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(IllegalStateException.class),
                        e -> assertThat(e)
                                .isInstanceOf(ExecutionException.class)
                                .rootCause()
                                .isInstanceOf(IllegalStateException.class));
    }

    @Test
    void manySendersOfSeveralProcessesExceedTheLimitByLittle() throws Exception {
        List<SqlmqConnectionFactory> processes = List.of(failing(200), failing(200), failing(200));
        AtomicInteger sent = new AtomicInteger();
        List<CompletableFuture<Boolean>> senders = new ArrayList<>();
        for (SqlmqConnectionFactory process : processes) {
            for (int thread = 0; thread < 2; thread++) {
                Session session = session(process, Session.AUTO_ACKNOWLEDGE);
                senders.add(Async.run(() -> sent.addAndGet(sendUntilFull(session, DeliveryMode.PERSISTENT))));
            }
        }
        for (CompletableFuture<Boolean> sender : senders) {
            Async.get(sender);
        }
        assertThat(depth()).isEqualTo(sent.get()).isBetween(200L, 300L);
    }

    @Test
    void theQueueIsNotCountedForEachMessage() throws Exception {
        sql("ALTER SYSTEM SET track_functions = 'all'", "SELECT pg_reload_conf()");
        await().until(() -> value("SHOW track_functions").equals("all"));
        SqlmqConnectionFactory counted = factory("maxDepth=100000");
        Session session = session(counted, Session.AUTO_ACKNOWLEDGE);
        long began = System.nanoTime();
        for (int i = 0; i < 300; i++) {
            sendIn(session, queue, "message");
        }
        long quarters = (System.nanoTime() - began) / 250_000_000 + 1;
        counted.close(); // its connections tell the server's statistics when they end
        await().untilAsserted(() -> assertThat(calls()).isBetween(1L, quarters));
        sql("ALTER SYSTEM RESET track_functions", "SELECT pg_reload_conf()");
    }

    private long calls() {
        return number("SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = 'mq_depth'"
                + " AND pg_stat_clear_snapshot() IS NOT NULL");
    }

    @Test
    void someQueuesHaveLimitsOfTheirOwn() throws Exception {
        SqlmqConnectionFactory some = factory();
        some.getOptions().setDepthLimit(queue + ".>", new DepthLimit(1, WhenFull.FAIL));
        Session session = session(some, Session.AUTO_ACKNOWLEDGE);
        sendIn(session, queue + ".limited", "1");
        assertThatThrownBy(() -> sendIn(session, queue + ".limited", "2"))
                .isInstanceOf(ResourceAllocationException.class);
        sendIn(session, "other-" + queue, "1", "2");
    }
}
