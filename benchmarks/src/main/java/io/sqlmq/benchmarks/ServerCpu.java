package io.sqlmq.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CPU time of a whole server from /proc: of the postmaster, of its children, and of those that have ended, which the
 * kernel adds to the postmaster. Linux, and only when the server runs in this machine's (or container's) process table.
 */
final class ServerCpu {

    /** The unit of /proc/&lt;pid&gt;/stat is fixed for programs: USER_HZ. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private final @Nullable ProcessHandle postmaster;

    private ServerCpu(@Nullable ProcessHandle postmaster) {
        this.postmaster = postmaster;
    }

    /** Finds the postmaster as the parent of the connection's backend. */
    static ServerCpu of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return new ServerCpu(ProcessHandle.of(row.getLong(1))
                    .filter(backend -> commandLine(backend.pid()).startsWith("postgres: "))
                    .flatMap(ProcessHandle::parent)
                    .orElse(null));
        }
    }

    /** Nanoseconds so far, or -1 if the server cannot be seen from here. */
    long nanos() {
        ProcessHandle server = postmaster;
        if (server == null) {
            return -1;
        }
        long ticks = ticks(server.pid(), true).orElse(0L);
        return NANOS_PER_TICK
                * (ticks
                        + server.children()
                                .mapToLong(child -> ticks(child.pid(), false).orElse(0L))
                                .sum());
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    /** utime and stime, and those of ended children; empty when the process has ended. */
    private static Optional<Long> ticks(long pid, boolean children) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return Optional.of(children ? ticks + Long.parseLong(fields[13]) + Long.parseLong(fields[14]) : ticks);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
