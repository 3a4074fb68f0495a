package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** After how many messages floors are raised, and where claims look. */
class ClaimCursorTest {

    private final Channel channel = new Channel("orders");
    private final ClaimCursor cursor = channel.cursors().plain();
    private long seq;

    @Test
    void claimsOfOneMessageReadManyInVainBeforeTheyHaveTakenMany() {
        int taken = takenUntilDue(1, false);
        assertThat(taken).isBetween(100, 200);
        assertThat(cursor.hasPassedMany()).isTrue();
        assertThat(cursor.hasPassedMany()).isFalse();
        assertThat(takenUntilDue(1, false)).isEqualTo(taken);
    }

    @Test
    void claimsOfManyMessagesDoNot() {
        assertThat(takenUntilDue(100, false)).isEqualTo(ClaimCursor.MESSAGES);
    }

    @Test
    void claimsThatDoNotBeginAtTheFloorsDoNot() {
        assertThat(takenUntilDue(1, true)).isEqualTo(ClaimCursor.MESSAGES);
    }

    @Test
    void whereNearlyNothingWaitsClaimsDoNot() {
        int taken = 0;
        boolean due = false;
        while (!due) {
            channel.waiters().forgetVersion(); // another process tells of a message
            due = cursor.taken(messages(1), false);
            cursor.foundEmpty(channel.version());
            taken++;
        }
        assertThat(taken).isEqualTo(ClaimCursor.MESSAGES);
    }

    @Test
    void whereAllThatIsThereIsKnownClaimsDoNot() {
        cursor.foundEmpty(channel.version());
        assertThat(takenUntilDue(1, false)).isEqualTo(ClaimCursor.MESSAGES);
    }

    /**
     * Where claims further on have left something, the next one looks from the floor, and for nothing else, if nothing else can be there.
     * That holds for a tenth of a second, so that a slow machine may need more than one attempt.
     */
    @Test
    void whatWasLeftBehindIsClaimedWithoutALookEverywhere() {
        try (ConsumersAlone alone = new ConsumersAlone();
                ChannelConsumer one = alone.consumer("orders", 0);
                ChannelConsumer other = alone.consumer("orders", 0)) {
            ClaimCursor shared = one.cursor();
            assertThat(shared).isSameAs(other.cursor());
            Delivery behind = message();
            await().pollInterval(Duration.ofMillis(60)) // only looks that are so far apart count
                    .until(() -> claimsPlainAfter(behind, shared));
        }
    }

    private boolean claimsPlainAfter(Delivery behind, ClaimCursor shared) {
        shared.taken(messages(10), false);
        shared.looksEverywhere();
        Waiters waiters = shared.channel().waiters();
        waiters.foundEmpty(waiters.version());
        waiters.signal(new Ready(null, List.of()), Runnable::run);
        shared.found(null, List.of(behind), 1);
        return shared.lanesAhead() == null && shared.ready(shared.ranges(), false, 1) != null;
    }

    private int takenUntilDue(int atATime, boolean ahead) {
        int taken = atATime;
        while (!cursor.taken(messages(atATime), ahead)) {
            taken += atATime;
        }
        return taken;
    }

    private List<Delivery> messages(int count) {
        return IntStream.range(0, count).mapToObj(i -> message()).toList();
    }

    private Delivery message() {
        seq++;
        Delivery.Row row = new Delivery.Row(
                UUID.randomUUID(),
                "orders",
                true,
                4,
                seq,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                Headers.NONE,
                new Content(null, "x", null, null, null));
        return new Delivery(row, "(0,1)", false, false, false, "1");
    }
}
