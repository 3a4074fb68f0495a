package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

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
                "INSERT INTO mq_traffic VALUES (date_trunc('minute', now()), 'busy', 60000, 60000)",
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
    void wideCharactersTakeTwoColumnsAndIdsAreNeverCut() {
        String id = MessagesTest.id(ok("send", "q", "日本語".repeat(20) + "\ud83d\ude00", "-p", "k=e\u0301"));
        ok("send", "q", "x\u202ey", "-p", "k=é");
        terminal = true;
        environment.put("COLUMNS", "90");
        List<String> lines = ok("browse", "q").lines();
        assertThat(lines.get(1)).startsWith(id + "  ").endsWith("…");
        int body = lines.get(2).lastIndexOf("x y");
        assertThat(body).as(lines.get(2)).isPositive();
        String before = lines.get(1).substring(0, lines.get(1).indexOf("日"));
        assertThat(Columns.of(before)).isEqualTo(Columns.of(lines.get(2).substring(0, body)));
        assertThat(Columns.cut("日本語", 5)).isEqualTo("日本…");
        assertThat(Columns.cut("日本語", 4)).isEqualTo("日…");
        assertThat(Columns.cut("a\ud83d\ude00b", 3)).isEqualTo("a…");
    }

    /** "Until Ctrl-C", not until the server starts again. */
    @Test
    @Timeout(60)
    void aWatchGoesOnWhenItsConnectionIsLost() {
        ok("send", "orders", "one");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Sqlmq.commandLine(environment, InputStream.nullInputStream(), false, false, clock);
        line.setErr(new PrintWriter(err, true));
        line.setOut(new PrintWriter(
                new FilterWriter(out) {
                    private boolean isFirst = true;

                    @Override
                    public void flush() throws IOException {
                        if (isFirst) {
                            isFirst = false;
                            try {
                                sql(
                                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sqlmq-cli'");
                            } catch (SQLException e) {
                                throw new IOException(e);
                            }
                        }
                        super.flush();
                    }
                },
                true));
        assertThat(line.execute("queues", "-o", "json", "--watch", "20ms", "--times", "5"))
                .isZero();
        assertThat(err.toString().lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("sqlmq: ")
                .endsWith("; trying again every 0.0 s");
        assertThat(out.toString().lines()).hasSize(4);
    }

    @Test
    @Timeout(60)
    void whatWouldNeverEndEndsWhenNobodyReadsIt() {
        ok("send", "q", "one");
        ok("send", "q", "two");
        assertThat(runForHead("queues", "--watch", "100ms")).isZero();
        assertThat(runForHead("tail", "q")).isZero();
        assertThat(runForHead("browse", "q", "-o", "json")).isZero();
        ok("send", "q", "many", "-n", "250");
        assertThat(runForHead("export", "q")).as("a part looks like all of it").isEqualTo(1);
    }
}
