package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a short program and keeps what it printed. */
record Command(List<String> line, int status, String output) {

    static Command run(Path directory, List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.PIPE);
        environment(builder);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Command(line, process.waitFor(), output);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new EmbeddedDatabaseException("Interrupted while running " + line.get(0), e);
        }
    }

    /** The same results whatever the user's language and time zone, and no stray settings for PostgreSQL's programs. */
    static void environment(ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
    }

    boolean succeeded() {
        return status == 0;
    }

    Command orFail(String what) {
        if (!succeeded()) {
            throw new EmbeddedDatabaseException(what + " failed (exit status " + status + "): " + output.strip());
        }
        return this;
    }
}
