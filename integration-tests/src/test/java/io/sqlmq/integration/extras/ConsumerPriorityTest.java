package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.testing.Async;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** consumer.priority: in one process, those with a higher one are served first. */
class ConsumerPriorityTest extends IntegrationTest {

    private static final int MANY = 300;

    private MessageConsumer consumer(int priority) throws Exception {
        return consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "?consumer.priority=" + priority);
    }

    private Queue<String> listener(int priority) throws Exception {
        Queue<String> received = new ConcurrentLinkedQueue<>();
        consumer(priority).setMessageListener(message -> Async.unchecked(() -> received.add(text(message))));
        return received;
    }

    /** Until nobody is looking for messages any more: a consumer that is looking does not wait. */
    private void awaitQuiet() {
        await().until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                        + " AND datname = current_database() AND state_change > clock_timestamp() - interval '300 ms'")
                == 0);
    }

    @Test
    void aConsumerOfHigherPriorityThatWaitsGetsTheMessage() throws Exception {
        Queue<String> high = listener(10);
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "'") == 1);
        Queue<String> low = listener(-5);
        Queue<String> usual = listener(0);
        Queue<String> middle = listener(5);
        awaitQuiet();
        send("1");
        await().until(() -> high.size() == 1);
        assertThat(middle).isEmpty();
        assertThat(usual).isEmpty();
        assertThat(low).isEmpty();
    }

    @Test
    void othersGetMessagesWhileItIsBusy() throws Exception {
        Queue<String> low = listener(-1);
        CountDownLatch busy = new CountDownLatch(1);
        Queue<String> high = new ConcurrentLinkedQueue<>();
        consumer(1).setMessageListener(message -> {
            high.add(Async.unchecked(() -> text(message)));
            Async.unchecked(() -> {
                busy.await();
                return true;
            });
        });
        closeAfterwards(busy::countDown); // before its connection, which waits for it
        // While it is still looking for what was there before, it does not wait, and another one may be faster.
        await().until(() -> {
            if (high.isEmpty()) {
                send("1");
            }
            return high.size() == 1;
        });
        send("2", "3");
        await().until(() -> low.containsAll(List.of("2", "3")));
        assertThat(high).containsExactly("1");
        busy.countDown();
    }

    /** Also where the next message comes before it waits again. Only one that comes while it works is for others. */
    @Test
    void aConsumerOfHigherPriorityThatIsQuickGetsNearlyAll() throws Exception {
        AtomicInteger low = new AtomicInteger();
        AtomicInteger high = new AtomicInteger();
        consumer(5).setMessageListener(message -> high.incrementAndGet());
        consumer(-5).setMessageListener(message -> low.incrementAndGet());
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Random random = new Random(5);
        for (int sent = 1; sent <= MANY; sent++) {
            sendIn(session, queue, Integer.toString(sent));
            while (high.get() + low.get() < sent) {
                if (Thread.interrupted()) { // when the test's time is up
                    throw new InterruptedException();
                }
                Thread.onSpinWait();
            }
            LockSupport.parkNanos(random.nextInt(2_000_000));
        }
        assertThat(low).hasValueLessThan(MANY / 6);
    }

    @Test
    void aReceiveOfLowerPriorityLeavesMessagesToOneThatWaits() throws Exception {
        MessageConsumer high = consumer(3);
        MessageConsumer low = consumer(-3);
        CompletableFuture<Message> waiting = Async.call(() -> high.receive(SOON));
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "'") == 1);
        send("1");
        assertThat(text(Async.get(waiting))).isEqualTo("1");
        send("2");
        assertThat(text(receive(low))).isEqualTo("2");
    }

    @Test
    void whoHasLookedOrIsBusyKeepsNothingFromAReceiveOfLowerPriority() throws Exception {
        MessageConsumer high = consumer(3);
        MessageConsumer low = consumer(-3);
        assertThat(low.receiveNoWait()).isNull();
        assertThat(high.receiveNoWait()).isNull();
        send("1");
        assertThat(text(low.receiveNoWait())).isEqualTo("1");
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch called = new CountDownLatch(1);
        high.setMessageListener(message -> {
            called.countDown();
            Async.unchecked(() -> {
                busy.await();
                return true;
            });
        });
        try {
            send("2");
            called.await();
            send("3");
            assertThat(text(low.receiveNoWait())).isEqualTo("3");
        } finally {
            busy.countDown();
        }
    }

    @Test
    void aHigherPriorityMakesAnExclusiveConsumerTheFirst() throws Exception {
        MessageConsumer low =
                consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "?consumer.exclusive=true&consumer.priority=1");
        send("1", "2");
        assertThat(text(receive(low))).isEqualTo("1");
        MessageConsumer high =
                consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "?consumer.exclusive=true&consumer.priority=2");
        assertNothingComes(low);
        assertThat(text(receive(high))).isEqualTo("2");
    }

    @Test
    void aMessageThatNobodyElseWantsReachesTheLowest() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer red =
                session.createConsumer(session.createQueue(queue + "?consumer.priority=9"), "color = 'red'");
        Queue<String> reds = new ConcurrentLinkedQueue<>();
        red.setMessageListener(message -> Async.unchecked(() -> reds.add(text(message))));
        Queue<String> low = listener(-9);
        send("no color");
        await().until(() -> low.size() == 1);
        assertThat(reds).isEmpty();
    }
}
