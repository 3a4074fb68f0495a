package io.sqlmq.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of one process, user and system, from /proc (Linux). */
public final class ProcessCpu {

    /** The unit of /proc/&lt;pid&gt;/stat is fixed for programs: USER_HZ. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private ProcessCpu() {}

    /** Nanoseconds so far, or 0 when the process has ended. */
    public static long nanos(long pid) {
        return nanos(pid, 2);
    }

    /** The same, with that of its children that have ended. */
    static long nanosWithEndedChildren(long pid) {
        return nanos(pid, 4);
    }

    private static long nanos(long pid, int fieldsFromUserTime) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = 0;
            for (int i = 0; i < fieldsFromUserTime; i++) {
                ticks += Long.parseLong(fields[11 + i]);
            }
            return ticks * NANOS_PER_TICK;
        } catch (IOException e) {
            return 0;
        }
    }
}
