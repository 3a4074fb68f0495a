package io.sqlmq.console.health;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Of the way to the server, and of what the server does to connections. */
final class ConnectionChecks {
    private static final int LISTEN_MILLIS = 3_000;

    private ConnectionChecks() {}

    /** A pooler gives each client a process number of its own making. */
    static Finding pooler(Connection connection, boolean isExpected) throws SQLException {
        int told = connection.unwrap(PGConnection.class).getBackendPID();
        Rows found = Rows.of(connection, "SELECT pg_backend_pid() AS pid");
        if (((Number) found.column("pid").get(0)).intValue() == told) {
            return Finding.ok("pooler", "none between here and the server");
        }
        String there = "there is one, such as PgBouncer, between here and the server";
        return isExpected
                ? Finding.ok("pooler", there + ", as pgBouncer=true says; consumers look ten times a second")
                : Finding.note(
                        "pooler",
                        there,
                        "in transaction mode set pgBouncer=true; in session mode allow start-up options (docs/operating.md, PgBouncer)");
    }

    static Finding listen(Doctor.Connecting connecting) {
        String channel = "sqlmq_doctor_" + UUID.randomUUID().toString().replace("-", "");
        try (Connection listening = connecting.connect();
                Connection notifying = connecting.connect();
                Statement statement = listening.createStatement()) {
            statement.execute("LISTEN " + channel);
            try (PreparedStatement notify = notifying.prepareStatement("SELECT pg_notify(?, '')")) {
                notify.setString(1, channel);
                notify.execute();
            }
            PGNotification[] arrived = listening.unwrap(PGConnection.class).getNotifications(LISTEN_MILLIS);
            statement.execute("UNLISTEN " + channel);
            return arrived != null && arrived.length > 0
                    ? Finding.ok("listen", "notifications arrive")
                    : Finding.sick(
                            "listen",
                            "notifications do not arrive",
                            "consumers look ten times a second instead: connect past the pooler, or say listen=off");
        } catch (SQLException e) {
            return Finding.sick(
                    "listen", "LISTEN does not work: " + e.getMessage(), "consumers look ten times a second instead");
        }
    }

    /** Those that a role is given when it connects: sqlmq has to change them again and again where they are too short. */
    static Finding timeouts(Connection connection, @Nullable String role) throws SQLException {
        Rows found = Rows.of(connection, """
                SELECT t.name, t.value FROM (
                  SELECT split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value, s.setrole, s.setdatabase
                    FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) c
                   WHERE s.setrole IN (0, (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = coalesce(?::text, current_user)))
                     AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))) t
                 WHERE t.name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
                   AND CASE WHEN t.value ~ '^[0-9]+$' THEN t.value::bigint * interval '1 ms' ELSE t.value::interval END
                         BETWEEN interval '1 ms' AND CASE WHEN t.name IN ('statement_timeout', 'lock_timeout')
                                                          THEN interval '1999 ms' ELSE interval '9999 ms' END
                 ORDER BY t.name""", role);
        if (found.isEmpty()) {
            return Finding.ok("time-outs", "none of the role or the database is too short");
        }
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            settings.add(
                    found.column("name").get(i) + "=" + found.column("value").get(i));
        }
        return Finding.note(
                "time-outs",
                String.join(", ", settings),
                "sqlmq changes them on each connection that it takes, a round trip more: statement_timeout and lock_timeout 0 or "
                        + "at least 2s, the others 0 or at least 10s");
    }
}
