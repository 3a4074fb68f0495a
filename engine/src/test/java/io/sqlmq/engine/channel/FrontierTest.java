package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FrontierTest {

    private static final int RANK = 5;

    private final Frontier frontier = new Frontier();
    private long now = 1;

    @Test
    void aClaimBeginsBehindThoseThatAreOnTheirWay() {
        assertThat(frontier.claims(RANK, 1_000, 100)).isEqualTo(1_000);
        assertThat(frontier.claims(RANK, 1_000, 10)).isEqualTo(1_100);
        assertThat(frontier.from(RANK)).isEqualTo(1_110);
        assertThat(frontier.from(RANK - 1)).isZero();
    }

    @Test
    void aClaimThatWentFurtherMovesTheNextOne() {
        frontier.claims(RANK, 1_000, 100);
        frontier.claimed(RANK, 5_000); // the numbers between are of other channels
        frontier.claimed(RANK, 4_000);
        assertThat(frontier.claims(RANK, 1_000, 100)).isEqualTo(5_001);
    }

    @Test
    void afterMessagesWereLetGoTheNextOneBeginsAtTheFloor() {
        frontier.claims(RANK, 1_000, 100);
        frontier.forget();
        assertThat(frontier.from(RANK)).isZero();
        assertThat(frontier.claims(RANK, 1_000, 100)).isEqualTo(1_000);
    }

    @Test
    void whatIsBehindWasLeftByClaimsThatAreBack() {
        frontier.claims(RANK, 1_000, 100);
        look();
        assertThat(frontier.isBehind(RANK, 1_050))
                .as("its claim may be on its way")
                .isFalse();
        look();
        assertThat(frontier.isBehind(RANK, 1_050)).isTrue();
        assertThat(frontier.isBehind(RANK, 1_100)).isFalse();
    }

    @Test
    void looksThatFollowOneAnotherDoNotTakeClaimsOnTheirWayForOld() {
        look();
        frontier.claims(RANK, 1_000, 100);
        frontier.looksEverywhere(++now);
        frontier.looksEverywhere(++now);
        assertThat(frontier.isBehind(RANK, 1_050)).isFalse();
    }

    private void look() {
        now += TimeUnit.SECONDS.toNanos(1);
        frontier.looksEverywhere(now);
    }
}
