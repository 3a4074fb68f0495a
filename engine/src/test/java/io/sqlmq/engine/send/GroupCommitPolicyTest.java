package io.sqlmq.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GroupCommitPolicyTest {

    private static final long SHORT = TimeUnit.MICROSECONDS.toNanos(300);
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(4);

    private final GroupCommitPolicy pace = new GroupCommitPolicy();
    private long now = -1_000; // as nanoTime may be
    private long bytes = 2_000;

    @Test
    void theFirstIsNeverDelayed() {
        assertThat(pace.mayFlush(1)).isTrue();
        assertThat(pace.gathersUntil(1, now)).isZero();
    }

    @Test
    void whileFlushesAreShortTheSecondBeginsWithHalfOfTheSenders() {
        flush(8, SHORT, 0);
        pace.begins(4);
        assertThat(pace.mayFlush(3)).isFalse();
        assertThat(pace.mayFlush(4)).isTrue();
        pace.begins(4);
        assertThat(pace.mayFlush(8)).isFalse();
    }

    @Test
    void shortFlushesWaitForNobody() {
        flush(8, SHORT, 0);
        assertThat(pace.gathersUntil(1, now)).isZero();
    }

    @Test
    void whileFlushesAreLongThereIsOneAtATime() {
        becomeLong(8);
        pace.begins(4);
        assertThat(pace.mayFlush(8)).isFalse();
    }

    @Test
    void aLongFlushWaitsForThoseOfTheLastOneButNotForLong() {
        becomeLong(8);
        assertThat(pace.gathersUntil(7, now)).isBetween(now + 1, now + LONG / 2);
        assertThat(pace.gathersUntil(8, now)).isZero();
        assertThat(pace.gathersUntil(7, now + LONG / 2)).isZero();
    }

    @Test
    void whoStoppedSendingIsNotWaitedForAgain() {
        becomeLong(8);
        flush(6, LONG, 1);
        assertThat(pace.gathersUntil(6, now)).isNotZero();
        assertThat(pace.gathersUntil(7, now)).isZero();
    }

    @Test
    void flushesThatAreLongBecauseTheyAreLargeOverlap() {
        bytes = 500_000;
        becomeLong(8);
        assertThat(pace.gathersUntil(4, now)).isZero();
        pace.begins(4);
        assertThat(pace.mayFlush(4)).isTrue();
    }

    private void becomeLong(int calls) {
        for (int i = 0; i < 50; i++) {
            flush(calls, LONG, 0);
        }
    }

    private void flush(int calls, long nanos, int waiting) {
        pace.begins(calls);
        now += nanos;
        pace.ends(calls, bytes, nanos, waiting, now);
    }
}
