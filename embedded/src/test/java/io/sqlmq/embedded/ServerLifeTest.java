package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.ServerProgram.Started;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** A server ends with its JVM, and nothing of it stays. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "leftovers are removed at the next start there, as the README says")
@Timeout(120)
class ServerLifeTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    static Path home;

    @BeforeAll
    static void unpackOnce() throws Exception {
        Process program = ServerProgram.launch(home, "sqlmq:embedded");
        end(program, started(program, 1));
    }

    /** Tried a few times, as the machine may be busy with other things. */
    @Test
    void startsWithinSecondsInAFreshJvm() throws Exception {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 5 && best > 10_000; round++) {
            Process program = ServerProgram.launch(home, "sqlmq:embedded");
            List<Started> servers = started(program, 1);
            end(program, servers);
            best = Math.min(best, servers.get(0).millis());
        }
        assertThat(best).isLessThan(10_000);
    }

    @Test
    void isGoneAfterAnOrderlyExit() throws Exception {
        Process program = ServerProgram.launch(home, "sqlmq:embedded", "sqlmq:embedded:other");
        List<Started> servers = started(program, 2);
        assertThat(servers).allMatch(Started::running).extracting(Started::port).doesNotHaveDuplicates();
        program.getOutputStream().close();
        assertThat(program.waitFor()).isZero();
        assertNothingStays(servers);
    }

    @Test
    void isGoneAfterTheJvmWasKilled() throws Exception {
        Process program = ServerProgram.launch(home, "sqlmq:embedded", "sqlmq:embedded:other");
        List<Started> servers = started(program, 2);
        assertThat(servers).allMatch(Started::running);
        program.destroyForcibly().waitFor();
        assertNothingStays(servers);
    }

    @Test
    void keepsANamedDataDirectoryWhenTheJvmIsKilled(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        Process program = ServerProgram.launch(home, "sqlmq:embedded?fsync=on&dataDirectory=" + data);
        Started server = started(program, 1).get(0);
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=postgres");
        Sql.run(dataSource, "CREATE TABLE kept AS SELECT 42 AS answer");
        program.destroyForcibly().waitFor();
        await().atMost(SOON).until(() -> !server.running());

        try (SqlmqEmbedded again =
                SqlmqEmbedded.start(EmbeddedOptions.defaults().dataDirectory(data))) {
            assertThat(Sql.value(again.jdbcUrl(), "SELECT answer FROM kept")).isEqualTo("42");
        }
        assertThat(data.resolve("PG_VERSION")).exists();
    }

    private static List<ProcessHandle> watchdogs(Process program, Started server) {
        return program.toHandle()
                .descendants()
                .filter(process -> process.pid() != server.pid())
                .filter(process -> process.info().commandLine().orElse("").contains("watchdog.sh"))
                .toList();
    }

    @Test
    void theNextStartSweepsWhatJvmAndWatchdogLeftWhenBothWereKilled() throws Exception {
        Process program = ServerProgram.launch(home, "sqlmq:embedded");
        Started server = started(program, 1).get(0);
        // The script, and the part of it that waits for the pipe to close: when the script ends, the JVM closes the
        // pipe.
        await().until(() -> watchdogs(program, server).size() == 2);
        List<ProcessHandle> watchdogs = watchdogs(program, server);
        watchdogs.stream()
                .filter(process -> process.parent().map(watchdogs::contains).orElse(false))
                .forEach(ProcessHandle::destroyForcibly);
        watchdogs.forEach(ProcessHandle::destroyForcibly);
        program.destroyForcibly().waitFor();
        await().until(() -> watchdogs.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(server.running()).isTrue();
        assertThat(server.data()).exists();

        Process next = ServerProgram.launch(home, "sqlmq:embedded");
        List<Started> servers = started(next, 1);
        assertNothingStays(List.of(server));
        end(next, servers);
    }

    @Test
    void aServerThatNobodyRefersToAnyMoreIsNotSweptByOthers() throws Exception {
        SqlmqEmbedded dropped = SqlmqEmbedded.start();
        Path data = dropped.dataDirectory();
        WeakReference<SqlmqEmbedded> reference = new WeakReference<>(dropped);
        dropped = null;
        await().untilAsserted(() -> {
            System.gc();
            assertThat(reference.refersTo(null)).isTrue();
        });
        for (int i = 0; i < 3; i++) { // what it referred to, and what cleans up after that
            System.gc();
            Thread.sleep(100);
        }

        Process other = ServerProgram.launch(data.getParent().getParent().getParent(), "sqlmq:embedded");
        end(other, started(other, 1));
        ProcessHandle server = PostmasterFile.process(data).orElseThrow();
        assertThat(server.isAlive()).isTrue();
        server.destroy();
    }

    @Test
    void jvmsThatStartAtTheSameTimeOnAFreshMachineDoNotCollide(@TempDir Path fresh) throws Exception {
        List<Process> programs = List.of(
                ServerProgram.launch(fresh, "sqlmq:embedded"),
                ServerProgram.launch(fresh, "sqlmq:embedded"),
                ServerProgram.launch(fresh, "sqlmq:embedded"));
        for (Process program : programs) {
            assertThat(started(program, 1)).allMatch(Started::running);
        }
        assertThat(count(fresh.resolve("servers"))).isEqualTo(3);
        for (Process program : programs) {
            program.destroyForcibly().waitFor();
        }
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(count(fresh.resolve("servers"))).isZero());
    }

    private static List<Started> started(Process program, int servers) throws IOException {
        BufferedReader output = program.inputReader(StandardCharsets.UTF_8);
        return Stream.generate(() -> line(output))
                .limit(servers)
                .map(Started::parse)
                .toList();
    }

    private static String line(BufferedReader output) {
        try {
            String line = output.readLine();
            assertThat(line).as("the program's output").isNotNull();
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Process program, List<Started> servers) throws Exception {
        program.getOutputStream().close();
        assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertNothingStays(servers);
    }

    private static void assertNothingStays(List<Started> servers) {
        for (Started server : servers) {
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(server.running())
                        .as("server process %s", server.pid())
                        .isFalse();
                assertThat(server.data().getParent()).doesNotExist();
            });
        }
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
