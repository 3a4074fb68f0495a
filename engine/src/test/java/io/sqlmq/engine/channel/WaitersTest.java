package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many of those who wait are woken: as many as take what is there, who wake more if that was not enough. */
class WaitersTest {

    private static final String CHANNEL = "orders";

    private final ConsumersAlone alone = new ConsumersAlone();

    @AfterEach
    void close() {
        alone.close();
    }

    /** A consumer that waits, and looks when the test says so. */
    private final class Listener {
        private final ChannelConsumer consumer = alone.consumer(CHANNEL, 0);
        private final AtomicInteger woken = new AtomicInteger();

        Listener(int claimSize) {
            consumer.setClaimSize(claimSize);
            consumer.onSignal(consumer.mark(), woken::incrementAndGet);
        }

        boolean isWoken() {
            return woken.get() > 0;
        }
    }

    private List<Listener> listeners(int count, int claimSize) {
        return IntStream.range(0, count).mapToObj(i -> new Listener(claimSize)).toList();
    }

    private Waiters waiters(List<Listener> listeners) {
        return listeners.get(0).consumer.state().waiters();
    }

    private void committed(List<Listener> listeners, int messages) {
        Ready ready = new Ready();
        IntStream.range(0, messages).forEach(i -> ready.add(UUID.randomUUID(), false));
        waiters(listeners).signal(ready, Runnable::run);
    }

    private static long woken(List<Listener> listeners) {
        return listeners.stream().filter(Listener::isWoken).count();
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "5, 1, 5", "5, 2, 3", "5, 5, 1", "5, 200, 1", "9, 1, 8", "200, 20, 8"})
    void asManyAsTakeWhatIsThere(int messages, int claimSize, int woken) {
        List<Listener> listeners = listeners(8, claimSize);
        committed(listeners, messages);
        assertThat(woken(listeners)).isEqualTo(woken);
    }

    /** It counts for a moment only, so that a slow machine may need more than one attempt. */
    @Test
    void whatComesBeforeTheOneWhoWasWokenLooksIsLeftToHim() {
        await().until(() -> {
            List<Listener> listeners = listeners(3, 4);
            committed(listeners, 1);
            committed(listeners, 2);
            long before = woken(listeners);
            committed(listeners, 2);
            boolean held = before == 1 && woken(listeners) == 2;
            listeners.forEach(listener -> listener.consumer.close());
            waiters(listeners).signal(100, Runnable::run);
            return held;
        });
    }

    @Test
    void whatComesWhenHeLooksIsForAnother() {
        List<Listener> listeners = listeners(2, 200);
        committed(listeners, 1);
        assertThat(woken(listeners)).isEqualTo(1);
        listeners.get(0).consumer.mark();
        committed(listeners, 1);
        assertThat(woken(listeners)).isEqualTo(2);
    }

    @Test
    void whatIsLeftToOneWhoDoesNotLookIsPassedOn() {
        List<Listener> listeners = listeners(2, 200);
        committed(listeners, 5);
        listeners.get(0).consumer.passOn();
        await().untilAsserted(() -> assertThat(woken(listeners)).isEqualTo(2));
    }

    @Test
    void whoComesLateDoesNotKeepWhatComesMeanwhile() {
        List<Listener> listeners = listeners(2, 200);
        committed(listeners, 1);
        await().until(() -> {
            committed(listeners, 1);
            return woken(listeners) == 2;
        });
    }

    @Test
    void aFullClaimOfOneWhoWasWokenForMoreWakesTheNext() {
        List<Listener> listeners = listeners(3, 200);
        committed(listeners, 5);
        listeners.get(0).consumer.mark();
        Waiters waiters = waiters(listeners);
        waiters.passOn(Runnable::run);
        assertThat(woken(listeners)).isEqualTo(2);
        waiters.foundAll(waiters.version());
        waiters.passOn(Runnable::run);
        assertThat(woken(listeners)).isEqualTo(2);
    }

    /** Its look may be older than what was told meanwhile. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aClaimThatBeganBeforeSaysNothingOfWhatCameSince(boolean empty) {
        List<Listener> listeners = listeners(3, 1);
        Waiters waiters = waiters(listeners);
        long before = waiters.version();
        waiters.signalUnknown(Runnable::run);
        if (empty) {
            waiters.foundEmpty(before);
        } else {
            waiters.foundAll(before);
        }
        waiters.passOn(Runnable::run);
        assertThat(woken(listeners)).isEqualTo(2);
    }

    /** Nothing has come meanwhile: what is known to be there is that still. */
    @Test
    void aWakeUpThatIsPassedOnTellsNothingNew() {
        List<Listener> listeners = listeners(3, 1);
        Waiters waiters = waiters(listeners);
        waiters.foundEmpty(waiters.version());
        committed(listeners, 1);
        waiters.signalAgain(Runnable::run);
        assertThat(woken(listeners)).isEqualTo(2);
        assertThat(waiters.isOnlyAnnouncedLeft(false)).isTrue();
        waiters.signalUnknown(Runnable::run);
        assertThat(waiters.isOnlyAnnouncedLeft(false)).isFalse();
    }

    @Test
    void aFullClaimWakesNobodyWhereEnoughAreWoken() {
        List<Listener> listeners = listeners(3, 1);
        committed(listeners, 2);
        waiters(listeners).passOn(Runnable::run);
        assertThat(woken(listeners)).isEqualTo(2);
    }

    /** One who takes any message is woken besides, in case that one does not want it. */
    @Test
    void whoTakesSeveralIsLeftWithWhatItWasWokenFor() {
        List<Listener> quick = listeners(1, 3);
        List<Listener> slow = listeners(4, 1);
        committed(quick, 5);
        assertThat(woken(quick)).isEqualTo(1);
        assertThat(woken(slow)).isEqualTo(2);
    }
}
