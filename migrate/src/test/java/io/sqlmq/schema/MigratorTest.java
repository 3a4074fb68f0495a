package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.schema.MigrationRun.LockTimeouts;
import io.sqlmq.schema.SchemaException.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Tests with the tag "once" are not repeated by {@link FlywayVersionsTest}. */
@Timeout(60)
class MigratorTest {
    private static final LockTimeouts PATIENT = new LockTimeouts(30_000, 200);

    private PGSimpleDataSource database = new PGSimpleDataSource();

    @BeforeEach
    void newDatabase() throws SQLException {
        database = TestServer.newDatabase();
    }

    private static Migrator migrator(DataSource dataSource, String schema, String location) {
        return new Migrator(dataSource, schema, "io/sqlmq/schema/" + location, PATIENT);
    }

    private Migrator migrator(String location) {
        return migrator(database, "public", location);
    }

    private static SchemaException failureOf(Runnable call) {
        return assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(call::run)
                .actual();
    }

    @Test
    void migratesAnEmptyDatabaseAndSaysWhatIsThere() {
        Migrator migrator = migrator("two");
        assertThat(migrator.info())
                .returns(null, SchemaInfo::currentVersion)
                .returns("2", SchemaInfo::newestVersion)
                .returns(List.of("V1__parcels.sql", "V2__weight.sql"), SchemaInfo::pending);

        migrator.migrate();

        migrator.validate();
        assertThat(migrator.info())
                .returns("2", SchemaInfo::currentVersion)
                .returns(List.of(), SchemaInfo::pending)
                .satisfies(info -> assertThat(info.serverVersion()).matches("\\d+\\.\\d+.*"));
    }

    @Test
    void migratesBesideTheTablesAndTheFlywayHistoryOfTheApplication() throws SQLException {
        TestServer.execute(database, "CREATE TABLE orders (id int)", "CREATE TABLE flyway_schema_history (x int)");
        migrator("one").migrate();
        migrator("one").validate();
        assertThat(TestServer.query(database, "SELECT count(*) FROM flyway_schema_history"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @Tag("once")
    @ValueSource(
            strings = {"mq", "My Queue", "quo\"ted", "apostrophe's", "Ünïcode.dot", "select", "$dollar$", "semi;colon"})
    void anyNameThatCanBeQuotedCanBeTheSchema(String schema) throws SQLException {
        Migrator migrator = migrator(database, schema, "two");
        migrator.migrate();
        migrator.validate();
        assertThat(TestServer.query(
                        database,
                        "SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                                + "WHERE relname = 'mq_parcels'"))
                .isEqualTo(schema);
        assertThat(TestServer.query(database, "SELECT " + new SchemaName(schema).quoted() + ".mq_count()"))
                .isEqualTo("0");
    }

    @Test
    void schemasOfOneDatabaseDoNotDisturbEachOther() {
        migrator(database, "a", "two").migrate();
        migrator(database, "A", "one").migrate();
        assertThat(migrator(database, "a", "two").info().currentVersion()).isEqualTo("2");
        assertThat(migrator(database, "A", "one").info().currentVersion()).isEqualTo("1");
    }

    @Test
    void validateNamesTheCommandWhenThereAreNoTables() {
        SchemaException e = failureOf(migrator(database, "my queue", "one")::validate);
        assertThat(e.reason()).isEqualTo(Reason.MISSING);
        assertThat(e)
                .hasMessageContaining("sqlmq migrate --url")
                .hasMessageContaining("--schema 'my queue'")
                .hasMessageContaining("schemaManagement=migrate");
    }

    @Test
    void validateNamesThePendingMigrationsOfAnOldSchema() {
        migrator("one").migrate();
        SchemaException e = failureOf(migrator("two")::validate);
        assertThat(e.reason()).isEqualTo(Reason.OUTDATED);
        assertThat(e).hasMessageContaining("V2__weight.sql").hasMessageContaining("sqlmq migrate");
        migrator("two").migrate();
        migrator("two").validate();
    }

    @Test
    void aSchemaOfANewerVersionIsRefusedAndNotTouched() {
        migrator("two").migrate();
        Migrator old = migrator("one");
        assertThat(failureOf(old::validate).reason()).isEqualTo(Reason.NEWER);
        assertThat(failureOf(old::migrate))
                .returns(Reason.NEWER, SchemaException::reason)
                .satisfies(e -> assertThat(e).hasMessageContaining("newer sqlmq"));
        assertThat(old.info().currentVersion()).isEqualTo("2");
    }

    @Test
    void aChangedMigrationIsRefused() throws SQLException {
        migrator("two").migrate();
        TestServer.execute(database, "UPDATE mq_schema_history SET checksum = checksum + 1 WHERE version = '1'");
        SchemaException e = failureOf(migrator("two")::validate);
        assertThat(e.reason()).isEqualTo(Reason.CHANGED);
        assertThat(e).hasMessageContaining("V1__parcels.sql");
        assertThat(failureOf(migrator("two")::migrate).reason()).isEqualTo(Reason.CHANGED);
    }

    @Test
    void aFailingMigrationLeavesTheVersionBefore() {
        SchemaException e = failureOf(migrator("three")::migrate);
        assertThat(e.reason()).isEqualTo(Reason.FAILED);
        assertThat(e).hasMessageContaining("no_such_function");
        assertThat(migrator("three").info().currentVersion()).isEqualTo("2");
    }

    @Test
    void concurrentFirstStartsDoNotCollide() throws Exception {
        int starts = 8;
        ExecutorService threads = Executors.newFixedThreadPool(starts);
        CountDownLatch gate = new CountDownLatch(1);
        List<Future<?>> results = new ArrayList<>();
        for (int i = 0; i < starts; i++) {
            results.add(threads.submit(() -> {
                gate.await();
                migrator(database, "shared", "two").migrate();
                return null;
            }));
        }
        gate.countDown();
        for (Future<?> result : results) {
            result.get(30, TimeUnit.SECONDS);
        }
        threads.shutdown();
        migrator(database, "shared", "two").validate();
        assertThat(TestServer.query(database, "SELECT count(*) FROM shared.mq_schema_history WHERE type = 'SQL'"))
                .isEqualTo("2");
    }

    @Test
    @Tag("once")
    void concurrentFirstStartsOfSeveralProcessesDoNotCollide() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            MigratingProcess.class.getName(),
                            database.getURL())
                    .inheritIO()
                    .start());
        }
        for (Process process : processes) {
            assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        migrator("two").validate();
    }

    /** A first start in a JVM of its own. */
    static final class MigratingProcess {
        private MigratingProcess() {}

        public static void main(String[] args) {
            PGSimpleDataSource dataSource = new PGSimpleDataSource();
            dataSource.setUrl(args[0]);
            dataSource.setUser("postgres");
            migrator(dataSource, "public", "two").migrate();
        }
    }

    @Test
    @Tag("once")
    void aLongTransactionOnATableIsWaitedForInShortTries() throws Exception {
        migrator("one").migrate();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection busy = database.getConnection();
                Statement statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            statement.execute("SELECT * FROM mq_parcels");

            Future<?> migration = thread.submit(migrator("two")::migrate);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> TestServer.query(
                                    database, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%'")
                            .equals("1"));
            // Others get at the table although a migration wants to alter it.
            assertThat(TestServer.query(database, "SELECT count(*) FROM mq_parcels"))
                    .isEqualTo("0");

            busy.rollback();
            migration.get(30, TimeUnit.SECONDS);
        } finally {
            thread.shutdown();
        }
        migrator("two").validate();
    }

    @Test
    @Tag("once")
    void anEndlessTransactionMakesTheMigrationGiveUpWithAReason() throws Exception {
        migrator("one").migrate();
        try (Connection busy = database.getConnection();
                Statement statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            statement.execute("SELECT * FROM mq_parcels");
            SchemaException e = failureOf(migrator("two")::migrate);
            assertThat(e.reason()).isEqualTo(Reason.BUSY);
            assertThat(e).hasMessageContaining("pg_stat_activity");
        }
        assertThat(migrator("two").info().currentVersion()).isEqualTo("1");
    }

    @Test
    void aRoleThatMayNotCreateIsToldTheGrant() throws SQLException {
        String role = "No Create in " + database.getDatabaseName();
        TestServer.execute(
                database,
                "CREATE ROLE \"" + role + "\" LOGIN",
                // As PostgreSQL 15 and newer do by themselves.
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        PGSimpleDataSource asRole = TestServer.as(database, role);

        assertThat(failureOf(migrator(asRole, "public", "one")::migrate))
                .returns(Reason.PERMISSION_DENIED, SchemaException::reason)
                .satisfies(e -> assertThat(e)
                        .hasMessageContaining("GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"" + role + "\""));
        assertThat(failureOf(migrator(asRole, "Mq", "one")::migrate))
                .returns(Reason.PERMISSION_DENIED, SchemaException::reason)
                .satisfies(e -> assertThat(e)
                        .hasMessageContaining("GRANT CREATE ON DATABASE " + database.getDatabaseName())
                        .hasMessageContaining("CREATE SCHEMA \"Mq\" AUTHORIZATION \"" + role + "\""));

        TestServer.execute(database, "GRANT USAGE, CREATE ON SCHEMA public TO \"" + role + "\"");
        migrator(asRole, "public", "one").migrate();
        migrator(asRole, "public", "one").validate();
    }

    @Test
    @Tag("once")
    void aRoleThatMayNotReadTheHistoryIsToldTheGrant() throws SQLException {
        String reader = "reader_" + database.getDatabaseName();
        TestServer.execute(database, "CREATE ROLE " + reader + " LOGIN");
        migrator("one").migrate();
        Migrator asReader = migrator(TestServer.as(database, reader), "public", "one");
        assertThat(failureOf(asReader::validate))
                .returns(Reason.PERMISSION_DENIED, SchemaException::reason)
                .satisfies(e -> assertThat(e)
                        .hasMessageContaining("SELECT \"public\".mq_grant('role', 'receive')")
                        .hasMessageContaining("GRANT SELECT ON \"public\".mq_schema_history"));
        TestServer.execute(database, "GRANT SELECT ON mq_schema_history TO " + reader);
        asReader.validate();
    }

    /** As on most servers that others run: settings of ours, say, that functions are created with need a superuser. */
    @Test
    void aRoleThatIsNoSuperuserMakesAllTables() throws SQLException {
        String role = "owner_" + database.getDatabaseName();
        TestServer.execute(
                database,
                "CREATE ROLE " + role + " LOGIN",
                "ALTER DATABASE " + database.getDatabaseName() + " OWNER TO " + role);
        Migrator real = migrator(TestServer.as(database, role), "mq", "migration");
        real.migrate();
        real.validate();
    }

    @Test
    void aMigrationThatNeededASuperuserIsTakenForTheOneThatDoesNot() throws SQLException {
        migrator("mended/before").migrate();
        int now = checksum();
        int earlier = Migration.of("V3__operating.sql", "").earlier();
        TestServer.execute(database, "UPDATE mq_schema_history SET checksum = " + earlier + " WHERE version = '3'");
        migrator("mended/before").validate();

        migrator("mended/after").migrate();

        migrator("mended/after").validate();
        assertThat(checksum()).isEqualTo(now);
    }

    private int checksum() throws SQLException {
        return Integer.parseInt(
                TestServer.query(database, "SELECT checksum FROM mq_schema_history WHERE version = '3'"));
    }

    @Test
    void threeConnectionsAreEnough() throws SQLException {
        String role = "three_" + database.getDatabaseName();
        TestServer.execute(
                database,
                "CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 3",
                "GRANT CREATE ON SCHEMA public TO " + role);
        migrator(TestServer.as(database, role), "public", "two").migrate();
    }

    @Test
    @Tag("once")
    void aDatabaseInAnotherEncodingIsRefused() throws SQLException {
        PGSimpleDataSource latin = TestServer.newDatabase("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        assertThat(failureOf(migrator(latin, "public", "one")::migrate))
                .returns(Reason.UNSUPPORTED_SERVER, SchemaException::reason)
                .satisfies(e -> assertThat(e).hasMessageContaining("LATIN1").hasMessageContaining("UTF8"));
    }

    @Test
    @Tag("once")
    void aReadOnlyDatabaseIsRefused() throws SQLException {
        TestServer.execute(
                database, "ALTER DATABASE " + database.getDatabaseName() + " SET default_transaction_read_only = on");
        assertThat(failureOf(migrator("one")::migrate))
                .returns(Reason.READ_ONLY, SchemaException::reason)
                .satisfies(e -> assertThat(e).hasMessageContaining("primary"));
        assertThat(failureOf(migrator("one")::validate).reason()).isEqualTo(Reason.MISSING);
    }

    @Test
    void aDatabaseThatDefaultsToSerializableIsMigrated() throws SQLException {
        TestServer.execute(
                database,
                "ALTER DATABASE " + database.getDatabaseName() + " SET default_transaction_isolation = serializable");
        migrator("two").migrate();
        migrator("two").validate();
    }

    @Test
    @Tag("once")
    void anUnreachableServerIsNamedAsSuch() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setPortNumbers(new int[] {1});
        nowhere.setPassword("sesame");
        assertThat(failureOf(migrator(nowhere, "public", "one")::validate))
                .returns(Reason.UNREACHABLE, SchemaException::reason)
                .satisfies(e -> assertThat(e)
                        .hasMessageContaining("Check URL")
                        .message()
                        .doesNotContain("sesame"));
    }

    @Test
    @Tag("once")
    void validateInsideATransactionLeavesItUsable() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE TEMP TABLE t (x int)");
            assertThat(SchemaHistory.read(connection, new SchemaName("public")).applied())
                    .isNull();
            statement.execute("INSERT INTO t VALUES (1)");
            connection.commit();
        }
    }
}
