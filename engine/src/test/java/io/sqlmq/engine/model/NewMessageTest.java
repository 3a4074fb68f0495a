package io.sqlmq.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class NewMessageTest {

    /** Jakarta Messaging 3.1 §7.9: the delivery time is the time of the send plus the delay, whenever the row is written. */
    @Test
    void aDelayRunsSinceTheSend() {
        long now = System.currentTimeMillis();
        assertThat(delayed(60_000, now + 20_000).remainingDelay()).isBetween(1L, 20_000L);
        assertThat(delayed(60_000, now - 1).remainingDelay()).isOne();
    }

    @Test
    void aDelayIsNotLongerThanWasAskedForIfTheClockIsPutBack() {
        assertThat(delayed(60_000, System.currentTimeMillis() + 3_600_000).remainingDelay())
                .isEqualTo(60_000);
    }

    @Test
    void withoutADeliveryTimeItIsWhatWasAskedFor() {
        assertThat(delayed(0, 0).remainingDelay()).isZero();
        assertThat(delayed(5, 0).remainingDelay()).isEqualTo(5);
    }

    private static NewMessage delayed(long delay, long deliveryTime) {
        return new NewMessage(
                new UUID(0, 1),
                "channel",
                true,
                4,
                0,
                delay,
                deliveryTime,
                0,
                0,
                NewMessage.Headers.NONE,
                new NewMessage.Content("text", "x", null, null, null));
    }
}
