package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
                        "QUEUE   DEPTH  READY  IN FLIGHT  DELAYED  BACKING OFF  SET ASIDE  DEAD  OLDEST AGE  PAUSED  IN RATE"
                                + "  OUT RATE");
        assertThat(ok("queues", "or*").lines().get(1))
                .matches("orders +4 +3 +0 +1 +0 +0 +0 +\\d\\.\\d s {2}false +0\\.\\d +0\\.0");
        assertThat(ok("queues", "other", "-o", "json").out())
                .matches(
                        "\\{\"queue\":\"other\",\"depth\":1,\"ready\":1,\"in_flight\":0,\"delayed\":0,\"backing_off\":0,"
                                + "\"set_aside\":0,\"dead\":0,\"oldest_age\":[0-9.]+,\"paused\":true,\"in_rate\":0\\.[01],\"out_rate\":0\\.0\\}\\R");
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
    void saysHowManyMessagesComeAndGoAlsoWhereNoneStays() throws Exception {
        sql(
                "INSERT INTO mq_traffic VALUES (date_trunc('minute', now()) - interval '1 min', 'busy', 60000, 60000)",
                "INSERT INTO mq_msgs (id, channel_name) VALUES (gen_random_uuid(), 'by.sql')");
        List<Map<String, Object>> found = ok("queues", "-o", "json").lines().stream()
                .map(line -> Json.object(line, "it"))
                .toList();
        assertThat(found).extracting(queue -> queue.get("queue")).containsExactly("busy", "by.sql");
        assertThat(found.get(0)).containsEntry("depth", 0).containsEntry("paused", false);
        assertThat(((Number) found.get(0).get("in_rate")).doubleValue()).isBetween(500.0, 1000.0);
        assertThat(found.get(0).get("out_rate")).isEqualTo(found.get(0).get("in_rate"));
        assertThat(found.get(1)).containsEntry("depth", 1).containsEntry("in_rate", null);
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

    @Test
    @Timeout(60)
    void whatWouldNeverEndEndsWhenNobodyReadsIt() {
        ok("send", "q", "one");
        ok("send", "q", "two");
        assertThat(runForHead("queues", "--watch", "100ms")).isZero();
        assertThat(runForHead("tail", "q")).isZero();
    }
}
