package io.sqlmq.engine.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a group of acknowledgements is written that may hold 1 ms of work. */
class ReceivePacingTest {

    private static final Duration WORK = Duration.ofMillis(1);

    private final ClaimSize size = new ClaimSize(Window.Mode.GROUPED, 200, WORK);
    private long micros;
    private final ReceivePacing pace = new ReceivePacing(size, WORK, () -> micros * 1_000);

    /** A message is worked on for so long. */
    private void work(long each) {
        micros += each;
        pace.worked();
    }

    private void begin(long usually) {
        pace.claimed(true);
        for (int i = 0; i < 100; i++) {
            pace.handedOver(true);
            work(usually);
        }
        pace.handedOver(true);
    }

    @Test
    void itIsWrittenWhenItsWorkIsDone() {
        begin(100);
        work(900);
        assertThat(pace.isGroupDue(0)).isFalse(); // there is more in the queue
        micros += 100;
        assertThat(pace.isGroupDue(0)).isTrue();
    }

    @Test
    void itIsWrittenWhenNothingIsLeft() {
        begin(100);
        pace.claimed(false);
        assertThat(pace.isGroupDue(3)).isFalse();
        assertThat(pace.isGroupDue(0)).isTrue();
    }

    /** The thread had to wait for a processor: what would be let go is to be claimed again by the slow claim. */
    @Test
    void itWaitsForTheLittleThatIsLeftOfWhatWasClaimed() {
        begin(10);
        work(10);
        micros += 3_000;
        assertThat(pace.isGroupDue(50)).isFalse();
        assertThat(pace.isGroupDue(0)).isTrue();
    }

    @Test
    void itDoesNotWaitForLong() {
        begin(10);
        micros += 6_000;
        assertThat(pace.isGroupDue(1)).isTrue();
    }

    @Test
    void itDoesNotWaitForMuch() {
        begin(10);
        work(3_000); // so it takes longer now
        assertThat(pace.isGroupDue(1)).isFalse();
        assertThat(pace.isGroupDue(50)).isTrue();
    }
}
