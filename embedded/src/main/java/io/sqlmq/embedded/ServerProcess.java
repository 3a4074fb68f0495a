package io.sqlmq.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The process of one server, and what ends it. */
interface ServerProcess {

    /** How long a server may take to start; recovery of a kept directory after a power cut needs its time. */
    Duration START_LIMIT = Duration.ofSeconds(60);

    /** Time after which a server that was told to stop is killed. */
    Duration STOP_LIMIT = Duration.ofSeconds(20);

    /** Whether it accepts connections. */
    boolean ready();

    /** Whether it has ended, by itself or because it was stopped. */
    boolean ended();

    /** Stops it and deletes what it leaves, but for a kept data directory. Does nothing the second time. */
    void stop() throws IOException;

    static ServerProcess start(
            ControlDirectory control,
            HomeDirectory home,
            Platform platform,
            Binaries binaries,
            Launcher launcher,
            List<String> arguments)
            throws IOException {
        LeftoverServers leftovers = new LeftoverServers(home, binaries, launcher);
        return platform.windows()
                ? WindowsProcess.start(control, home, binaries, leftovers, arguments)
                : WatchedProcess.start(control, home, binaries, launcher, leftovers, arguments);
    }
}
