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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationsTest {
    @Test
    void theIndexNamesEveryFileOfTheDirectory() throws Exception {
        URL index = MigrationsTest.class.getClassLoader().getResource(Migrator.LOCATION + "/" + Migrations.INDEX);
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
        assertThat(Migrations.load(Migrator.LOCATION).all())
                .extracting(Migration::script)
                .startsWith("V1__sqlmq.sql");
    }

    @Test
    void versionsAreComparedNumberByNumber() {
        assertThat(Stream.of("10", "2.0.1", "2", "1.9", "1.10", "2.0")
                        .map(Version::parse)
                        .sorted())
                .extracting(Version::toString)
                .containsExactly("1.9", "1.10", "2", "2", "2.0.1", "10");
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
        SchemaCheck check = new SchemaCheck(Migrations.load(Migrator.LOCATION), new SchemaName("public"));
        check.requireSupported(new Server("14.0", 140000, "UTF8", "r"));
        assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(() -> check.requireSupported(new Server("13.20", 130020, "UTF8", "r")))
                .withMessageContaining("13.20")
                .withMessageContaining("PostgreSQL 14");
    }

    @Test
    void aPoolThatIsTooSmallIsNamedAsSuch() {
        SchemaCheck check = new SchemaCheck(Migrations.load(Migrator.LOCATION), new SchemaName("public"));
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
