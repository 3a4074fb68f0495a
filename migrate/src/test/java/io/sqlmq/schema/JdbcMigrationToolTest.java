package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.migrate.FlywayTool;
import io.sqlmq.schema.spi.MigrationTool;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Applications that have no Flyway, or one for themselves, get the same tables and the same history without it. */
class JdbcMigrationToolTest {
    private static final String ROWS = "SELECT pg_catalog.string_agg(concat_ws(',', version, description, type, script,"
            + " checksum, installed_by, success), ';' ORDER BY installed_rank) FROM %s.mq_schema_history WHERE type = 'SQL'";

    private final MigrationTool jdbc = new JdbcMigrationTool();
    private static PGSimpleDataSource byFlyway;
    private PGSimpleDataSource database;

    @BeforeAll
    static void migrateByFlyway() throws SQLException {
        byFlyway = TestServer.newDatabase();
        migrate(byFlyway, "by_flyway", Migrator.LOCATION, new FlywayTool());
    }

    @BeforeEach
    void create() throws SQLException {
        database = TestServer.newDatabase();
    }

    private void migrate(String schema, String location, MigrationTool tool) throws SQLException {
        migrate(database, schema, location, tool);
    }

    private static void migrate(PGSimpleDataSource database, String schema, String location, MigrationTool tool)
            throws SQLException {
        new MigrationRun(database, new SchemaName(schema), Migrations.load(location), Migrator.LOCK_TIMEOUTS).run(tool);
    }

    private static String test(String name) {
        return "io/sqlmq/schema/" + name;
    }

    private String rows(String schema) throws SQLException {
        return rows(database, schema);
    }

    private static String rows(PGSimpleDataSource database, String schema) throws SQLException {
        return TestServer.query(database, ROWS.formatted(new SchemaName(schema).quoted()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"public", "My Queue", "apostrophe's", "$dollar$", "a${b}c"})
    void makesWhatFlywayMakes(String schema) throws SQLException {
        migrate(schema, Migrator.LOCATION, jdbc);
        new Migrator(database, schema).validate();

        assertThat(rows(schema)).isEqualTo(rows(byFlyway, "by_flyway"));
        for (String objects : new String[] {
            "SELECT string_agg(relname || relkind::text, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = '%s'::regnamespace",
            "SELECT string_agg(proname, ',' ORDER BY proname) FROM pg_proc WHERE pronamespace = '%s'::regnamespace"
        }) {
            String quoted = new SchemaName(schema).quoted().replace("'", "''");
            assertThat(TestServer.query(database, objects.formatted(quoted)))
                    .isEqualTo(TestServer.query(byFlyway, objects.formatted("by_flyway")));
        }
    }

    @Test
    void eachGoesOnWhereTheOtherHasEnded() throws SQLException {
        migrate("a", test("one"), jdbc);
        migrate("a", test("two"), new FlywayTool());
        migrate("b", test("one"), new FlywayTool());
        migrate("b", test("two"), jdbc);
        migrate("b", test("two"), new FlywayTool());
        migrate("b", test("two"), jdbc);
        assertThat(rows("a")).isEqualTo(rows("b")).contains("V1__parcels.sql", "V2__weight.sql");
    }

    @Test
    void aMigrationThatFailsLeavesNothing() throws SQLException {
        TestServer.execute(database, "CREATE SCHEMA a", "CREATE TABLE a.mq_parcels (id int)");
        assertThatThrownBy(() -> migrate("a", test("one"), jdbc)).hasRootCauseInstanceOf(SQLException.class);
        assertThat(rows("a")).isEqualTo("null");
        TestServer.execute(database, "DROP TABLE a.mq_parcels");
        migrate("a", test("one"), jdbc);
        assertThat(rows("a")).contains("V1__parcels.sql");
    }
}
