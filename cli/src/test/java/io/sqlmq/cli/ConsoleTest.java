package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** {@code sqlmq console}, and the verbs that take selectors. */
class ConsoleTest extends CliTestCase {
    @Test
    void theConsoleSaysWhereItIs() {
        assertThat(ok("console", "--port", "0", "--for", "0s").out())
                .matches("The console is at http://127\\.0\\.0\\.1:\\d+/login\\?token=\\S+\\R");
        assertThat(ok("console", "--port", "0", "--for", "0s", "--no-token", "-o", "json")
                        .out())
                .matches("\\{\"url\":\"http://127\\.0\\.0\\.1:\\d+/\"}\\R");
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Result result = run("console", "--port", String.valueOf(taken.getLocalPort()));
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void selectorsChooseWhatIsMovedCopiedRemovedAndRetried() {
        ok("send", "q", "a", "-n", "3", "-p", "kind=x");
        ok("send", "q", "b", "-n", "2", "-p", "kind=y");
        assertThat(ok("copy", "q", "copies", "--selector", "kind = 'y'").out()).contains("copied 2 messages");
        assertThat(ok("move", "q", "moved", "--selector", "kind = 'y'").out()).contains("moved 2 messages");
        assertThat(ok("remove", "q", "--selector", "kind = 'x'").out()).contains("removed 3 messages");
        assertThat(run("remove", "q").code()).isEqualTo(2);
        assertThat(run("move", "q", "moved", "--selector", "=").code()).isNotZero();
    }
}
