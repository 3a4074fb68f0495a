package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A message wakes one consumer of its process. If that one cannot take it, because its connection is stopped, say, another
 * one is woken at once. The safety poll, which would find the message after a second, does not work here.
 */
class WakeUpTest extends IntegrationTest {

    private static final Set<String> WAITING_IN =
            Set.of(ChannelConsumer.class.getName(), "io.sqlmq.jms.internal.mode.SeveralChannels$ChannelMarks");

    private SqlmqConnectionFactory process;
    private Connection first;
    private Session session;

    @BeforeEach
    void open() throws Exception {
        process = factory();
        first = connect(process);
        session = first.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @AfterEach
    void repairPoll() {
        if (value("SELECT to_regproc('mq_look') IS NULL").equals("t")) {
            sql("ALTER FUNCTION mq_look_away RENAME TO mq_look");
        }
    }

    /** From here on nothing but a wake-up makes a waiting consumer look. */
    private void breakPoll() {
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "'") == 1);
        // Being registered makes it look once more.
        await().until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                        + " AND datname = current_database() AND state_change > clock_timestamp() - interval '300 ms'")
                == 0);
        sql("ALTER FUNCTION mq_look RENAME TO mq_look_away");
    }

    /** A receive that waits, behind those who wait already. */
    private CompletableFuture<Message> waits(MessageConsumer consumer) {
        CompletableFuture<Message> received = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                received.complete(consumer.receive(SOON));
            } catch (JMSException e) {
                received.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        await().until(() -> Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> WAITING_IN.contains(frame.getClassName())
                        && frame.getMethodName().equals("await")));
        return received;
    }

    private void assertTheNextGetsTheMessage(CompletableFuture<Message> next) throws Exception {
        send(process, queue, "1");
        assertThat(text(next.get(2 * SOON, TimeUnit.MILLISECONDS))).isEqualTo("1");
    }

    private CompletableFuture<Message> next() throws Exception {
        return waits(consumer(session(process, Session.AUTO_ACKNOWLEDGE), queue));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",another"})
    void aListenerOnAStoppedConnectionPassesItOn(String more) throws Exception {
        consumer(session, queue + more).setMessageListener(message -> {});
        breakPoll();
        CompletableFuture<Message> next = next();
        first.stop();
        assertTheNextGetsTheMessage(next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",another"})
    void aReceiveOnAStoppedConnectionPassesItOn(String more) throws Exception {
        CompletableFuture<Message> stopped = waits(consumer(session, queue + more));
        breakPoll();
        CompletableFuture<Message> next = next();
        first.stop();
        assertTheNextGetsTheMessage(next);
        // It goes on to wait, and gets what comes after the start.
        assertThat(stopped).isNotDone();
        first.start();
        send(process, queue, "2");
        assertThat(text(stopped.get(2 * SOON, TimeUnit.MILLISECONDS))).isEqualTo("2");
    }

    @Test
    void aListenerThatIsTakenAwayPassesItOn() throws Exception {
        MessageConsumer consumer = consumer(session, queue);
        consumer.setMessageListener(message -> {});
        breakPoll();
        CompletableFuture<Message> next = next();
        consumer.setMessageListener(null);
        assertTheNextGetsTheMessage(next);
    }

    @Test
    void aConsumerThatIsClosedLeavesItToOthers() throws Exception {
        MessageConsumer consumer = consumer(session, queue);
        consumer.setMessageListener(message -> {});
        breakPoll();
        CompletableFuture<Message> next = next();
        consumer.close();
        assertTheNextGetsTheMessage(next);
    }

    /** One thread runs all listeners of a session. */
    @ParameterizedTest
    @ValueSource(strings = {"", ",another"})
    void aListenerWhoseSessionIsAtWorkPassesItOn(String more) throws Exception {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        consumer(session, queue + "-work").setMessageListener(message -> {
            atWork.countDown();
            await().until(() -> done.getCount() == 0);
        });
        consumer(session, queue + more).setMessageListener(message -> {});
        breakPoll();
        CompletableFuture<Message> next = next();
        send(process, queue + "-work", "long");
        assertThat(atWork.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        try {
            assertTheNextGetsTheMessage(next);
        } finally {
            done.countDown();
        }
    }

    /** A quick one is woken for several messages, and then it is not quick. */
    @Test
    void whatAQuickListenerIsWokenForIsForOthersWhenItTakesLong() throws Exception {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        AtomicInteger quick = new AtomicInteger();
        consumer(session, queue).setMessageListener(message -> {
            if (quick.incrementAndGet() > 500) {
                atWork.countDown();
                await().until(() -> done.getCount() == 0);
            }
        });
        send(process, queue, IntStream.range(0, 500).mapToObj(Integer::toString).toArray(String[]::new));
        await().until(() -> quick.get() == 500);
        breakPoll();
        List<CompletableFuture<Message>> others = List.of(next(), next(), next());
        try (Session sends = session(process, Session.SESSION_TRANSACTED)) {
            sendIn(sends, queue, "long", "1", "2", "3");
            sends.commit();
            assertThat(atWork.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
            List<String> received = new ArrayList<>();
            for (CompletableFuture<Message> other : others) {
                received.add(text(other.get(2 * SOON, TimeUnit.MILLISECONDS)));
            }
            assertThat(received).containsExactlyInAnyOrder("1", "2", "3");
        } finally {
            done.countDown();
        }
    }

    /** They pass it on to each other, and there is an end to that. */
    @Test
    void manyOnAStoppedConnectionPassItOn() throws Exception {
        consumer(session, queue).setMessageListener(message -> {});
        breakPoll();
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Message> unused = waits(consumer(first.createSession(Session.AUTO_ACKNOWLEDGE), queue));
        }
        CompletableFuture<Message> next = next();
        first.stop();
        assertTheNextGetsTheMessage(next);
    }
}
