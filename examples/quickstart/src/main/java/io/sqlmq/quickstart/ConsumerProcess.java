package io.sqlmq.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A child process that runs {@link OrderConsumer}. */
final class ConsumerProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 20;

    private final String name;
    private final Process process;
    private final BufferedReader out;

    private ConsumerProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts a process; it becomes ready in the background. */
    static ConsumerProcess start(String name, Database database, int listeners, int workMillis) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OrderConsumer.class.getName(),
                        name,
                        String.valueOf(listeners),
                        String.valueOf(workMillis))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Writer in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        in.write(database.url() + "\n");
        in.flush();
        return new ConsumerProcess(name, process);
    }

    String name() {
        return name;
    }

    /** Waits until its listeners have started. */
    void awaitReady() throws IOException {
        String line = out.readLine();
        if (!OrderConsumer.READY.equals(line)) {
            throw new IOException(name + " did not start; what it printed is above");
        }
    }

    /** SIGKILL: the process gets no chance to say good-bye to the database. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Lets it finish what it is working on. */
    @Override
    public void close() throws IOException, InterruptedException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(name + " did not stop within " + STOP_SECONDS + " s");
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
