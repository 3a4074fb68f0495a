package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of messages whose delivery failed: order, delays, policies. */
class RedeliveryTest extends IntegrationTest {

    /** By how much a machine that is busy with other things may be late. */
    private static final long LATE = 2_000;

    /** Receives and rolls back; returns how long the message was away, in milliseconds. */
    private static long rollBackAndReceive(Session session, MessageConsumer consumer) throws Exception {
        long start = System.nanoTime();
        session.rollback();
        receive(consumer);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    @Test
    void rollbackRedeliversAtOnceFirstAndThenLaterAndLater() throws Exception {
        SqlmqConnectionFactory policy = factory("redeliveryDelay=200", "backOffMultiplier=2");
        send("one");
        Session session = session(policy, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        assertThat(rollBackAndReceive(session, consumer)).isLessThan(LATE);
        assertThat(rollBackAndReceive(session, consumer)).isBetween(199L, 200 + LATE);
        assertThat(rollBackAndReceive(session, consumer)).isBetween(399L, 400 + LATE);
        assertThat(rollBackAndReceive(session, consumer)).isBetween(799L, 800 + LATE);
        session.commit();
    }

    @Test
    void delaysAreExactWhenIdle() throws Exception {
        SqlmqConnectionFactory policy = factory("initialRedeliveryDelay=150");
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 5 && best > 165; round++) {
            send("one");
            Session session = session(policy, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = consumer(session, queue);
            receive(consumer);
            long away = rollBackAndReceive(session, consumer);
            session.commit();
            assertThat(away).isGreaterThanOrEqualTo(149);
            best = Math.min(best, away);
        }
        assertThat(best)
                .as("the best of some rounds, as the machine may be busy")
                .isLessThan(200);
    }

    @Test
    void othersFlowWhileAMessageBacksOff() throws Exception {
        SqlmqConnectionFactory policy = factory("initialRedeliveryDelay=500");
        send("one", "two", "three");
        Session session = session(policy, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        assertThat(text(receive(consumer))).isEqualTo("one");
        session.rollback();
        assertThat(text(receive(consumer))).isEqualTo("two");
        assertThat(text(receive(consumer))).isEqualTo("three");
        session.commit();
        assertThat(text(receive(consumer))).isEqualTo("one");
        session.commit();
    }

    @Test
    void othersWaitForAMessageThatBacksOffIfThePolicySaysSo() throws Exception {
        SqlmqConnectionFactory policy = factory("initialRedeliveryDelay=500", "nonBlockingRedelivery=false");
        send("one", "two", "three");
        Session session = session(policy, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        assertThat(text(receive(consumer))).isEqualTo("one");
        session.rollback();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            order.add(text(receive(consumer)));
        }
        session.commit();
        assertThat(order).containsExactly("one", "two", "three");
    }

    @Test
    void whatIsRolledBackWithoutDelayKeepsItsPlace() throws Exception { // §6.2.7: as by recover
        SqlmqConnectionFactory policy = factory("redeliveryDelay=0");
        send("one", "two", "three");
        Session session = session(policy, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        List<String> order = new ArrayList<>();
        for (int received : new int[] {3, 1, 2, 3}) {
            for (int i = 0; i < received; i++) {
                order.add(text(receive(consumer)));
            }
            session.rollback();
        }
        assertThat(order).containsExactly("one", "two", "three", "one", "one", "two", "one", "two", "three");
    }

    @Test
    void whatIsRolledBackTogetherKeepsItsOrder() throws Exception {
        SqlmqConnectionFactory policy = factory("initialRedeliveryDelay=100");
        send("one", "two", "three", "four");
        Session session = session(policy, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        receive(consumer);
        receive(consumer);
        session.rollback();
        assertThat(text(receive(consumer))).isEqualTo("four");
        session.commit();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Message message = receive(consumer);
            assertThat(message.getJMSRedelivered()).isTrue();
            assertThat(deliveryCount(message)).isEqualTo(2);
            order.add(text(message));
        }
        session.commit();
        assertThat(order).containsExactly("one", "two", "three");
    }

    @Test
    void aListenersExceptionRedeliversAtOnceAndThenDeadLetters() throws Exception {
        SqlmqConnectionFactory policy = factory("maximumRedeliveries=2", "deadLetterQueue=" + queue + "-dead");
        Queue<Integer> counts = new ConcurrentLinkedQueue<>();
        Queue<String> others = new ConcurrentLinkedQueue<>();
        send("bad", "good");
        consumer(session(policy, Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
            String text = Async.unchecked(() -> text(message));
            if (text.equals("bad")) {
                counts.add(Async.unchecked(() -> deliveryCount(message)));
                throw new IllegalArgumentException("cannot work with " + text);
            }
            others.add(text);
        });
        await().untilAsserted(() -> assertThat(others).containsExactly("good"));
        await().until(() -> factory.admin().count(queue + "-dead") == 1);
        assertThat(counts).containsExactly(1, 2, 3);
        assertThat(value("SELECT origin || '|' || attempts || '|' || error FROM mq_dead_letters WHERE queue = '" + queue
                        + "-dead'"))
                .isEqualTo(queue + "|3|java.lang.IllegalArgumentException: cannot work with bad");
    }

    @Test
    void aMessageMayCarryAPolicyOfItsOwn() throws Exception {
        SqlmqConnectionFactory policy = factory("deadLetterQueue=" + queue + "-dead");
        Session sender = session(policy, Session.AUTO_ACKNOWLEDGE);
        Message message = sender.createTextMessage("once only");
        message.setStringProperty(RedeliveryPolicy.PROPERTY, "maximumRedeliveries=0");
        sender.createProducer(sender.createQueue(queue)).send(message);
        Session session = session(policy, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        session.rollback();
        assertNothingComes(consumer);
        assertThat(drain(factory, queue + "-dead")).containsExactly("once only");
    }

    @Test
    void aDestinationMayHaveAPolicyOfItsOwn() throws Exception {
        SqlmqConnectionFactory policy = factory("deadLetterQueue=" + queue + "-dead");
        policy.getOptions()
                .setRedeliveryPolicy(
                        queue + ".*",
                        RedeliveryPolicy.builder().maximumRedeliveries(0).build());
        for (String name : List.of(queue + ".strict", queue + "-lenient")) {
            send(policy, name, name);
            Session session = session(policy, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = consumer(session, name);
            receive(consumer);
            session.rollback();
        }
        assertThat(drain(factory, queue + "-dead")).containsExactly(queue + ".strict");
        assertThat(drain(factory, queue + "-lenient")).containsExactly(queue + "-lenient");
    }

    @Test
    void anOrderlyCloseCountsAsADeliveryAndNeverTowardsTheDeadLetterQueue() throws Exception {
        SqlmqConnectionFactory policy = factory("maximumRedeliveries=1", "deadLetterQueue=" + queue + "-dead");
        send("one");
        for (int delivery = 1; delivery <= 4; delivery++) {
            Session session = session(policy, Session.SESSION_TRANSACTED);
            assertThat(deliveryCount(receive(consumer(session, queue)))).isEqualTo(delivery);
            session.close();
        }
        assertThat(factory.admin().count(queue + "-dead")).isZero();
        assertThat(drain(factory, queue)).containsExactly("one");
    }
}
