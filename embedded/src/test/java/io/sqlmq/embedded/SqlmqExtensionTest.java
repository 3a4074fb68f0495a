package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

@Timeout(120)
class SqlmqExtensionTest {

    /** JDBC URLs that the fixtures below saw. */
    private static final Set<String> URLS = ConcurrentHashMap.newKeySet();

    private static final List<String> LOG = new CopyOnWriteArrayList<>();

    @BeforeEach
    void forget() {
        URLS.clear();
        LOG.clear();
    }

    /** Fails if any database of a class outlives it. */
    @AfterEach
    void databasesAreDropped() {
        for (String url : URLS) {
            String name = url.replaceAll(".*/|\\?.*", "");
            String server = TestServer.of("sqlmq:embedded").url();
            await().untilAsserted(() -> assertThat(
                            Sql.value(server, "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"))
                    .isEqualTo("0"));
        }
    }

    @SqlmqTest
    static class Injected {

        @SqlmqResource
        static ConnectionFactory staticFactory;

        @SqlmqResource
        private SqlmqConnectionFactory factory;

        @SqlmqResource
        DataSource dataSource;

        @JdbcUrl
        String url;

        private final ConnectionFactory constructed;

        Injected(ConnectionFactory constructed) {
            this.constructed = constructed;
        }

        @BeforeAll
        static void beforeAll(@JdbcUrl String url) {
            URLS.add(url);
        }

        @Test
        void allSeeTheSameDatabase(
                SqlmqConnectionFactory parameter, DataSource data, @JdbcUrl String jdbcUrl, Purge purge)
                throws SQLException {
            assertThat(List.of(staticFactory, factory, constructed)).allMatch(other -> other == parameter);
            assertThat(URLS).containsExactly(jdbcUrl);
            assertThat(url).isEqualTo(jdbcUrl);
            assertThat(Sql.value(data, "SELECT current_database()"))
                    .isEqualTo(Sql.value(dataSource, "SELECT current_database()"))
                    .isEqualTo(Sql.value(url, "SELECT current_database()"));
            assertThat(Sql.value(data, "SELECT to_regclass('public.mq_msgs')")).isEqualTo("mq_msgs");
            purge.now();
        }
    }

    @Test
    void injectsFactoryDataSourceUrlAndPurge() {
        assertThat(failures(run(Injected.class))).isEmpty();
    }

    abstract static class LeavesATable {
        @Test
        void findsNothingAndLeavesATable(DataSource dataSource, @JdbcUrl String url) throws SQLException {
            URLS.add(url);
            assertThat(Sql.value(dataSource, "SELECT to_regclass('public.left_over')"))
                    .isEqualTo("null");
            Sql.run(dataSource, "CREATE TABLE left_over ()");
        }
    }

    @SqlmqTest
    static class First extends LeavesATable {}

    @SqlmqTest
    static class Second extends LeavesATable {}

    @SqlmqTest(url = "sqlmq:embedded")
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface OurTest {}

    @OurTest
    static class Meta extends LeavesATable {}

    static class Inheriting extends Meta {}

    @Test
    void eachClassHasAnEmptyDatabaseAlsoInParallel() {
        EngineExecutionResults results = EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent")
                .selectors(
                        selectClass(First.class),
                        selectClass(Second.class),
                        selectClass(Meta.class),
                        selectClass(Inheriting.class))
                .execute();
        assertThat(failures(results)).isEmpty();
        results.testEvents().assertStatistics(statistics -> statistics.succeeded(4));
        assertThat(URLS).hasSize(4);
    }

    @SqlmqTest
    static class Outer {
        @Test
        void outer(@JdbcUrl String url) {
            LOG.add("outer " + url);
        }

        @Nested
        class Sharing {
            @Test
            void inner(@JdbcUrl String url) {
                LOG.add("sharing " + url);
            }
        }

        @Nested
        @SqlmqTest
        class Own {
            @Test
            void inner(@JdbcUrl String url) {
                LOG.add("own " + url);
            }
        }
    }

    @Test
    void nestedClassesShareTheDatabaseUnlessTheyAskForTheirOwn() {
        assertThat(failures(run(Outer.class))).isEmpty();
        String outer = logged("outer ");
        assertThat(logged("sharing ")).isEqualTo(outer);
        assertThat(logged("own ")).isNotEqualTo(outer);
        URLS.add(outer);
        URLS.add(logged("own "));
    }

    private static String logged(String prefix) {
        return LOG.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst()
                .orElseThrow();
    }

    @SqlmqTest(purge = Purge.Time.EACH_TEST)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class Purged {

        @SqlmqResource
        DataSource dataSource;

        @BeforeAll
        void ownTables() throws SQLException {
            Sql.run(
                    dataSource,
                    "CREATE UNLOGGED TABLE mq_more AS SELECT n, repeat('x', 500) FROM generate_series(1, 5000) n",
                    "CREATE TABLE mine AS SELECT 1",
                    "CREATE TABLE IF NOT EXISTS mq_schema_history (n int)",
                    "CREATE TABLE mq_small (n int)");
        }

        @Test
        void one() throws SQLException {
            fill();
        }

        @Test
        void two() throws SQLException {
            fill();
        }

        private void fill() throws SQLException {
            assertThat(Sql.value(dataSource, "SELECT count(*) FROM mq_more")).isEqualTo("0");
            assertThat(Sql.value(dataSource, "SELECT count(*) FROM mq_small")).isEqualTo("0");
            assertThat(Sql.value(dataSource, "SELECT count(*) FROM mine")).isEqualTo("1");
            Sql.run(dataSource, "INSERT INTO mq_small VALUES (1)", "INSERT INTO mq_more VALUES (1, 'x')");
        }
    }

    @Test
    void purgeBeforeEachTestEmptiesTheTablesOfSqlmqOnly() {
        EngineExecutionResults results = run(Purged.class);
        assertThat(failures(results)).isEmpty();
        results.testEvents().assertStatistics(statistics -> statistics.succeeded(2));
    }

    @SqlmqTest
    static class FinalField {
        @SqlmqResource
        private final DataSource dataSource = null;

        @Test
        void test() {
            throw new AssertionError("must not run with " + dataSource);
        }
    }

    @Test
    void aFieldThatCannotBeSetIsReported() {
        assertThat(failures(run(FinalField.class)))
                .singleElement()
                .asString()
                .contains("dataSource cannot be set")
                .contains("final");
    }

    /** Which is what makes it quick: the migrations run once for all classes. */
    @Test
    void aFurtherClassGetsACopyOfWhatWasMigratedForTheFirst() throws SQLException {
        TestDatabases databases = TestDatabases.of("sqlmq:embedded");
        try (TestDatabase first = databases.create();
                TestDatabase further = databases.create()) {
            further.connectionFactory();
            URLS.add(further.jdbcUrl());
            String migrated = "SELECT string_agg(version || ' ' || installed_on, ', ') FROM mq_schema_history";
            assertThat(Sql.value(further.dataSource(), migrated))
                    .contains("1 ")
                    .isEqualTo(Sql.value(first.dataSource(), migrated));
        }
    }

    private static EngineExecutionResults run(Class<?> fixture) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(fixture))
                .execute();
    }

    private static List<Throwable> failures(EngineExecutionResults results) {
        return Stream.concat(results.containerEvents().failed().stream(), results.testEvents().failed().stream())
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .toList();
    }
}
