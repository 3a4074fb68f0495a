package io.sqlmq.quickstart;

import java.io.PrintStream;
import java.util.Locale;

/** One line that is redrawn on a terminal; elsewhere a new line every two seconds. */
final class ProgressBar {
    private static final int WIDTH = 20;
    private static final long LINE_EVERY_NANOS = 2_000_000_000L;

    private final PrintStream out;
    private final boolean terminal;
    private final long total;
    private long start;
    private long lastLine;
    private int drawn;

    ProgressBar(PrintStream out, boolean terminal, long total) {
        this.out = out;
        this.terminal = terminal;
        this.total = total;
    }

    /** Shows how far the work is. */
    synchronized void show(Counts counts) {
        if (start == 0) {
            start = System.nanoTime();
            lastLine = start;
        }
        if (terminal) {
            draw(line(counts));
        } else if (System.nanoTime() - lastLine >= LINE_EVERY_NANOS) {
            lastLine = System.nanoTime();
            out.println(line(counts));
        }
    }

    /** Prints a message above the bar. */
    synchronized void say(String text) {
        if (drawn > 0) {
            draw("");
            out.print('\r');
            drawn = 0;
        }
        out.println(text);
        out.flush();
    }

    private void draw(String line) {
        out.print('\r' + line + " ".repeat(Math.max(0, drawn - line.length())));
        out.flush();
        drawn = line.length();
    }

    private String line(Counts counts) {
        int full = (int) (WIDTH * counts.finished() / Math.max(1, total));
        return String.format(
                Locale.ROOT,
                "[%s%s] %,d/%,d done, %,d to retry, %,d dead letters, %.0f s",
                "#".repeat(full),
                "-".repeat(WIDTH - full),
                counts.done(),
                total,
                Math.max(0, counts.failed() - counts.dead()),
                counts.dead(),
                (System.nanoTime() - start) / 1e9);
    }
}
