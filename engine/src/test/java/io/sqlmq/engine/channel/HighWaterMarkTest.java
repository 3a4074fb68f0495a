package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HighWaterMarkTest {

    private static final int RANK = 5;

    private final HighWaterMark highWaterMark = new HighWaterMark();
    private long now = 1;

    @Test
    void aClaimBeginsBehindThoseThatAreOnTheirWay() {
        assertThat(highWaterMark.claims(RANK, 1_000, 100)).isEqualTo(1_000);
        assertThat(highWaterMark.claims(RANK, 1_000, 10)).isEqualTo(1_100);
        assertThat(highWaterMark.from(RANK)).isEqualTo(1_110);
        assertThat(highWaterMark.from(RANK - 1)).isZero();
    }

    @Test
    void aClaimThatWentFurtherMovesTheNextOne() {
        highWaterMark.claims(RANK, 1_000, 100);
        highWaterMark.claimed(RANK, 5_000); // the numbers between are of other channels
        highWaterMark.claimed(RANK, 4_000);
        assertThat(highWaterMark.claims(RANK, 1_000, 100)).isEqualTo(5_001);
    }

    @Test
    void afterMessagesWereLetGoTheNextOneBeginsAtTheFloor() {
        highWaterMark.claims(RANK, 1_000, 100);
        highWaterMark.forget();
        assertThat(highWaterMark.from(RANK)).isZero();
        assertThat(highWaterMark.claims(RANK, 1_000, 100)).isEqualTo(1_000);
    }

    @Test
    void whatIsBehindWasLeftByClaimsThatAreBack() {
        highWaterMark.claims(RANK, 1_000, 100);
        look();
        assertThat(highWaterMark.isBehind(RANK, 1_050))
                .as("its claim may be on its way")
                .isFalse();
        look();
        assertThat(highWaterMark.isBehind(RANK, 1_050)).isTrue();
        assertThat(highWaterMark.isBehind(RANK, 1_100)).isFalse();
    }

    @Test
    void looksThatFollowOneAnotherDoNotTakeClaimsOnTheirWayForOld() {
        look();
        highWaterMark.claims(RANK, 1_000, 100);
        highWaterMark.looksEverywhere(++now);
        highWaterMark.looksEverywhere(++now);
        assertThat(highWaterMark.isBehind(RANK, 1_050)).isFalse();
    }

    private void look() {
        now += TimeUnit.SECONDS.toNanos(1);
        highWaterMark.looksEverywhere(now);
    }
}
