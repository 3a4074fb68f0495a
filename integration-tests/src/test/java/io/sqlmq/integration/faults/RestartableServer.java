package io.sqlmq.integration.faults;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.testing.Async;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A server of the test's own that can be crashed and started again on the same port and data directory. Its commits
 * reach the operating system, as they do with fsync, so that they survive the crash.
 */
public final class RestartableServer implements AutoCloseable {

    private static Path unused;

    private final EmbeddedOptions options;
    private SqlmqEmbedded running;

    private RestartableServer(EmbeddedOptions options) {
        this.options = options;
        this.running = SqlmqEmbedded.start(options);
    }

    public static RestartableServer start(Path data) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        copyNew(data);
        return new RestartableServer(EmbeddedOptions.defaults()
                .port(port)
                .dataDirectory(data)
                .setting("synchronous_commit", "on")
                .setting("full_page_writes", "on")
                .setting("wal_writer_delay", "10s")); // or what nobody has committed may reach the log
    }

    /** To make a data directory takes longer than to copy one. */
    private static synchronized void copyNew(Path data) throws IOException {
        if (unused == null) {
            Path directory = Files.createTempDirectory("sqlmq-data");
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> Async.unchecked(() -> run("rm", "-r", directory.toString()))));
            SqlmqEmbedded.start(EmbeddedOptions.defaults().dataDirectory(directory))
                    .close();
            unused = directory;
        }
        if (Async.unchecked(() -> run("cp", "-a", unused + "/.", data.toString())) != 0) {
            throw new IOException("Not copied to " + data);
        }
    }

    public String jdbcUrl() {
        return running.jdbcUrl();
    }

    /** SIGQUIT: every backend ends at once, in the middle of what it does; the next start recovers from the log. */
    public void crash() throws IOException, InterruptedException {
        long pid = postmaster();
        signal("-QUIT", pid);
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
        running.close();
    }

    /** SIGSTOP: connections stay, nothing is answered. */
    public void freeze() throws IOException, InterruptedException {
        signalAll("-STOP");
    }

    /** SIGCONT. */
    public void thaw() throws IOException, InterruptedException {
        signalAll("-CONT");
    }

    private void signalAll(String signal) throws IOException, InterruptedException {
        long pid = postmaster();
        signal(signal, pid);
        for (ProcessHandle process :
                ProcessHandle.of(pid).orElseThrow().descendants().toList()) {
            signal(signal, process.pid());
        }
    }

    private long postmaster() throws IOException {
        List<String> file = Files.readAllLines(running.dataDirectory().resolve("postmaster.pid"));
        return Long.parseLong(file.get(0).strip());
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        run("kill", signal, Long.toString(pid));
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /** An orderly stop that ends all connections: as an administrator restarts a server. */
    public void stop() {
        running.close();
    }

    public void startAgain() {
        running = SqlmqEmbedded.start(options);
    }

    @Override
    public void close() {
        running.close();
    }
}
