package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The file {@code postmaster.pid} that a server keeps in its data directory while it runs. */
record PostmasterFile(long pid, boolean ready) {

    private static final int STATUS_LINE = 7;

    static Optional<PostmasterFile> read(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            boolean ready =
                    lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
            return Optional.of(new PostmasterFile(Long.parseLong(lines.get(0).strip()), ready));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // not there, or half written
        }
    }

    /** The running server of that data directory; never another process that got the same number later. */
    static Optional<ProcessHandle> process(Path data) {
        return read(data)
                .flatMap(file -> ProcessHandle.of(file.pid()))
                .filter(process -> process.info()
                        .commandLine()
                        .map(line -> line.contains(data.toString()))
                        .orElse(false));
    }
}
