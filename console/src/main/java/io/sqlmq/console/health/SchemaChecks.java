package io.sqlmq.console.health;

import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.SchemaException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Of sqlmq's tables and what is in them. */
final class SchemaChecks {
    /** SELECT (id, xmin), INSERT ON [SEQUENCE] a, b. */
    private static final Pattern RIGHT = Pattern.compile("(.+) ON (SEQUENCE |SCHEMA |ALL FUNCTIONS IN SCHEMA )?(.+)");

    private static final Pattern PRIVILEGE = Pattern.compile("([A-Z]+)(?: \\(([^)]*)\\))?(?:, |$)");

    private SchemaChecks() {}

    static Finding schema(Migrator migrator) {
        try {
            migrator.validate();
            return Finding.ok(
                    "schema",
                    migrator.info().schemaName() + ", version "
                            + migrator.info().currentVersion());
        } catch (SchemaException e) {
            if (e.reason() == SchemaException.Reason.UNREACHABLE) {
                throw e;
            }
            String verb = e.reason() == SchemaException.Reason.REPLACED ? "sqlmq adopt" : "sqlmq migrate";
            return Finding.sick(
                    "schema",
                    String.valueOf(e.getMessage()),
                    e.reason() == SchemaException.Reason.NEWER
                            ? "use a newer sqlmq"
                            : verb + ", as the owner of the tables");
        }
    }

    /** What mq_grant would give and the role does not have. */
    static Finding rights(Connection connection, @Nullable String role, String what) throws SQLException {
        Rows rights;
        try {
            rights = Rows.of(connection, """
                    SELECT r AS r, w.role, format('SELECT %I.mq_grant(%L, %L)', current_schema(), w.role, w.what) AS remedy
                      FROM (SELECT coalesce(?::text, current_user) AS role, ?::text AS what) w, mq_rights(w.what) r""", role, what);
        } catch (SQLException e) {
            if ("22023".equals(e.getSQLState())) {
                throw new IllegalArgumentException(String.valueOf(e.getMessage()));
            }
            return Finding.unknown("rights", e);
        }
        String who = String.valueOf(rights.column("role").get(0));
        if (Rows.of(connection, "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = ?", who)
                .isEmpty()) {
            throw new IllegalArgumentException("there is no role " + who);
        }
        List<String> missing = new ArrayList<>();
        for (Object right : rights.column("r")) {
            missing.addAll(missing(connection, who, String.valueOf(right)));
        }
        return missing.isEmpty()
                ? Finding.ok("rights", who + " has those for '" + what + "'")
                : Finding.sick(
                        "rights",
                        who + " lacks " + VacuumChecks.words(missing),
                        "as the owner of the tables: " + rights.column("remedy").get(0));
    }

    private static List<String> missing(Connection connection, String role, String right) throws SQLException {
        Matcher matcher = RIGHT.matcher(right);
        if (!matcher.matches()) {
            return List.of();
        }
        List<String> missing = new ArrayList<>();
        String kind = matcher.group(2) == null ? "" : matcher.group(2).strip();
        for (String object : matcher.group(3).split(", ", -1)) {
            Matcher privileges = PRIVILEGE.matcher(matcher.group(1));
            while (privileges.find()) {
                if (!has(connection, role, kind, object, privileges.group(1), privileges.group(2))) {
                    missing.add(
                            privileges.group(1) + " on " + (kind.startsWith("ALL") ? "functions of " : "") + object);
                }
            }
        }
        return missing;
    }

    private static boolean has(
            Connection connection, String role, String kind, String object, String privilege, @Nullable String columns)
            throws SQLException {
        String sql = switch (kind) {
            case "SEQUENCE" -> "has_sequence_privilege(?, ?, ?)";
            case "SCHEMA" -> "has_schema_privilege(?, to_regnamespace(?)::oid, ?)";
            case "ALL FUNCTIONS IN SCHEMA" ->
                "(SELECT bool_and(has_function_privilege(a.role, p.oid, a.privilege)) FROM pg_catalog.pg_proc p, "
                        + "(SELECT ?::name AS role, to_regnamespace(?) AS schema, ?::text AS privilege) a "
                        + "WHERE p.pronamespace = a.schema)";
            default -> columns == null ? "has_table_privilege(?, ?, ?)" : "has_any_column_privilege(?, ?, ?)";
        };
        Rows found = Rows.of(connection, "SELECT " + sql + " AS has", role, object, privilege);
        return Boolean.TRUE.equals(found.column("has").get(0));
    }

    /** Any process of sqlmq that lives cleans up after those that do not. */
    static Finding owners(Connection connection) throws SQLException {
        try {
            Rows found = Rows.of(connection, """
                    SELECT o.description, now() - o.alive_until AS dead_for,
                           (SELECT count(*) FROM mq_leases l WHERE l.owner = o.owner) AS leases
                      FROM mq_owners o WHERE o.alive_until < now() - interval '2 min' ORDER BY o.alive_until""");
            return found.isEmpty()
                    ? Finding.ok("owners", "no dead process is registered")
                    : Finding.note(
                            "owners",
                            found.size() + " dead " + (found.size() == 1 ? "process is" : "processes are")
                                    + " still registered: " + VacuumChecks.words(found.column("description")),
                            "the next process that consumes cleans up after them; if some do, look at their log");
        } catch (SQLException e) {
            return Finding.unknown("owners", e);
        }
    }

    static Finding sequences(Connection connection, boolean repair) throws SQLException {
        Rows behind;
        try {
            behind = Rows.of(connection, """
                    SELECT s.name, s.wanted FROM (
                      SELECT 'mq_seq' AS name, (SELECT last_value FROM mq_seq) AS last,
                             greatest((SELECT max(seq) FROM mq_msgs), (SELECT max(seq) FROM mq_msgs_unlogged)) AS wanted
                      UNION ALL
                      SELECT 'mq_owner_seq', (SELECT last_value FROM mq_owner_seq),
                             greatest((SELECT max(owner) FROM mq_owners), (SELECT max(lease_owner) FROM mq_msgs))
                      UNION ALL
                      SELECT 'mq_topic_version', (SELECT last_value FROM mq_topic_version), (SELECT max(version) FROM mq_topics)
                      UNION ALL
                      SELECT 'mq_subscription_seq', (SELECT last_value FROM mq_subscription_seq),
                             greatest((SELECT max(substr(channel, 3)::bigint) FROM mq_subscriptions WHERE channel ~ '^s:[0-9]+$'),
                                      (SELECT max(substr(channel, 3)::bigint) FROM mq_gone_channels))
                      UNION ALL
                      SELECT 'mq_signature_seq', (SELECT last_value FROM mq_signature_seq), (SELECT max(id) FROM mq_signatures)
                      UNION ALL
                      SELECT 'mq_round', (SELECT last_value FROM mq_round),
                             (SELECT max(round(extract(epoch FROM attempt_at) * 1000000)::bigint) FROM mq_msgs
                               WHERE attempt_at < timestamptz '1970-01-02 00:00:00+00' AND isfinite(attempt_at))) s
                     WHERE s.wanted > s.last ORDER BY s.name""");
        } catch (SQLException e) {
            return Finding.unknown("sequences", e);
        }
        if (behind.isEmpty()) {
            return Finding.ok("sequences", "ahead of their tables");
        }
        String names = VacuumChecks.words(behind.column("name"));
        if (!repair) {
            return Finding.sick(
                    "sequences",
                    "behind their tables, as after a restore of the data alone: " + names,
                    "stop the applications and run `sqlmq doctor --repair`: new messages would come before older ones");
        }
        for (int i = 0; i < behind.size(); i++) {
            Rows.of(
                    connection,
                    "SELECT setval(?::text::regclass, ?::bigint)",
                    behind.column("name").get(i),
                    behind.column("wanted").get(i));
        }
        return Finding.note("sequences", "repaired: " + names, null);
    }

    static Finding letters(Connection connection) throws SQLException {
        try {
            Rows found = Rows.of(connection, """
                    SELECT (SELECT count(*) FROM mq_dead_letters) AS dead, (SELECT count(*) FROM mq_set_aside) AS aside""");
            long dead = ((Number) found.column("dead").get(0)).longValue();
            long aside = ((Number) found.column("aside").get(0)).longValue();
            if (aside > 0) {
                return Finding.sick(
                        "dead letters",
                        dead + ", and " + aside + " set aside, which could not even be parked",
                        "sqlmq retry QUEUE --set-aside --dry-run shows why");
            }
            return dead == 0
                    ? Finding.ok("dead letters", "none")
                    : Finding.note("dead letters", String.valueOf(dead), "sqlmq retry --dry-run shows why");
        } catch (SQLException e) {
            return Finding.unknown("dead letters", e);
        }
    }

    static Finding pauses(Connection connection) throws SQLException {
        try {
            Rows found = Rows.of(connection, "SELECT channel_name::text AS queue FROM mq_paused ORDER BY 1");
            return found.isEmpty()
                    ? Finding.ok("pauses", "no queue is paused")
                    : Finding.note(
                            "pauses", "paused: " + VacuumChecks.words(found.column("queue")), "sqlmq resume QUEUE");
        } catch (SQLException e) {
            return Finding.unknown("pauses", e);
        }
    }

    /** What one of the last messages of each limited queue waits for. */
    static Finding limits(Connection connection) throws SQLException {
        try {
            Rows found = Rows.of(connection, """
                    SELECT w.why FROM mq_limits l, LATERAL (SELECT mq_why((
                             SELECT m.id FROM mq_rows m
                              WHERE m.channel_name = l.channel_name AND (m.attempt_at IS NULL OR m.attempt_at <= now()) AND NOT m.locked
                              ORDER BY m.prio_rank DESC, m.seq DESC LIMIT 1)) AS why) w
                     WHERE starts_with(w.why, 'only ') ORDER BY l.channel_name""");
            return found.isEmpty()
                    ? Finding.ok("limits", "no limit of a queue holds messages back")
                    : Finding.note(
                            "limits",
                            VacuumChecks.words(found.column("why")),
                            "if that is too little: sqlmq limit QUEUE --running N --starts N --period TIME, or sqlmq unlimit QUEUE");
        } catch (SQLException e) {
            return Finding.unknown("limits", e);
        }
    }
}
