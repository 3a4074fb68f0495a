package io.sqlmq.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.model.NewMessage;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PendingSendTest {

    /** What is written together has a bound, and is long or not by that. */
    @Test
    void theBodyOfAJobCounts() {
        NewMessage message = new NewMessage(
                new UUID(0, 1),
                "channel",
                true,
                4,
                0,
                0,
                0,
                0,
                0,
                NewMessage.Headers.NONE,
                new NewMessage.Content(null, null, new byte[30], null, null));
        NewMessage job = message.as(new NewMessage.Job("job", "", "\"" + "x".repeat(1_000) + '"', 0, 1, 0));
        assertThat(new PendingSend(List.of(message), null).bytes).isEqualTo(30);
        assertThat(new PendingSend(List.of(message, job), null).bytes).isGreaterThan(1_000);
    }
}
