package io.sqlmq.engine.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.channel.ChannelConsumer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClaimSizeTest {

    private static final int MOST = 200;

    private final ClaimSize size = new ClaimSize(Window.Mode.TRANSACTED, MOST, Duration.ofMillis(1));

    /** Each claim steps over what the transaction holds: that must not be the square of what it ends with. */
    @Test
    void theClaimsOfALargeTransactionStepOverAFewTimesAsManyRowsAsThereAre() {
        for (int messages : new int[] {1_000, 5_000, 20_000}) {
            assertThat(steppedOver(messages)).isLessThanOrEqualTo(7L * messages);
        }
    }

    private long steppedOver(int messages) {
        long steps = 0;
        int held = 0;
        while (held < messages) {
            steps += held;
            int claimed = Math.min(size.next(held, ChannelConsumer.AS_NEEDED), messages - held);
            size.claimed(claimed, claimed * 256L, false);
            held += claimed;
        }
        size.ended(held);
        return steps;
    }

    @Test
    void aSmallOneClaimsNoMoreThanUsual() {
        size.ended(10_000);
        assertThat(size.next(0, ChannelConsumer.AS_NEEDED)).isEqualTo(MOST);
        assertThat(size.next(2 * MOST, ChannelConsumer.AS_NEEDED)).isEqualTo(MOST);
    }

    @Test
    void largeMessagesBoundIt() {
        size.ended(10_000);
        size.claimed(1, 1 << 20, false);
        for (int i = 0; i < 50; i++) {
            size.claimed(1, 1 << 20, false);
        }
        assertThat(size.next(8_000, ChannelConsumer.AS_NEEDED)).isLessThanOrEqualTo(4);
    }
}
