package io.sqlmq.console.health;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** Of the server itself. */
final class ServerChecks {
    private static final Duration MOST_DIFFERENCE = Duration.ofSeconds(2);
    private static final int USUAL_LOCKS = 64;
    private static final int OLDEST = 14;
    private static final int NEWEST = 18;

    /** 42.5: of those before, connections need what is not there. */
    private static final int OLDEST_DRIVER = 4205;

    private ServerChecks() {}

    static Finding versions(Connection connection) throws SQLException {
        DatabaseMetaData meta = connection.getMetaData();
        return versions(
                meta.getDatabaseMajorVersion(),
                meta.getDatabaseProductVersion(),
                meta.getDriverMajorVersion() * 100 + meta.getDriverMinorVersion(),
                meta.getDriverVersion());
    }

    /**
     * Of server and driver.
     *
     * @param driver 4207 for 42.7
     */
    static Finding versions(int major, String server, int driver, String driverVersion) {
        String found =
                "PostgreSQL " + server + ", driver " + driverVersion + ", Java " + System.getProperty("java.version");
        String range = "sqlmq is made for " + OLDEST + " to " + NEWEST;
        if (major < OLDEST) {
            return Finding.sick("versions", found, range + ": upgrade the server");
        }
        if (driver < OLDEST_DRIVER) {
            return Finding.sick("versions", found, "upgrade the driver, org.postgresql:postgresql, to 42.5 or newer");
        }
        return major > NEWEST
                ? Finding.note("versions", found, range + ": look for a newer sqlmq")
                : Finding.ok("versions", found);
    }

    /** Delivery times and expirations are compared with the server's clock, and made with that of the sender. */
    static Finding clock(Connection connection, Clock clock) throws SQLException {
        Instant before = clock.instant();
        Instant server;
        try (PreparedStatement statement = connection.prepareStatement("SELECT clock_timestamp()");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            server = rows.getObject(1, OffsetDateTime.class).toInstant();
        }
        Instant after = clock.instant();
        Duration difference = server.isBefore(before)
                ? Duration.between(server, before)
                : server.isAfter(after) ? Duration.between(after, server) : Duration.ZERO;
        String found = "differs from this machine's by " + Rows.words(difference);
        return difference.compareTo(MOST_DIFFERENCE) <= 0
                ? Finding.ok("clock", found)
                : Finding.sick(
                        "clock",
                        found + (server.isBefore(before) ? " (the server is behind)" : " (the server is ahead)"),
                        "keep both on time (NTP): JMSTimestamp and expiry are off by as much");
    }

    static Finding standby(Connection connection) throws SQLException {
        Rows found = Rows.of(
                connection,
                "SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS read_only");
        if (Boolean.TRUE.equals(found.column("standby").get(0))) {
            return Finding.sick(
                    "primary", "this is a hot standby", "name the primary: nothing can be sent or received here");
        }
        return "on".equals(found.column("read_only").get(0))
                ? Finding.sick(
                        "primary",
                        "transactions are read-only by default",
                        "ALTER DATABASE or ALTER ROLE … RESET default_transaction_read_only")
                : Finding.ok("primary", "writes are accepted");
    }

    static Finding durability(Connection connection) throws SQLException {
        Rows off = Rows.of(connection, """
                SELECT name::text FROM pg_catalog.pg_settings
                 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name""");
        List<Object> names = new ArrayList<>(off.column("name"));
        if (names.contains("fsync") || names.contains("full_page_writes")) {
            return Finding.sick(
                    "durability",
                    "off: "
                            + String.join(
                                    ", ", names.stream().map(String::valueOf).toList()),
                    "a crash of the machine may destroy the database: ALTER SYSTEM SET … = on");
        }
        return names.isEmpty()
                ? Finding.ok("durability", "what is committed is on the disk")
                : Finding.note(
                        "durability",
                        "synchronous_commit is off",
                        "the last messages before a crash may be lost; on, for this role, if they must not be");
    }

    static Finding locks(Connection connection) throws SQLException {
        Rows found = Rows.of(connection, "SELECT current_setting('max_locks_per_transaction')::int AS locks");
        int locks = ((Number) found.column("locks").get(0)).intValue();
        String text = "max_locks_per_transaction is " + locks;
        return locks >= USUAL_LOCKS
                ? Finding.ok("locks", text)
                : Finding.note(
                        "locks", text, "64 or more, else pg_dump and migrations may run out of locks (restart needed)");
    }
}
