package io.sqlmq.console.health;

import io.sqlmq.schema.Migrator;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks for what makes the queues of a database sick: for {@code sqlmq doctor} and the console's page of health. */
public final class Doctor {
    private Doctor() {}

    /** Makes a connection as the role that asks; it is closed afterwards, and may be one of a pool. */
    @FunctionalInterface
    public interface Connecting {
        /**
         * Another connection.
         *
         * @throws SQLException if there is none
         */
        Connection connect() throws SQLException;
    }

    /**
     * What is asked.
     *
     * @param role at whose rights and time-outs to look; null: those of who asks
     * @param rights what the role has to be able to do, in words of {@code mq_grant}
     * @param age how long a transaction may be open, or prepared
     * @param repair whether to advance sequences that are behind their tables
     * @param clock this machine's
     * @param timeout how long a statement may take; zero for ever
     * @param pgBouncer what the option says: whether a pooler is expected, and no notification
     */
    public record Question(
            @Nullable String role,
            String rights,
            Duration age,
            boolean repair,
            Clock clock,
            Duration timeout,
            boolean pgBouncer) {}

    /**
     * Looks.
     *
     * @param migrator for the schema that has the tables
     * @throws io.sqlmq.schema.SchemaException if the database cannot be reached
     * @throws IllegalArgumentException if there is no such role, or right
     * @throws SQLException if a statement fails that every role may run
     */
    public static List<Finding> examine(Migrator migrator, Connecting connecting, String schema, Question question)
            throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.add(SchemaChecks.schema(migrator));
        try (Connection connection = connecting.connect();
                Statement statement = connection.createStatement()) {
            String before = connection.getSchema();
            connection.setSchema(schema);
            statement.execute("SET statement_timeout = " + question.timeout().toMillis());
            try {
                examine(connection, connecting, question, findings);
            } finally {
                // The connection may be somebody else's next.
                statement.execute("RESET statement_timeout");
                if (before != null) {
                    connection.setSchema(before);
                }
            }
        }
        return findings;
    }

    private static void examine(Connection connection, Connecting connecting, Question question, List<Finding> findings)
            throws SQLException {
        String role = question.role();
        findings.add(ServerChecks.versions(connection));
        findings.add(ServerChecks.clock(connection, question.clock()));
        findings.add(ServerChecks.standby(connection));
        findings.add(ServerChecks.durability(connection));
        findings.add(ServerChecks.locks(connection));
        findings.add(ConnectionChecks.pooler(connection, question.pgBouncer()));
        if (!question.pgBouncer()) {
            findings.add(ConnectionChecks.listen(connecting));
        }
        findings.add(ConnectionChecks.timeouts(connection, role));
        findings.add(VacuumChecks.autovacuum(connection));
        findings.add(VacuumChecks.transactions(connection, question.age()));
        findings.add(VacuumChecks.slots(connection));
        findings.add(VacuumChecks.prepared(connection, question.age()));
        findings.add(VacuumChecks.bloat(connection));
        findings.add(SchemaChecks.rights(connection, role, question.rights()));
        findings.add(SchemaChecks.owners(connection));
        findings.add(SchemaChecks.sequences(connection, question.repair()));
        findings.add(SchemaChecks.letters(connection));
        findings.add(SchemaChecks.pauses(connection));
        findings.add(SchemaChecks.limits(connection));
    }
}
