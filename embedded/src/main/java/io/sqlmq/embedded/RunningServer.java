package io.sqlmq.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A started server: its port, its directory and its process. */
record RunningServer(int port, ControlDirectory control, ServerProcess process) {

    private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);
    private static final int ATTEMPTS = 5;

    /**
     * All until they are stopped: the garbage collector closes files that nobody refers to, and without its lock a server
     * looks to other JVMs as if this one were dead.
     */
    private static final Set<RunningServer> RUNNING = ConcurrentHashMap.newKeySet();

    static RunningServer start(EmbeddedOptions options) {
        try {
            long start = System.nanoTime();
            Platform platform = Platform.current();
            HomeDirectory home = HomeDirectory.open();
            Launcher launcher = Launcher.detect(home, platform);
            RunningServer server =
                    new Starter(home, platform, Binaries.unpacked(home, platform), launcher).start(options);
            RUNNING.add(server);
            LOG.info("PostgreSQL runs on port {} after {} ms", server.port, (System.nanoTime() - start) / 1_000_000);
            return server;
        } catch (IOException e) {
            throw new EmbeddedDatabaseException("Could not start an embedded PostgreSQL: " + e, e);
        }
    }

    /** Of all that run. */
    static IntStream ports() {
        return RUNNING.stream().mapToInt(RunningServer::port);
    }

    boolean ended() {
        return process.ended();
    }

    Path dataDirectory() {
        return control.data();
    }

    void stop() {
        RUNNING.remove(this);
        try {
            process.stop();
        } catch (IOException e) {
            throw new EmbeddedDatabaseException(
                    "Could not remove the embedded PostgreSQL in " + control.path() + ": " + e, e);
        }
    }

    /** What all starts on this machine have in common. */
    record Starter(HomeDirectory home, Platform platform, Binaries binaries, Launcher launcher) {

        RunningServer start(EmbeddedOptions options) throws IOException {
            for (int attempt = 1; ; attempt++) {
                int port = options.port() == 0 ? freePort() : options.port();
                try {
                    return start(options, port);
                } catch (PortTakenException e) {
                    if (options.port() != 0 || attempt == ATTEMPTS) {
                        throw new EmbeddedDatabaseException(
                                "Port " + port + " is taken; leave the option port out to get a free one. The server's"
                                        + " log:" + System.lineSeparator() + e.getMessage(),
                                e);
                    }
                }
            }
        }

        private RunningServer start(EmbeddedOptions options, int port) throws IOException {
            ControlDirectory control = ControlDirectory.create(
                    home, options.dataDirectory(), new LeftoverServers(home, binaries, launcher));
            ServerProcess process;
            try {
                DataDirectory data = new DataDirectory(home, binaries, launcher);
                if (control.kept()) {
                    data.createKept(control.data());
                } else {
                    data.createTemporary(control.data());
                }
                process = ServerProcess.start(control, home, platform, binaries, launcher, arguments(port, options));
            } catch (IOException | RuntimeException e) {
                control.close();
                throw e;
            }
            boolean decided = Pause.until(ServerProcess.START_LIMIT, () -> process.ready() || process.ended());
            if (decided && !process.ended()) {
                return new RunningServer(port, control, process);
            }
            String log = control.endOfLog();
            process.stop();
            if (log.contains("could not bind")) {
                throw new PortTakenException(log);
            }
            String failure = decided
                    ? "ended while it started"
                    : "did not start within " + ServerProcess.START_LIMIT.toSeconds() + " s";
            throw new EmbeddedDatabaseException(
                    "The embedded PostgreSQL " + failure + ". The server's log:" + System.lineSeparator() + log);
        }

        private List<String> arguments(int port, EmbeddedOptions options) {
            List<String> arguments = new ArrayList<>(List.of("-p", Integer.toString(port)));
            options.serverSettings(platform.windows())
                    .forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
            return arguments;
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
                return socket.getLocalPort();
            }
        }
    }

    /** The message is the end of the server's log. */
    private static final class PortTakenException extends IOException {
        PortTakenException(String log) {
            super(log);
        }
    }
}
