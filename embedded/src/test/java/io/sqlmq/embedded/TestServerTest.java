package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Test databases on a server that the user names. */
class TestServerTest {

    private final Properties before = new Properties();

    @BeforeEach
    void remember() {
        before.putAll(System.getProperties());
        System.clearProperty(TestServer.URL_PROPERTY);
        System.clearProperty(TestServer.DATABASE_PROPERTY);
    }

    @AfterEach
    void restore() {
        System.setProperties(before);
    }

    @Test
    void databasesAreMadeOnTheServerNamedByUrlAndThoseOfKilledRunsAreDropped() throws SQLException {
        try (SqlmqEmbedded server = SqlmqEmbedded.start()) {
            System.setProperty(TestServer.URL_PROPERTY, server.jdbcUrl());
            Sql.run(
                    server.dataSource(),
                    "CREATE DATABASE sqlmq_test_dead0000_1",
                    "CREATE DATABASE sqlmq_test_live0000_1",
                    "CREATE DATABASE sqlmqxtestxdead0000x1");
            try (Connection running = server.dataSource().getConnection();
                    Statement statement = running.createStatement();
                    TestDatabase ignored = lockedBy(statement)) {
                assertThat(ignored.jdbcUrl()).contains(":" + server.port() + "/sqlmq_test_");
                assertThat(Sql.value(ignored.jdbcUrl(), "SELECT to_regclass('public.mq_msgs')"))
                        .isEqualTo("mq_msgs");
                assertThat(Sql.value(
                                server.dataSource(),
                                "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
                                        + " WHERE datname ~ '0000'"))
                        .isEqualTo("sqlmq_test_live0000_1 sqlmqxtestxdead0000x1");
            }
            await().untilAsserted(() -> assertThat(Sql.value(
                            server.dataSource(),
                            "SELECT string_agg(datname, ' ') FROM pg_database WHERE datname ~ '_1$'"))
                    .isEqualTo("sqlmq_test_live0000_1"));
        }
    }

    private static TestDatabase lockedBy(Statement statement) throws SQLException {
        statement.execute("SELECT pg_advisory_lock(" + TestDatabases.LOCKS + ", hashtext('live0000'))");
        return TestDatabases.of("sqlmq:embedded").create();
    }

    /** A program that uses a test database on the server of its argument and ends without closing it. */
    static final class Leaves {
        private Leaves() {}

        public static void main(String[] url) {
            System.setProperty(TestServer.URL_PROPERTY, url[0]);
            System.out.println(TestDatabases.of("sqlmq:embedded").create().jdbcUrl());
        }
    }

    @Test
    void nothingStaysOnTheServerWhenTheJvmEnds() throws Exception {
        try (SqlmqEmbedded server = SqlmqEmbedded.start()) {
            Process program = ServerProgram.java(Leaves.class, server.jdbcUrl());
            assertThat(program.inputReader().readLine()).contains("/sqlmq_test_");
            assertThat(program.waitFor()).isZero();
            assertThat(Sql.value(server.dataSource(), "SELECT count(*) FROM pg_database WHERE datname LIKE 'sqlmq%'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void saysWhichRightIsMissing() throws SQLException {
        try (SqlmqEmbedded server = SqlmqEmbedded.start()) {
            Sql.run(server.dataSource(), "CREATE ROLE weak LOGIN");
            System.setProperty(TestServer.URL_PROPERTY, server.jdbcUrl().replace("user=postgres", "user=weak"));
            assertThatThrownBy(() -> TestDatabases.of("sqlmq:embedded").create())
                    .isInstanceOf(EmbeddedDatabaseException.class)
                    .hasMessageContaining("CREATEDB");
        }
    }

    @Test
    void refusesAnUnknownKindOfDatabase() {
        System.setProperty(TestServer.DATABASE_PROPERTY, "oracle");
        assertThatThrownBy(() -> TestServer.of("sqlmq:embedded"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("embedded or testcontainers");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://h:1/a?user=x,     jdbc:postgresql://h:1/new?user=x",
        "jdbc:postgresql://h:1,              jdbc:postgresql://h:1/new",
        "jdbc:postgresql://h:1/,             jdbc:postgresql://h:1/new",
        "jdbc:postgresql://h:1/a?o=/b, jdbc:postgresql://h:1/new?o=/b",
        "jdbc:postgresql://h?o=/b,           jdbc:postgresql://h/new?o=/b",
    })
    void namesAnotherDatabaseOfTheSameServer(String url, String expected) {
        assertThat(TestServer.withDatabase(url, "new")).isEqualTo(expected);
    }

    @Test
    void refusesUrlsWithoutAServerAndKeepsThePasswordToItself() {
        assertThatThrownBy(() -> TestServer.withDatabase("jdbc:postgresql:db?password=secret", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jdbc:postgresql://host:port/database")
                .hasMessageNotContaining("secret");
    }
}
