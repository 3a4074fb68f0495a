package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A program of the test class path in a JVM of its own, to be killed, frozen or cut off. Its lines can be waited for. */
public final class ChildJvm implements AutoCloseable {

    /** What system properties that the programs get begin with. */
    public static final String PASSED_ON = "io.sqlmq.engine.";

    private static final int LINE_SECONDS = 50;

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> said = new CopyOnWriteArrayList<>();

    private ChildJvm(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "child-output");
        reader.setDaemon(true);
        reader.start();
    }

    public static ChildJvm start(Class<?> program, String... arguments) throws IOException {
        return start(List.of(), program, arguments);
    }

    /**
     * Starts a program.
     *
     * @param prefix a command that replaces itself by the JVM
     */
    public static ChildJvm start(List<String> prefix, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path")));
        System.getProperties().forEach((name, value) -> {
            if (String.valueOf(name).startsWith(PASSED_ON)) {
                command.add("-D" + name + "=" + value);
            }
        });
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return new ChildJvm(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                said.add(line);
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("its output broke off: " + e);
        }
    }

    /** Waits for a line that is exactly this; others before it are skipped. */
    public void awaitLine(String expected) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LINE_SECONDS);
        List<String> seen = new ArrayList<>();
        while (true) {
            String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(line).as("line \"%s\" after %s", expected, seen).isNotNull();
            if (expected.equals(line)) {
                return;
            }
            seen.add(line);
        }
    }

    /** Its lines so far. */
    public List<String> said() {
        return List.copyOf(said);
    }

    /** Writes a line to its standard input. */
    public void tell(String line) throws IOException {
        process.getOutputStream().write((line + '\n').getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** SIGSTOP: its connections stay open, and the kernel goes on answering for them. */
    public void freeze() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    public void awaitExit() throws InterruptedException {
        assertThat(process.waitFor(LINE_SECONDS, TimeUnit.SECONDS)).as("exited").isTrue();
    }

    @Override
    public void close() {
        kill();
    }
}
