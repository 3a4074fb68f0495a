package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.SchemaHistory.Server;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.stream.Stream;
import org.flywaydb.core.internal.resolver.ChecksumCalculator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationsTest {
    private static final String TEST_LOCATION = "io/sqlmq/schema/two";

    @ParameterizedTest
    @ValueSource(strings = {"io/sqlmq/schema/migration", TEST_LOCATION})
    void theIndexNamesEveryFileOfTheDirectory(String location) throws Exception {
        URL index = MigrationsTest.class.getClassLoader().getResource(location + "/" + Migrations.INDEX);
        assertThat(index).isNotNull();
        Path file = Path.of(index.toURI());
        List<String> named = Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        try (Stream<Path> files = Files.list(file.resolveSibling(""))) {
            assertThat(files.map(p -> p.getFileName().toString()).filter(name -> !name.equals(Migrations.INDEX)))
                    .containsExactlyInAnyOrderElementsOf(named);
        }
    }

    @Test
    void migrationsAreOrderedByVersion() {
        assertThat(Migrations.load(TEST_LOCATION).all())
                .extracting(Migration::script)
                .containsExactly("V1__parcels.sql", "V2__weight.sql");
    }

    @Test
    void theChecksumIsThatOfFlyway() {
        Migrations migrations = Migrations.load(TEST_LOCATION);
        assertThat(migrations.all()).allSatisfy(m -> {
            var resource = migrations.getResource(TEST_LOCATION + "/" + m.script());
            assertThat(resource).isNotNull();
            assertThat(m.checksum()).isEqualTo(ChecksumCalculator.calculate(resource));
        });
    }

    @Test
    void aMissingOrMisnamedMigrationIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Migrations.load("io/sqlmq/schema/nowhere"))
                .withMessageContaining("not on the class path");
        assertThatIllegalStateException()
                .isThrownBy(() -> Migration.of("parcels.sql", "SELECT 1"))
                .withMessageContaining("V1__what_it_does.sql");
    }

    @Test
    void serversOlderThan14AreRefused() {
        SchemaCheck check = new SchemaCheck(Migrations.load(TEST_LOCATION), new SchemaName("public"));
        check.requireSupported(new Server("14.0", 140000, "UTF8", "r"));
        assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(() -> check.requireSupported(new Server("13.20", 130020, "UTF8", "r")))
                .withMessageContaining("13.20")
                .withMessageContaining("PostgreSQL 14");
    }

    @Test
    void aPoolThatIsTooSmallIsNamedAsSuch() {
        SchemaCheck check = new SchemaCheck(Migrations.load(TEST_LOCATION), new SchemaName("public"));
        SchemaException e = check.failure(
                "Migrating", new IllegalStateException(new SQLTransientConnectionException("timed out after 30 s")));
        assertThat(e).hasMessageContaining("up to three").returns(Reason.UNREACHABLE, SchemaException::reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "pg_mq", "information_schema"})
    void schemaNamesThatPostgresRefusesAreRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SchemaName(name));
    }

    @Test
    void schemaNamesThatPostgresWouldCutAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SchemaName("ü".repeat(32)))
                .withMessageContaining("64 bytes");
        assertThat(new SchemaName("ü".repeat(31) + "x").quoted()).hasSize(34);
    }
}
