package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MigrationsTest extends CliTestCase {
    private String empty = "";

    @BeforeEach
    void database() throws SQLException {
        empty = newDatabase("cli_migrations");
        environment.put("SQLMQ_URL", empty);
    }

    @Test
    void fromNothingToValidTables() {
        Result none = run("info", "--schema", "mine");
        assertThat(none.code()).isZero();
        assertThat(none.lines())
                .anyMatch(line -> line.matches("server {3}PostgreSQL \\d+.*"))
                .contains("schema   mine", "tables   none")
                .anyMatch(line -> line.startsWith("pending  V1__sqlmq.sql"));
        Result invalid = run("validate", "--schema", "mine");
        assertThat(invalid.code()).isEqualTo(1);
        assertThat(invalid.out()).isEmpty();
        assertThat(invalid.err()).startsWith("sqlmq: ").contains("mine").doesNotContain("\tat ");

        assertThat(ok("migrate", "--schema", "mine").lines()).contains("pending  none");
        assertThat(ok("migrate").lines()).as("finds the schema").contains("schema   mine", "pending  none");
        assertThat(ok("validate").lines()).contains("schema   mine");
        assertThat(ok("info", "-o", "json").out()).contains("\"schema\":\"mine\"", "\"pending\":[]");
        assertThat(ok("adopt").lines()).contains("nothing: these are the tables of sqlmq");
    }

    @Test
    void severalSchemasAreToBeChosenFrom() {
        ok("migrate", "--schema", "one");
        ok("migrate", "--schema", "two");
        Result result = run("queues");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err())
                .isEqualToNormalizingNewlines(
                        "sqlmq: several schemas have the tables of sqlmq, choose one with --schema: one, two\n");
        ok("queues", "--schema", "two");
        environment.put("SQLMQ_URL", empty + "&sqlmq.schema=one");
        ok("queues");
    }

    @Test
    void withoutTablesTheyAreToBeMade() {
        Result result = run("queues");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("no schema of this database has the tables of sqlmq", "sqlmq migrate");
    }
}
