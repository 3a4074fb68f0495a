package io.sqlmq.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A server under a watchdog: a shell script that reads from a pipe whose other end this JVM holds. When the JVM ends,
 * in whatever way, the pipe closes, and the script stops the server and deletes its directory. So nothing needs to be
 * done at the JVM's exit, and the shutdown hooks of the application still find the database.
 */
final class WatchedProcess implements ServerProcess {

    private static final String SCRIPT = "watchdog.sh";

    private final ControlDirectory control;
    private final LeftoverServers leftovers;
    private final Process watchdog;

    private WatchedProcess(ControlDirectory control, LeftoverServers leftovers, Process watchdog) {
        this.control = control;
        this.leftovers = leftovers;
        this.watchdog = watchdog;
    }

    static WatchedProcess start(
            ControlDirectory control,
            HomeDirectory home,
            Binaries binaries,
            Launcher launcher,
            LeftoverServers leftovers,
            List<String> arguments)
            throws IOException {
        Path script = control.path().resolve(SCRIPT);
        try (InputStream source = Objects.requireNonNull(WatchedProcess.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            Files.copy(source, script);
        }
        List<String> command = new ArrayList<>(ownSession());
        command.addAll(List.of("sh", script.toString(), control.path().toString()));
        command.add(control.kept() ? "INT" : "QUIT"); // fast shutdown writes a checkpoint, immediate does not
        command.addAll(launcher.command(
                binaries.program("postgres"), "-D", control.data().toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(control.log().toFile()));
        Command.environment(builder);
        return new WatchedProcess(control, leftovers, builder.start());
    }

    /** Signals meant for the JVM's process group, as Ctrl-C and {@code timeout} send them, must not reach the watchdog. */
    private static List<String> ownSession() {
        for (String directory : List.of("/usr/bin", "/bin")) {
            if (Files.isExecutable(Path.of(directory, "setsid"))) {
                return List.of(directory + "/setsid");
            }
        }
        if (Files.isExecutable(Path.of("/usr/bin/perl"))) { // macOS
            return List.of("/usr/bin/perl", "-e", "use POSIX; POSIX::setsid(); exec @ARGV");
        }
        return List.of();
    }

    @Override
    public boolean ready() {
        return PostmasterFile.read(control.data())
                .filter(file -> file.ready() && file.pid() == serverPid())
                .isPresent();
    }

    private long serverPid() {
        try {
            return Long.parseLong(
                    Files.readString(control.path().resolve("pid")).strip());
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    @Override
    public boolean ended() {
        return Files.exists(control.path().resolve("exit")) || !watchdog.isAlive();
    }

    @Override
    public void stop() throws IOException {
        watchdog.getOutputStream().close();
        try {
            watchdog.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the watchdog goes on alone
            return;
        }
        leftovers.stop(control.data(), "immediate"); // only if someone killed the watchdog
        control.close();
    }
}
