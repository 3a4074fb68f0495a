package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops servers whose JVM and watchdog are both gone, and deletes what they left. */
record LeftoverServers(HomeDirectory home, Binaries binaries, Launcher launcher) {

    private static final Logger LOG = LoggerFactory.getLogger(LeftoverServers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    void remove(Path control, Path data, boolean kept) {
        try {
            stop(data, kept ? "fast" : "immediate");
            FileTree.delete(control);
            LOG.debug("Removed {}, left by a JVM that was killed", control);
        } catch (IOException e) {
            LOG.warn("Could not remove {}, left by a JVM that was killed", control, e);
        }
    }

    /** Stops the server of a data directory, if one runs. */
    void stop(Path data, String mode) throws IOException {
        Optional<ProcessHandle> server = PostmasterFile.process(data);
        if (server.isEmpty()) {
            return;
        }
        Command.run(
                home.path(),
                launcher.command(
                        binaries.program("pg_ctl"), "stop", "-D", data.toString(), "-m", mode, "-w", "-t", "10"));
        if (!Pause.until(PATIENCE, () -> PostmasterFile.process(data).isEmpty())) {
            LOG.warn(
                    "Killing the PostgreSQL server {}, which does not stop",
                    server.get().pid());
            server.get().destroyForcibly();
        }
    }
}
