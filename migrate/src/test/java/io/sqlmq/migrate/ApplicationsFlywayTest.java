package io.sqlmq.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.TestServer;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The application migrates its own tables with Flyway, as docs/operating.md says how. */
class ApplicationsFlywayTest {
    private PGSimpleDataSource database = new PGSimpleDataSource();

    @BeforeEach
    void newDatabase() throws SQLException {
        database = TestServer.newDatabase();
    }

    private FluentConfiguration application() {
        return Flyway.configure().dataSource(database).locations("classpath:app/migration");
    }

    private void assertBothAreThere(String schema) throws SQLException {
        new Migrator(database, schema).validate();
        assertThat(TestServer.query(database, "SELECT count(*) FROM public.orders"))
                .isEqualTo("0");
        assertThat(TestServer.query(database, "SELECT count(*) FROM public.flyway_schema_history WHERE type = 'SQL'"))
                .isEqualTo("1");
        assertThat(application().load().validateWithResult().validationSuccessful)
                .isTrue();
        assertThat(application().load().migrate().migrationsExecuted).isZero();
    }

    @Test
    void afterTheApplicationsOwnNothingIsToBeSet() throws SQLException {
        application().load().migrate();
        new Migrator(database, "public").migrate();
        assertBothAreThere("public");
    }

    @Test
    void inASchemaOfTheirOwnTheTablesDisturbNoFlyway() throws SQLException {
        new Migrator(database, "mq").migrate();
        application().load().migrate();
        assertBothAreThere("mq");
    }

    @Test
    void beforeTheApplicationsOwnInItsSchemaItsFlywayNeedsABaselineOfZero() throws SQLException {
        new Migrator(database, "public").migrate();
        assertThatThrownBy(application().load()::migrate).hasMessageContaining("non-empty schema");
        application().baselineOnMigrate(true).baselineVersion("0").load().migrate();
        assertBothAreThere("public");
    }
}
