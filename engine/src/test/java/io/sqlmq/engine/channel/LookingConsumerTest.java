package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Priorities of consumers, as long as one of them does not wait: it looks for messages, or was woken to. */
class LookingConsumerTest {

    private static final String CHANNEL = "orders";

    private final ConsumersAlone alone = new ConsumersAlone();
    private final ChannelConsumer high = consumer(5);
    private final ChannelConsumer usual = consumer(0);
    private final ChannelConsumer low = consumer(-5);

    @AfterEach
    void close() {
        alone.close();
    }

    private ChannelConsumer consumer(int priority) {
        return alone.consumer(CHANNEL, priority);
    }

    private static final class Waiting implements Waiter {
        private final ChannelConsumer consumer;
        private final boolean stillWaits;
        private final AtomicInteger woken = new AtomicInteger();

        Waiting(ChannelConsumer consumer, boolean stillWaits) {
            this.consumer = consumer;
            this.stillWaits = stillWaits;
        }

        @Override
        public ChannelConsumer consumer() {
            return consumer;
        }

        @Override
        public boolean wake() {
            woken.incrementAndGet();
            return stillWaits;
        }
    }

    private static Waiting waits(ChannelConsumer consumer, boolean stillWaits) {
        Waiting waiting = new Waiting(consumer, stillWaits);
        await().until(() -> consumer.state().waiters().add(consumer.mark(), waiting));
        return waiting;
    }

    /** A look counts for a short time only, so that a slow machine may need more than one attempt. */
    private static void eventually(Callable<Boolean> holds) {
        await().until(holds);
    }

    @Test
    void messagesAreForTheOneThatLooksUntilItHasOne() throws SQLException {
        eventually(() -> {
            usual.mark();
            return !low.mayTake(null) && usual.mayTake(null) && high.mayTake(null);
        });
        usual.looks(false);
        assertThat(low.mayTake(null)).isTrue();
    }

    @Test
    void messagesAreForTheOneThatWasWokenByThem() {
        eventually(() -> {
            Waiting waiting = waits(high, true);
            alone.wakeups.signal(CHANNEL, 1);
            return waiting.woken.get() == 1 && !low.mayTake(null) && !usual.mayTake(null);
        });
    }

    @Test
    void oneOfLowerPriorityThatIsFasterWakesTheOneThatWaitsAndLeavesThemToIt() {
        eventually(() -> {
            Waiting waiting = waits(high, true);
            return !low.mayTake(null) && waiting.woken.get() == 1 && !low.mayTake(null) && waiting.woken.get() == 1;
        });
    }

    @Test
    void whoDoesNotWaitAnyMoreKeepsNothingFromOthers() throws SQLException {
        Waiting over = waits(high, false);
        assertThat(low.mayTake(null)).isTrue();
        assertThat(over.woken).hasValue(1);
    }

    @Test
    void aConsumerThatIsClosedKeepsNothingFromOthers() throws SQLException {
        high.mark();
        high.close();
        assertThat(low.mayTake(null)).isTrue();
    }

    /** It may have failed, for example. */
    @Test
    void whoLeftMessagesToOneThatDoesNotComeIsWokenForThem() throws SQLException {
        long[] mark = new long[1];
        eventually(() -> {
            high.mark();
            mark[0] = low.mark();
            return !low.mayTake(null);
        });
        await().until(() -> low.mark() != mark[0]);
        assertThat(low.mayTake(null)).isTrue();
    }

    @Test
    void itMakesNoDifferenceAmongEquals() throws SQLException {
        ChannelConsumer other = consumer(-5);
        other.mark();
        assertThat(low.mayTake(null)).isTrue();
    }
}
