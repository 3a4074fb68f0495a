package io.sqlmq.integration.faults;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is logged (by SLF4J's simple logger, to System.err) while it is open, and goes on to be shown. */
final class LogLines implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    LogLines() {
        System.setErr(new PrintStream(
                new ByteArrayOutputStream() {
                    @Override
                    public synchronized void write(byte[] bytes, int offset, int length) {
                        all.write(bytes, offset, length);
                        before.write(bytes, offset, length);
                    }

                    @Override
                    public synchronized void write(int b) {
                        all.write(b);
                        before.write(b);
                    }
                },
                true,
                StandardCharsets.UTF_8));
    }

    /** The lines so far with all of these texts. */
    List<String> with(String... texts) {
        return all.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> List.of(texts).stream().allMatch(line::contains))
                .toList();
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}
