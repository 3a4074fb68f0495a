package io.sqlmq.schema;

import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.SchemaHistory.Applied;
import io.sqlmq.schema.SchemaHistory.Server;
import io.sqlmq.schema.internal.CommandHint;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares what a database has with what this sqlmq wants, and says it in words. */
final class SchemaCheck {
    private static final int OLDEST_SERVER = 140000;

    private final Migrations migrations;
    private final SchemaName schema;

    SchemaCheck(Migrations migrations, SchemaName schema) {
        this.migrations = migrations;
        this.schema = schema;
    }

    /** Refuses servers that sqlmq cannot work on. */
    void requireSupported(Server server) {
        if (server.versionNumber() < OLDEST_SERVER) {
            throw new SchemaException(
                    Reason.UNSUPPORTED_SERVER,
                    "The server is PostgreSQL " + server.version() + "; sqlmq needs PostgreSQL 14 or newer. "
                            + "Upgrade the server, or use another one");
        }
        if (!server.encoding().equals("UTF8")) {
            throw new SchemaException(
                    Reason.UNSUPPORTED_SERVER,
                    "The encoding of the database is " + server.encoding()
                            + "; sqlmq needs UTF8, for messages may hold "
                            + "any character. Create a database WITH ENCODING 'UTF8' TEMPLATE template0 and use that");
        }
    }

    /** Refuses what no migration mends: a newer schema, changed or failed migrations. */
    void requireUpgradable(SchemaHistory history) {
        List<Applied> applied = history.applied();
        if (applied == null) {
            return;
        }
        Version newest = migrations.newest().version();
        for (Applied one : applied) {
            if (one.version().compareTo(newest) > 0) {
                throw new SchemaException(
                        Reason.NEWER,
                        "The sqlmq tables in schema " + schema.quoted() + " are of version " + one.version()
                                + ", made by a newer sqlmq; this one knows versions up to " + newest
                                + ". Use a newer sqlmq-jms here");
            }
        }
        for (Applied one : applied) {
            if (!one.success()) {
                throw new SchemaException(
                        Reason.FAILED,
                        "Migration " + one.script() + " of schema " + schema.quoted()
                                + " failed half way. Look at what it "
                                + "left behind, remove it and its row in " + schema.quoted() + "." + SchemaHistory.TABLE
                                + " (version '" + one.version() + "'), then run: " + command("migrate"));
            }
            Migration known = migrations.find(one.version());
            if (known == null || !known.is(one.checksum())) {
                throw new SchemaException(
                        Reason.CHANGED,
                        "Migration " + one.script() + " that was applied to schema " + schema.quoted()
                                + " is not the one in this sqlmq-schema jar. The tables were made by an unreleased or "
                                + "modified sqlmq: use that one, or an empty schema. To compare, run: "
                                + command("info"));
            }
        }
    }

    /** Refuses anything but the exact version. */
    void requireCurrent(SchemaHistory history) {
        requireUpgradable(history);
        if (history.current() == null) {
            throw new SchemaException(
                    Reason.MISSING,
                    "There are no sqlmq tables in schema " + schema.quoted() + ". To create them, run: "
                            + command("migrate")
                            + ", or set schemaManagement=migrate; for another schema set the option schema");
        }
        List<String> pending = pending(history);
        if (!pending.isEmpty()) {
            throw new SchemaException(
                    Reason.OUTDATED,
                    "The sqlmq tables in schema " + schema.quoted() + " are of version " + history.current()
                            + "; this sqlmq needs " + migrations.newest().version() + " (pending: "
                            + String.join(", ", pending) + "). To upgrade them, run: " + command("migrate")
                            + ", or set schemaManagement=migrate");
        }
        requireOwn(history.others());
        if (!history.foreign().isEmpty()) {
            throw new SchemaException(
                    Reason.REPLACED,
                    "sqlxmq's own migrations were run in schema " + schema.quoted()
                            + " after those of sqlmq, whose functions they"
                            + " replace: " + String.join(", ", history.foreign())
                            + ". To put those of sqlmq back, run: " + command("adopt")
                            + "; and take sqlxmq's migrations out of the application's");
        }
    }

    /** Refuses functions that work on the tables of another schema: messages there are not ours. */
    void requireOwn(List<String> others) {
        if (!others.isEmpty()) {
            throw new SchemaException(
                    Reason.RENAMED,
                    "The functions in schema " + schema.quoted() + " work on the tables of schema "
                            + String.join(", ", others)
                            + ": it was renamed, or restored or copied under another name. To make them work on their own, "
                            + "run: " + command("migrate") + ", or set schemaManagement=migrate");
        }
    }

    List<String> pending(SchemaHistory history) {
        List<Applied> applied = history.applied();
        Set<Version> done = applied == null
                ? new HashSet<>()
                : applied.stream()
                        .filter(Applied::success)
                        .map(Applied::version)
                        .collect(Collectors.toSet());
        return migrations.all().stream()
                .filter(m -> !done.contains(m.version()))
                .map(Migration::script)
                .toList();
    }

    /** Translates what the database or the driver refused. */
    SchemaException failure(String what, Throwable thrown) {
        return failure(what, thrown, "migrate");
    }

    /** @param verb of the command that may be run again */
    SchemaException failure(String what, Throwable thrown, String verb) {
        SQLException e = SqlStates.find(thrown);
        if (e == null) {
            return new SchemaException(Reason.FAILED, what + " failed: " + thrown.getMessage(), thrown);
        }
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String text = what + " failed: " + e.getMessage();
        if (SqlStates.isTransient(state)) {
            return new SchemaException(
                    Reason.BUSY,
                    text
                            + ". Other transactions hold locks on the sqlmq tables; see pg_stat_activity and pg_locks for a "
                            + "long transaction, end it and run again: " + command(verb),
                    thrown);
        }
        if (e instanceof SQLTransientConnectionException && state.isEmpty()) {
            return new SchemaException(
                    Reason.UNREACHABLE,
                    text + ". The pool had no free connection; migrating needs up to three at once",
                    thrown);
        }
        if (state.equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
            return new SchemaException(
                    Reason.PERMISSION_DENIED,
                    text
                            + ". Connect as the owner of the tables, or let the owner grant the role what it is to do: SELECT "
                            + schema.quoted()
                            + ".mq_grant('role', 'receive') or others (docs/operating.md, Roles). For the"
                            + " version alone it needs: GRANT USAGE ON SCHEMA " + schema.quoted()
                            + " TO the role; GRANT SELECT ON " + schema.quoted() + "." + SchemaHistory.TABLE
                            + " TO the role",
                    thrown);
        }
        if (state.equals(SqlStates.READ_ONLY_TRANSACTION)) {
            return readOnly(thrown);
        }
        if (state.isEmpty()
                || state.startsWith("08")
                || state.startsWith("28")
                || state.startsWith("57P")
                || state.startsWith("53")
                || state.equals("3D000")) {
            return new SchemaException(
                    Reason.UNREACHABLE,
                    text + ". Check URL, user and password, and that the server runs and accepts this client",
                    thrown);
        }
        return new SchemaException(Reason.FAILED, text, thrown);
    }

    SchemaException readOnly(@Nullable Throwable cause) {
        return new SchemaException(
                Reason.READ_ONLY,
                "The server is a hot standby, or default_transaction_read_only is on: sqlmq needs the primary. Name it in "
                        + "the URL, or add targetServerType=primary",
                cause);
    }

    /** Says how to adopt. */
    SchemaException nothingToAdopt() {
        return new SchemaException(
                Reason.MISSING,
                "There are no tables of sqlxmq in schema " + schema.quoted() + ". To create those of sqlmq, run: "
                        + command("migrate"));
    }

    private String command(String verb) {
        return CommandHint.of(verb, schema.name());
    }
}
