package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers that die, freeze, or are told to: what they had is delivered to others, and counted. */
@Tag("faults")
class ProcessDeathTest extends IntegrationTest {

    private static final int INDIVIDUAL_ACKNOWLEDGE = 4;

    /** A frozen process is noticed by the server's time-out for idle transactions. */
    private static final Duration FROZEN = Duration.ofSeconds(30);

    private ChildJvm child(String queueName, int mode, String... task) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(url, queueName, Integer.toString(mode)));
        arguments.addAll(List.of(task));
        return closeAfterwards(ChildJvm.start(ReceivingProgram.class, arguments.toArray(String[]::new)));
    }

    private static Message receiveWithin(MessageConsumer consumer, long millis) throws Exception {
        Message message = consumer.receive(millis);
        assertThat(message).as("redelivery within %s ms", millis).isNotNull();
        return message;
    }

    @Test
    void aTransactionOfAKilledProcessIsRedeliveredAtOnce() throws Exception {
        send("one", "two", "three");
        ChildJvm child = child(queue, Session.SESSION_TRANSACTED, "hold", "2");
        child.awaitLine("holding");
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertThat(text(receive(consumer))).isEqualTo("three");
            assertNothingComes(consumer);
            child.kill();
            Message first = receiveWithin(consumer, 5_000);
            assertThat(first.getJMSRedelivered()).isTrue();
            assertThat(deliveryCount(first)).isEqualTo(2);
            Message second = receiveWithin(consumer, 5_000);
            assertThat(List.of(text(first), text(second))).containsExactly("one", "two");
            assertThat(deliveryCount(second)).isEqualTo(2);
            assertNothingComes(consumer);
        }
    }

    @Test
    void aWindowThatHasNotBecomeALeaseYetIsRedeliveredAtOnce() throws Exception {
        send("one");
        String later = urlOn(url, "leaseAfter=20000");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, later, queue, Integer.toString(Session.AUTO_ACKNOWLEDGE), "listen"));
        child.awaitLine("holding");
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(consumer);
            child.kill();
            Message again = receiveWithin(consumer, 5_000);
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(deliveryCount(again)).isEqualTo(2);
        }
    }

    /**
     * Slow handlers hold leases; the LISTEN connection's lock tells that their process is gone. Nobody draws conclusions
     * from it while the server has been up for less than 15 s.
     */
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, 4})
    void leasesOfAKilledProcessAreRedeliveredSoon(int mode) throws Exception {
        if (mode != Session.AUTO_ACKNOWLEDGE) { // one mode as often as usual
            setPeriod("upkeepMillis", 500);
        }
        send("one");
        ChildJvm child = child(queue, mode, "listen");
        child.awaitLine("holding");
        await().atMost(FROZEN).until(() -> number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL") == 1);
        try (MessageConsumer consumer = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(consumer);
            child.kill();
            Message again = receiveWithin(consumer, 20_000);
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(deliveryCount(again)).isEqualTo(2);
            assertNothingComes(consumer);
        }
    }

    @Test
    void anAutoListenerThatIsKilledDoublesTheMessageInHandAtMost() throws Exception {
        String[] texts = new String[200];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = Integer.toString(i);
        }
        send(texts);
        ChildJvm child = child(queue, Session.AUTO_ACKNOWLEDGE, "work", "100");
        child.awaitLine("received 99");
        child.awaitExit();
        await().atMost(FROZEN)
                .until(() -> number("SELECT count(*) FROM pg_locks WHERE relation = 'mq_msgs'::regclass") == 0);
        List<String> rest = drain(factory, queue);
        assertThat(rest).doesNotHaveDuplicates().contains("99");
        assertThat(rest.subList(rest.size() - 100, rest.size()))
                .isEqualTo(List.of(texts).subList(100, 200));
        // What about a millisecond of work had acknowledged and not written.
        assertThat(rest).hasSizeLessThanOrEqualTo(150);
    }

    @Test
    void aFrozenProcessLosesItsWindow() throws Exception {
        send("one");
        String later = urlOn(url, "leaseAfter=3000");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, later, queue, Integer.toString(Session.AUTO_ACKNOWLEDGE), "listen"));
        child.awaitLine("holding");
        child.freeze();
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL"))
                .as("leases taken before the process froze")
                .isZero();
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            Message again = consumer.receive(FROZEN.toMillis());
            assertThat(text(again)).isEqualTo("one");
            assertThat(again.getJMSRedelivered()).isTrue();
        }
    }

    /** Only the message in its handler was handed over before; the rest of its window went to others meanwhile. */
    @Test
    void aProcessBackFromAFreezeDoesNotHandOverWhatItHadBuffered() throws Exception {
        factory.createConnection().close(); // creates the tables
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                + "', i::text FROM generate_series(0, 11999) i");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class,
                urlOn(url, "optimizeAcknowledge=true"),
                queue,
                Integer.toString(Session.AUTO_ACKNOWLEDGE),
                "follow"));
        child.awaitLine("received 1000");
        child.freeze();
        await().atMost(FROZEN)
                .until(() -> number("SELECT count(*) FROM pg_locks WHERE relation = 'mq_msgs'::regclass") == 0);
        List<String> before = child.said();
        List<String> others = drain(factory("optimizeAcknowledge=true"), queue);
        child.thaw();
        send("afterwards");
        child.awaitLine("received afterwards");
        List<String> again =
                new ArrayList<>(child.said().subList(before.size(), child.said().size()));
        again.retainAll(others.stream().map(text -> "received " + text).toList());
        assertThat(again).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aFrozenProcessLosesItsLeases() throws Exception {
        send("one");
        String shortLease = urlOn(url, "leaseTime=1000");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, shortLease, queue, Integer.toString(INDIVIDUAL_ACKNOWLEDGE), "hold", "1"));
        child.awaitLine("holding");
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertThat(consumer.receive(3_000)).as("lease of a living process").isNull();
            child.freeze();
            Message again = consumer.receive(FROZEN.toMillis());
            assertThat(text(again)).isEqualTo("one");
            assertThat(again.getJMSRedelivered()).isTrue();
        }
    }

    @Test
    void aFrozenTransactionEndsAfterTheTransactionTimeout() throws Exception {
        send("one");
        String timed = urlOn(url, "transactionTimeout=1000");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, timed, queue, Integer.toString(Session.SESSION_TRANSACTED), "hold", "1"));
        child.awaitLine("holding");
        child.freeze();
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertThat(text(consumer.receive(FROZEN.toMillis()))).isEqualTo("one");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void aMessageThatKillsItsJvmEachTimeIsDeadLetteredAndItsNeighboursAreNot(int mode) throws Exception {
        String deadLetters = "DLQ-" + queue;
        String policy = urlOn(
                url,
                "maximumRedeliveries=1",
                "redeliveryDelay=10",
                "useExponentialBackOff=false",
                "deadLetterQueue=" + deadLetters);
        send("before", "deadly", "after");
        List<String> received = new ArrayList<>();
        for (int death = 1; death <= 2; death++) {
            ChildJvm child = closeAfterwards(
                    ChildJvm.start(ReceivingProgram.class, policy, queue, Integer.toString(mode), "die", "deadly"));
            child.awaitLine("dying");
            child.awaitExit();
            received.addAll(child.said());
        }
        // The next claim counts the second death and parks the message.
        try (MessageConsumer consumer = consumer(session(factoryOn(policy), Session.AUTO_ACKNOWLEDGE), queue)) {
            for (Message message = consumer.receive(500); message != null; message = consumer.receive(500)) {
                received.add("received " + text(message));
            }
            assertThat(received).contains("received before", "received after").doesNotContain("received deadly");
            assertThat(value("SELECT string_agg(body || ' ' || origin || ' ' || attempts, ',') FROM mq_dead_letters"
                            + " WHERE queue = '" + deadLetters + "'"))
                    .isEqualTo("deadly " + queue + " 2");
        }
    }
}
