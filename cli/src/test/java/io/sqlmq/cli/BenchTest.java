package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest extends CliTestCase {

    @TempDir
    Path directory;

    @Test
    void measuresAndSaysWhatItMeansAndLeavesNothing() {
        ok("send", "orders", "stays");
        Result bench = ok("bench", "--duration", "1s", "--clients", "2");
        assertThat(bench.lines().get(0)).matches("MEASURED +PER SECOND +MEDIAN MS +P99 MS");
        assertThat(bench.lines()).hasSize(1 + 8 + 1 + 5);
        assertThat(bench.out())
                .containsPattern("A round trip takes [0-9.]+ ms")
                .containsPattern("Commits (wait [0-9.]+ ms for the disk|do not wait for the disk: fsync)")
                .containsPattern("A consumer that waits has a message [0-9.]+ ms after")
                .containsPattern("send [0-9.]+ times as many a second \\(2 clients\\)")
                .containsPattern("One consumer receives \\d+ a second one by one");
        assertThat(ok("queues").lines()).hasSize(2).last().asString().startsWith("orders");
    }

    @Test
    void programsHaveANumberForEachMeasurement() {
        Result bench = ok("bench", "--duration", "1s", "--clients", "2", "-o", "json");
        List<Map<String, Object>> found =
                bench.lines().stream().map(line -> Json.object(line, "it")).toList();
        assertThat(found)
                .extracting(measured -> measured.get("measured"))
                .containsExactly(
                        "round trip",
                        "commit",
                        "send to receive",
                        "send",
                        "send, 2 clients",
                        "send, in hundreds",
                        "receive",
                        "receive, in hundreds");
        assertThat(found).allSatisfy(measured -> {
            assertThat(number(measured, "per_second")).isPositive();
            assertThat(number(measured, "median_ms")).isPositive().isLessThanOrEqualTo(number(measured, "p99_ms"));
        });
        assertThat(bench.err()).isEmpty();
    }

    @Test
    void refusesWhatCannotBeMeasured() {
        for (String[] wrong :
                new String[][] {{"--duration", "10ms"}, {"--duration", "soon"}, {"--clients", "0"}, {"--size", "-1"}}) {
            Result result = run("bench", wrong[0], wrong[1]);
            assertThat(result.code()).as(wrong[0] + " " + wrong[1]).isEqualTo(2);
            assertThat(result.err()).contains(wrong[0]);
        }
    }

    @Test
    void whoMayNotSendIsToldSo() throws Exception {
        sql("DROP ROLE IF EXISTS cli_looker", "CREATE ROLE cli_looker LOGIN", "SELECT mq_grant('cli_looker', 'watch')");
        try {
            Result result = run("bench", "--duration", "1s", "--user", "cli_looker");
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("permission denied").doesNotContain("\tat ");
        } finally {
            sql("SELECT mq_revoke('cli_looker')", "DROP ROLE cli_looker");
        }
    }

    @Test
    void leavesNothingWhenItIsEnded() throws Exception {
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sqlmq.class.getName(),
                        "bench",
                        "--duration",
                        "24s",
                        "--url",
                        url)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(err.toFile())
                .start();
        try {
            await().atMost(Duration.ofMinutes(3)).until(() -> !process.isAlive() || isThere());
            process.destroy(); // as Ctrl-C does
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(Files.readString(err)).doesNotContain("\tat ");
            assertThat(isThere()).isFalse();
            assertThat(process.exitValue()).isNotZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private boolean isThere() {
        return ok("queues", "sqlmq-bench*").lines().size() > 1;
    }

    private static double number(Map<String, Object> measured, String name) {
        return ((Number) measured.get(name)).doubleValue();
    }
}
