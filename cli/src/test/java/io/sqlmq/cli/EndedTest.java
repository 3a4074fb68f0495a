package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are ended by Ctrl-C or SIGTERM: nothing is lost or half done, and no stack trace is shown. */
@Timeout(180)
class EndedTest extends CliTestCase {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private enum Signal {
        INT(130),
        TERM(143);

        final int exitCode;

        Signal(int exitCode) {
            this.exitCode = exitCode;
        }

        /** Ctrl-C, but where whoever runs the tests ignores it, as shells let commands in the background do. */
        static Signal interrupt() throws IOException {
            Path status = Path.of("/proc/self/status");
            boolean isIgnored = Files.exists(status)
                    && Files.readAllLines(status).stream()
                            .filter(line -> line.startsWith("SigIgn:"))
                            .anyMatch(line ->
                                    (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
            return isIgnored ? TERM : INT;
        }
    }

    @TempDir
    private Path directory;

    private Path out;
    private Path err;
    private Process process;

    @AfterEach
    void kill() {
        process.destroyForcibly();
    }

    private void start(String... args) throws IOException {
        out = directory.resolve("out");
        err = directory.resolve("err");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Sqlmq.class.getName()));
        command.addAll(Arrays.asList(args));
        command.addAll(List.of("--url", url));
        process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    private void end(Signal signal) throws Exception {
        signal(signal);
        ended(signal);
    }

    private void signal(Signal signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
    }

    private void ended(Signal signal) throws Exception {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(signal.exitCode);
    }

    private static long number(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void eventually(String sql, long expected) {
        await().atMost(PATIENCE).until(() -> number(sql) == expected);
    }

    /** Each is printed or in the queue, none is both, and none has failed. */
    @Test
    void receiveEndsBetweenTwoMessages() throws Exception {
        sql("SELECT mq_send('many', i::text) FROM generate_series(1, 3000) i");
        start("receive", "many", "-n", "0");
        await().atMost(PATIENCE).until(() -> Files.size(out) > 200);
        end(Signal.interrupt());
        List<String> printed = Files.readAllLines(out);
        assertThat(printed)
                .isEqualTo(IntStream.rangeClosed(1, printed.size())
                        .mapToObj(String::valueOf)
                        .toList());
        assertThat(number("SELECT count(*) FROM mq_messages WHERE queue = 'many'"))
                .isEqualTo(3_000 - printed.size());
        assertThat(ok("receive", "many", "-o", "json").out())
                .contains("\"body\":\"" + (printed.size() + 1) + "\"")
                .contains("\"JMSXDeliveryCount\":1");
        assertThat(err).isEmptyFile();
    }

    @Test
    void receiveThatWaitsEndsSoon() throws Exception {
        start("receive", "nothing", "--timeout", "1h");
        eventually("SELECT count(*) FROM mq_waiters WHERE channel_name = 'nothing'", 1);
        end(Signal.TERM);
        assertThat(err).isEmptyFile();
        assertThat(number("SELECT count(*) FROM mq_waiters")).isZero();
    }

    /** Or messages would come for somebody who is not there. */
    @Test
    void tailOfATopicLeavesNoSubscription() throws Exception {
        start("tail", "topic://news");
        eventually("SELECT count(*) FROM mq_subscriptions", 1);
        jms(context -> context.createProducer().send(context.createTopic("news"), "new"));
        await().atMost(PATIENCE).until(() -> Files.size(out) > 0);
        end(Signal.interrupt());
        assertThat(number("SELECT count(*) FROM mq_subscriptions")).isZero();
        assertThat(out).hasContent("new");
        assertThat(err).isEmptyFile();
    }

    @Test
    void sendSaysHowManyAreSent() throws Exception {
        start("send", "lines", "--json-lines");
        try (Writer input = process.outputWriter(StandardCharsets.UTF_8)) {
            for (int i = 1; i <= 1_200; i++) {
                input.write("{\"body\":\"" + i + "\"}\n");
            }
            input.flush();
            eventually("SELECT count(*) FROM mq_messages WHERE queue = 'lines'", 1_000);
            end(Signal.interrupt());
        }
        assertThat(number("SELECT count(*) FROM mq_messages WHERE queue = 'lines'"))
                .isEqualTo(1_000);
        assertThat(err).hasContent("sqlmq: ended before all was sent; 1000 messages were sent");
    }

    @Test
    void importImportsNothing() throws Exception {
        jms(context -> context.createProducer().send(context.createQueue("orders"), "one"));
        String line = ok("export", "orders").out();
        start("import", "--to", "again");
        try (Writer input = process.outputWriter(StandardCharsets.UTF_8)) {
            input.write(line);
            input.flush();
            eventually(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND state = 'idle in transaction' AND query LIKE '%mq_restore%'",
                    1);
            end(Signal.TERM);
        }
        assertThat(number("SELECT count(*) FROM mq_messages WHERE queue = 'again'"))
                .isZero();
        assertThat(err).hasContent("sqlmq: ended before all was imported; nothing was");
    }

    /** What the server would otherwise go on with for nobody. */
    @Test
    void whatIsAskedIsCancelledAtTheServer() throws Exception {
        try (Connection locking = DriverManager.getConnection(url);
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE mq_msgs");
            start("queues");
            eventually(WAITING, 1);
            end(Signal.interrupt());
            eventually(WAITING, 0);
        }
        assertThat(out).isEmptyFile();
        assertThat(err).isEmptyFile();
    }

    private static final String WAITING =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mq_msgs'::regclass";

    /** As migrating is one transaction, nothing of it is left. */
    @Test
    void migrateChangesNothing() throws Exception {
        String before = url;
        String other = newDatabase("ended");
        try (Connection locking = DriverManager.getConnection(other);
                Statement statement = locking.createStatement()) {
            statement.execute("CREATE SCHEMA mq");
            url = other + (other.contains("?") ? "&" : "?") + "sqlmq.schema=mq";
            locking.setAutoCommit(false);
            statement.execute("CREATE TABLE mq.mq_msgs ()");
            start("migrate");
            eventually("SELECT count(*) FROM pg_locks WHERE NOT granted", 1);
            end(Signal.interrupt());
            locking.rollback();
            eventually("SELECT count(*) FROM pg_class WHERE relname = 'mq_msgs'", 0);
        } finally {
            url = before;
        }
        assertThat(err).content().contains("cancel");
    }

    @Test
    void purgeSaysHowManyAreGone() throws Exception {
        sql(
                "INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), 'many', i::text"
                        + " FROM generate_series(1, 2500) i",
                "CREATE FUNCTION ended_waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.payload_text = '1500' THEN"
                        + " PERFORM pg_advisory_xact_lock(4711002); END IF; RETURN OLD; END $$",
                "CREATE TRIGGER ended_waits BEFORE DELETE ON mq_msgs FOR EACH ROW EXECUTE FUNCTION ended_waits()");
        String waiting =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711002 AND NOT granted";
        try (Connection locking = DriverManager.getConnection(url);
                Statement statement = locking.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4711002)");
            start("purge", "many", "--yes");
            eventually(waiting, 1);
            signal(Signal.interrupt());
            await().pollDelay(Duration.ofMillis(300)).until(process::isAlive);
            statement.execute("SELECT pg_advisory_unlock(4711002)");
            ended(Signal.interrupt());
        } finally {
            sql("DROP FUNCTION ended_waits() CASCADE");
        }
        assertThat(err).hasContent("sqlmq: Purging many was interrupted after 2000 messages");
        assertThat(number("SELECT count(*) FROM mq_messages WHERE queue = 'many'"))
                .isEqualTo(500);
    }

    @Test
    void exportLeavesNoPartOfAFile() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        try (Connection locking = DriverManager.getConnection(url);
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE mq_msgs");
            start("export", "orders", "--file", file.toString());
            await().atMost(PATIENCE).until(() -> Files.exists(file));
            end(Signal.interrupt());
        }
        assertThat(file).doesNotExist();
        assertThat(err).isEmptyFile();
    }
}
