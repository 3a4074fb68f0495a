package io.sqlmq.embedded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on Windows, which has no shell that could watch over it: it is stopped by a shutdown hook, or after a kill of
 * the JVM by the next embedded server that this user starts. {@code pg_ctl} gives up an administrator's rights, with
 * which the server would refuse to start.
 */
final class WindowsProcess implements ServerProcess {

    private static final Logger LOG = LoggerFactory.getLogger(WindowsProcess.class);

    private final ControlDirectory control;
    private final LeftoverServers leftovers;
    private final Thread hook = new Thread(this::stopAtExit, "sqlmq-embedded-stop");
    private boolean stopped;

    private WindowsProcess(ControlDirectory control, LeftoverServers leftovers) {
        this.control = control;
        this.leftovers = leftovers;
    }

    static WindowsProcess start(
            ControlDirectory control,
            HomeDirectory home,
            Binaries binaries,
            LeftoverServers leftovers,
            List<String> arguments)
            throws IOException {
        String options = arguments.stream()
                .map(argument -> "\"" + argument.replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(" "));
        List<String> command = new ArrayList<>(List.of(binaries.program("pg_ctl"), "start", "-W"));
        command.addAll(
                List.of("-D", control.data().toString(), "-l", control.log().toString(), "-o", options));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Command.environment(builder);
        WindowsProcess process = new WindowsProcess(control, leftovers);
        Runtime.getRuntime().addShutdownHook(process.hook);
        builder.start();
        return process;
    }

    @Override
    public boolean ready() {
        return PostmasterFile.read(control.data()).filter(PostmasterFile::ready).isPresent();
    }

    @Override
    public boolean ended() {
        return control.endOfLog().contains("database system is shut down");
    }

    @Override
    public synchronized void stop() throws IOException {
        if (stopped) {
            return;
        }
        stopped = true;
        leftovers.stop(control.data(), control.kept() ? "fast" : "immediate");
        control.close();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.trace("The JVM is ending", e);
        }
    }

    private void stopAtExit() {
        try {
            stop();
        } catch (IOException e) {
            LOG.warn("Could not remove {}", control.path(), e);
        }
    }
}
