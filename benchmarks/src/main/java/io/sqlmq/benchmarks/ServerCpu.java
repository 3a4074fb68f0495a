package io.sqlmq.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * CPU time of a whole server from /proc: of the postmaster, of its children, and of those that have ended, which the
 * kernel adds to the postmaster. Linux, and only when the server runs in this machine's (or container's) process table.
 */
public final class ServerCpu {

    private final @Nullable ProcessHandle postmaster;

    private ServerCpu(@Nullable ProcessHandle postmaster) {
        this.postmaster = postmaster;
    }

    /** Finds the postmaster as the parent of the connection's backend. */
    public static ServerCpu of(Connection connection) throws SQLException {
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
    public long nanos() {
        ProcessHandle server = postmaster;
        if (server == null) {
            return -1;
        }
        return ProcessCpu.nanosWithEndedChildren(server.pid())
                + server.children()
                        .mapToLong(child -> ProcessCpu.nanos(child.pid()))
                        .sum();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }
}
