package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** After how many messages floors are raised. */
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
