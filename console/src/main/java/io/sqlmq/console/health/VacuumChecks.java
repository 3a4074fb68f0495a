package io.sqlmq.console.health;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Of what keeps dead rows in the tables. */
final class VacuumChecks {
    private VacuumChecks() {}

    static Finding autovacuum(Connection connection) throws SQLException {
        Rows settings = Rows.of(connection, """
                SELECT name::text FROM pg_catalog.pg_settings WHERE name IN ('autovacuum', 'track_counts') AND setting = 'off'""");
        if (!settings.isEmpty()) {
            return Finding.sick(
                    "autovacuum",
                    settings.column("name").get(0) + " is off",
                    "ALTER SYSTEM SET " + settings.column("name").get(0) + " = on; SELECT pg_reload_conf()");
        }
        Rows tables = Rows.of(connection, """
                SELECT c.relname::text AS name FROM pg_catalog.pg_class c, unnest(c.reloptions) o
                 WHERE c.relnamespace = current_schema()::regnamespace AND starts_with(c.relname, 'mq_')
                   AND o ~* '^autovacuum_enabled=(f|false|off|no|n|0)$' ORDER BY 1""");
        return tables.isEmpty()
                ? Finding.ok("autovacuum", "on")
                : Finding.sick(
                        "autovacuum",
                        "off for " + words(tables.column("name")),
                        "ALTER TABLE … RESET (autovacuum_enabled)");
    }

    static Finding transactions(Connection connection, Duration age) throws SQLException {
        Rows found = Rows.of(connection, """
                SELECT a.pid || coalesce(' (' || nullif(concat_ws(', ', a.usename, nullif(a.application_name, '')), '') || ')', '')
                         || coalesce(', ' || a.state, '') AS who,
                       clock_timestamp() - a.xact_start AS age
                  FROM pg_catalog.pg_stat_activity a
                 WHERE a.pid <> pg_backend_pid() AND a.datname = current_database() AND a.backend_type = 'client backend'
                   AND a.xact_start < clock_timestamp() - ? * interval '1 ms' ORDER BY a.xact_start""", age.toMillis());
        return found.isEmpty()
                ? Finding.ok("transactions", "none is open for longer than " + Rows.words(age))
                : Finding.sick(
                        "transactions",
                        count(found, "is open", "are open") + " for longer than " + Rows.words(age)
                                + ", the oldest for "
                                + Rows.cell(found.column("age").get(0)) + ": process " + words(found.column("who")),
                        "vacuum cannot remove what died since: end them (pg_terminate_backend), and set "
                                + "idle_in_transaction_session_timeout for the role");
    }

    static Finding slots(Connection connection) throws SQLException {
        Rows found = Rows.of(connection, """
                SELECT s.slot_name::text AS slot, s.active FROM pg_catalog.pg_replication_slots s
                 WHERE (s.xmin IS NOT NULL OR (s.catalog_xmin IS NOT NULL AND s.database = current_database()))
                   AND (NOT s.active OR greatest(age(s.xmin), age(s.catalog_xmin)) > 1000000)
                 ORDER BY greatest(age(s.xmin), age(s.catalog_xmin)) DESC""");
        return found.isEmpty()
                ? Finding.ok("slots", "no replication slot holds vacuum back")
                : Finding.sick(
                        "slots",
                        "vacuum is held back by " + words(found.column("slot")),
                        "start its reader, or SELECT pg_drop_replication_slot('…')");
    }

    static Finding prepared(Connection connection, Duration age) throws SQLException {
        Rows found = Rows.of(connection, """
                SELECT p.gid, clock_timestamp() - p.prepared AS age FROM pg_catalog.pg_prepared_xacts p
                 WHERE p.database = current_database() AND p.prepared < clock_timestamp() - ? * interval '1 ms' ORDER BY p.prepared""", age.toMillis());
        return found.isEmpty()
                ? Finding.ok("prepared", "no transaction is prepared for longer than " + Rows.words(age))
                : Finding.sick(
                        "prepared",
                        count(found, "is", "are") + " prepared for longer than " + Rows.words(age)
                                + ", the oldest for "
                                + Rows.cell(found.column("age").get(0)) + ": " + words(found.column("gid")),
                        "the transaction manager should end them; else COMMIT PREPARED or ROLLBACK PREPARED '…'");
    }

    static Finding bloat(Connection connection) throws SQLException {
        Rows found = Rows.of(connection, """
                SELECT s.relname::text AS name, s.n_live_tup, s.n_dead_tup, pg_catalog.pg_total_relation_size(s.relid) AS size,
                       pg_catalog.pg_size_pretty(pg_catalog.pg_total_relation_size(s.relid)) AS pretty
                  FROM pg_catalog.pg_stat_all_tables s
                 WHERE s.schemaname = current_schema() AND starts_with(s.relname, 'mq_')
                   AND (s.n_dead_tup > 50000 + 5 * s.n_live_tup
                        OR (pg_catalog.pg_total_relation_size(s.relid) > 1073741824
                            AND pg_catalog.pg_total_relation_size(s.relid) > 100000 * s.n_live_tup))
                 ORDER BY 4 DESC""");
        if (found.isEmpty()) {
            return Finding.ok("bloat", "tables are about as large as what is in them");
        }
        String tables = java.util.stream.IntStream.range(0, found.size())
                .mapToObj(i -> found.column("name").get(i) + " ("
                        + found.column("pretty").get(i) + ", "
                        + found.column("n_live_tup").get(i) + " rows, "
                        + found.column("n_dead_tup").get(i) + " dead)")
                .collect(Collectors.joining(", "));
        return Finding.sick(
                "bloat",
                tables,
                "see what holds vacuum back, above; if nothing does any more, VACUUM (FULL, ANALYZE) returns the space, and locks "
                        + "the table while it runs");
    }

    private static String count(Rows found, String one, String many) {
        return found.size() + " " + (found.size() == 1 ? one : many);
    }

    static String words(List<?> names) {
        String text = names.stream().limit(5).map(String::valueOf).collect(Collectors.joining("; "));
        return names.size() > 5 ? text + "; and " + (names.size() - 5) + " more" : text;
    }
}
