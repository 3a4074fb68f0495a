package io.sqlmq.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a client sends is understood, in whatever pieces it goes. */
class FrontendMessagesTest {

    private final Traffic.Amounts before = new Traffic.Tell().run(new Desk());
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    @Test
    void countsExecutionsRoundTripsAndCommits() throws IOException {
        out.writeInt(8); // may we encrypt?
        out.writeInt(80877103);
        out.writeInt(8 + 5);
        out.writeInt(0x0003_0000);
        out.write("user\0".getBytes(StandardCharsets.UTF_8));
        message('P', "S_1\0BEGIN\0");
        message('B', "\0S_1\0");
        message('E', "\0");
        message('P', "\0SELECT x FROM\n  (SELECT y FOR UPDATE SKIP LOCKED) z\0");
        message('B', "\0\0" + "value".repeat(1000));
        message('E', "\0");
        message('S', "");
        message('B', "C_1\0\0");
        message('P', "S_2\0COMMIT\0");
        message('B', "\0S_2\0");
        message('S', "");
        message('Q', "SELECT 1\0");
        pass(1);
        pass(7);
        pass(bytes.size());

        Traffic.Amounts amounts = new Traffic.Tell().run(new Desk()).since(before);
        String claim = "SELECT x FROM (SELECT y FOR UPDATE SKIP LOCKED) z";
        assertThat(amounts.statements()).isEqualTo(Map.of("BEGIN", 3L, claim, 6L, "COMMIT", 3L, "SELECT 1", 3L));
        assertThat(amounts.roundTrips()).isEqualTo(9);
        assertThat(amounts.commits()).as("COMMIT, and what needs none").isEqualTo(6);
        assertThat(amounts.claims()).isEqualTo(6);
        assertThat(amounts.work()).isEqualTo(9);
    }

    @Test
    void aLongStatementKeepsWhatTellsThatItClaims() throws IOException {
        out.writeInt(8);
        out.writeInt(0x0003_0000);
        message('Q', "SELECT " + "x, ".repeat(1000) + "y FROM mq.mq_claim(?)\0");
        pass(bytes.size());

        assertThat(new Traffic.Tell().run(new Desk()).since(before).claims()).isEqualTo(1);
    }

    private void message(char type, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        out.write(type);
        out.writeInt(4 + content.length);
        out.write(content);
    }

    private void pass(int pieces) {
        FrontendMessages connection = new FrontendMessages();
        byte[] all = bytes.toByteArray();
        for (int at = 0; at < all.length; at += pieces) {
            connection.sent(all, at, Math.min(pieces, all.length - at));
        }
    }
}
