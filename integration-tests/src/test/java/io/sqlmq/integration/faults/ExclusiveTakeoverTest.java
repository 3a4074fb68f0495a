package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** consumer.exclusive=true, and the process that has the queue is killed or frozen. */
@Tag("faults")
class ExclusiveTakeoverTest extends IntegrationTest {

    /** Far more than the 3 s that it takes with LISTEN, far less than the 60 s that a heartbeat lasts. */
    private static final Duration SOON_ENOUGH = Duration.ofSeconds(20);

    /** Milliseconds for which a process that has the queue does not ask again. */
    private static final long BELIEVED = 3_000;

    private final Queue<String> received = new ConcurrentLinkedQueue<>();

    private String exclusive;
    private ChildJvm holder;

    /** Another process has the queue, is in the middle of its third message, and two more are there. */
    private void start(String listen) throws Exception {
        exclusive = queue + "?consumer.exclusive=true";
        send("1", "2");
        holder = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class,
                urlOn(url, "listen=" + listen),
                exclusive,
                Integer.toString(Session.AUTO_ACKNOWLEDGE),
                "follow"));
        holder.awaitLine("received 2");
        send("wait 3", "4", "5");
        holder.awaitLine("received wait 3");
        await().until(() ->
                number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "' AND lease_owner IS NOT NULL")
                        == 1);
    }

    private MessageConsumer next(SqlmqConnectionFactory process) throws Exception {
        MessageConsumer next = consumer(session(process, Session.AUTO_ACKNOWLEDGE), exclusive);
        next.setMessageListener(message -> Async.unchecked(() -> received.add(text(message))));
        return next;
    }

    /** Nobody concludes from a missing lock that a process is dead while the server has been up for less than 15 s. */
    @BeforeEach
    void awaitServerThatIsUpLongEnough() {
        await().atMost(SOON_ENOUGH)
                .until(() -> value("SELECT pg_postmaster_start_time() < now() - interval '15 s'")
                        .equals("t"));
    }

    /** As if so much time had passed for a process that cannot renew its heartbeat. */
    private void heartbeatEnds() {
        sql("UPDATE mq_owners SET alive_until = now() - interval '1 s'"
                + " WHERE owner = (SELECT owner FROM mq_exclusives WHERE channel_name = '" + queue + "')");
    }

    private boolean holderListens() {
        return value("SELECT count(*) FROM mq_exclusives JOIN mq_owners USING (owner) WHERE channel_name = '" + queue
                        + "' AND listening")
                .equals("1");
    }

    private boolean holderIsAlive() {
        return value("SELECT count(*) FROM mq_exclusives JOIN mq_owners USING (owner) WHERE channel_name = '" + queue
                        + "' AND alive_until > now()")
                .equals("1");
    }

    @Test
    void anotherProcessTakesOverSoonFromOneThatIsKilled() throws Exception {
        start("auto");
        next(factory);
        send("6");
        assertNothingIsReceived();
        holder.kill();
        await().atMost(SOON_ENOUGH).until(() -> received.size() >= 4);
        send("7");
        await().until(() -> received.size() >= 5);
        assertThat(received).containsExactly("wait 3", "4", "5", "6", "7");
    }

    @Test
    void withoutListenAnotherProcessTakesOverWhenTheHeartbeatHasEnded() throws Exception {
        start("off");
        next(factory("listen=off"));
        holder.kill();
        send("6");
        assertNothingIsReceived();
        heartbeatEnds();
        await().atMost(SOON_ENOUGH).until(() -> received.size() >= 4);
        assertThat(received).containsExactly("wait 3", "4", "5", "6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void aFrozenProcessLosesTheQueueWithItsHeartbeatAndWaitsForItLikeOthersWhenItIsBack(String listen)
            throws Exception {
        start(listen);
        MessageConsumer next = next(factory("listen=" + listen));
        holder.freeze();
        send("6");
        assertNothingIsReceived();
        heartbeatEnds();
        await().atMost(SOON_ENOUGH).until(() -> received.size() >= 4);
        assertThat(received).containsExactly("wait 3", "4", "5", "6");

        holder.thaw();
        holder.tell("go on");
        holder.awaitLine("waited");
        for (int i = 7; i <= 30; i++) {
            send(Integer.toString(i));
        }
        await().until(() -> received.size() >= 28);
        assertThat(received).endsWith("30").doesNotHaveDuplicates().hasSize(28);
        next.close();
        send("last");
        holder.awaitLine("received last");
        assertThat(holderIsAlive()).as("the holder looks alive again").isTrue();
        assertThat(holder.said().stream().filter(line -> line.startsWith("received")))
                .containsExactly("received 1", "received 2", "received wait 3", "received last");
        assertThat(received).hasSize(28);
        await().until(() -> number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'") == 0);
    }

    private void assertNothingIsReceived() {
        await().during(Duration.ofSeconds(2)).until(received::isEmpty);
    }

    /** It would lose the queue again at once to whoever looks. */
    @Test
    void whoTakesTheQueueAfterALongFreezeLooksAliveAgain() throws Exception {
        exclusive = queue + "?consumer.exclusive=true";
        send("1", "2");
        MessageConsumer first = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), exclusive);
        assertThat(text(receive(first))).isEqualTo("1");
        await().until(this::holderListens); // which renews its heartbeat
        heartbeatEnds();
        MessageConsumer second = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), exclusive);
        assertThat(text(receive(second))).isEqualTo("2");
        // By then it does not believe any more that it has the queue, as after a freeze.
        assertThat(first.receive(BELIEVED)).isNull();
        second.close();
        send("3");
        assertThat(text(receive(first))).isEqualTo("3");
        assertThat(holderIsAlive()).isTrue();
    }
}
