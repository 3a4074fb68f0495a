package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueuesTest extends CliTestCase {

    @Test
    void showsWhatIsInThem() throws Exception {
        ok("send", "orders", "one", "-n", "3");
        ok("send", "orders", "later", "--delay", "1h");
        ok("send", "other", "x");
        ok("pause", "other", "--reason", "printer");
        assertThat(ok("queues").lines())
                .hasSize(3)
                .first()
                .asString()
                .isEqualTo(
                        "QUEUE   DEPTH  READY  IN FLIGHT  DELAYED  BACKING OFF  SET ASIDE  DEAD  OLDEST AGE  PAUSED");
        assertThat(ok("queues", "or*").lines().get(1)).matches("orders +4 +3 +0 +1 +0 +0 +0 +\\d\\.\\d s {2}false");
        assertThat(ok("queues", "other", "-o", "json").out())
                .matches(
                        "\\{\"queue\":\"other\",\"depth\":1,\"ready\":1,\"in_flight\":0,\"delayed\":0,\"backing_off\":0,"
                                + "\"set_aside\":0,\"dead\":0,\"oldest_age\":[0-9.]+,\"paused\":true\\}\\R");
        assertThat(ok("queues", "o_hers").lines()).as("no wildcard of SQL").hasSize(1);
    }

    @Test
    void looksAgainAndShowsWhatHasChanged() {
        ok("send", "orders", "one");
        assertThat(ok("queues", "--watch=50ms", "--times", "2", "-o", "json").lines())
                .hasSize(2)
                .first()
                .asString()
                .contains("\"change\":null");
        assertThat(ok("queues", "--watch=50ms", "--times", "2", "-o", "json")
                        .lines()
                        .get(1))
                .contains("\"change\":0");
        terminal = true;
        assertThat(ok("queues", "--watch=50ms", "--times", "2").out()).contains("\u001b[2J");
    }

    @Test
    void aNarrowTerminalCutsWhatIsLongest() {
        ok("send", "a.queue.with.a.very.long.name.that.nobody.wants", "x");
        terminal = true;
        environment.put("COLUMNS", "100");
        assertThat(ok("queues").lines().get(1))
                .startsWith("a.queue.with")
                .contains("…")
                .hasSizeLessThanOrEqualTo(100);
    }
}
