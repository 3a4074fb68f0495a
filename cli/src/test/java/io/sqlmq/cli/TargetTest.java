package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest extends CliTestCase {
    private String host = "";
    private String port = "";
    private String database = "";
    private String user = "";

    @BeforeEach
    void parts() {
        Matcher matcher =
                Pattern.compile("//([^:]+):(\\d+)/([^?]+).*[?&]user=([^&]+).*").matcher(url);
        assertThat(matcher.find()).as(url).isTrue();
        host = matcher.group(1);
        port = matcher.group(2);
        database = matcher.group(3);
        user = matcher.group(4);
        environment.put("SQLMQ_URL", ""); // as if it were not there
    }

    @Test
    void theEnvironmentIsThatOfPsql() {
        environment.put("PGHOST", host);
        environment.put("PGPORT", port);
        environment.put("PGDATABASE", database);
        environment.put("PGUSER", user);
        assertThat(ok("info").out()).contains("server ");
        assertThat(ok("queues").out()).contains("QUEUE");
        assertThat(ok("send", "q", "hello").out()).contains("sent 1 message");
    }

    @Test
    void aUrlIsThatOfPsqlOrOfJdbc() {
        assertThat(ok("queues", "--url", "postgresql://" + user + "@" + host + ":" + port + "/" + database)
                        .out())
                .contains("QUEUE");
        assertThat(ok("--url", "postgres://" + host + ":" + port + "/" + database, "--user", user, "queues")
                        .out())
                .as("options may stand before the verb")
                .contains("QUEUE");
        assertThat(ok("queues", "--url", url).out()).contains("QUEUE");
    }

    @Test
    void thePasswordComesFromWherePsqlHasIt() {
        // The tests' server trusts everybody, so what would be sent is looked at.
        assertThat(options("postgresql://joe:s%40same@nowhere/x")).isEqualTo("s@same");
        environment.put("PGPASSWORD", "of psql");
        assertThat(options("postgresql://joe@nowhere/x")).isEqualTo("of psql");
        environment.put("SQLMQ_PASSWORD", "of ours");
        assertThat(options("postgresql://joe@nowhere/x")).isEqualTo("of ours");
        environment.remove("SQLMQ_PASSWORD");
        environment.remove("PGPASSWORD");
        assertThat(options("postgresql://joe@nowhere/x"))
                .as("left to the driver, which reads the file")
                .isNull();
    }

    private String options(String from) {
        environment.put("SQLMQ_URL", from);
        return new Target().factory(environment).getOptions().getPassword();
    }

    /** Behind a pooler the server's names are those of others, too. */
    @Test
    void nothingIsPreparedOnTheServer() throws Exception {
        environment.put("SQLMQ_URL", url);
        try (Connection connection =
                Target.connect(new Target().factory(environment).getOptions())) {
            for (int i = 0; i < 10; i++) {
                try (PreparedStatement one = connection.prepareStatement("SELECT 1")) {
                    one.execute();
                }
            }
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT name FROM pg_prepared_statements")) {
                assertThat(rows.next()).isFalse();
            }
        }
    }

    @Test
    void thePasswordFileIsRead(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("pgpass");
        Files.writeString(file, "*:*:*:filed:of the file\n");
        String before = System.setProperty("org.postgresql.pgpassfile", file.toString());
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FutureTask<String> asked = new FutureTask<>(() -> askForPassword(server));
            Thread thread = new Thread(asked);
            thread.start();
            String target = "postgresql://filed@127.0.0.1:" + server.getLocalPort() + "/x?sslmode=disable";
            assertThat(run("queues", "--url", target).code()).isEqualTo(3);
            assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo("of the file");
        } finally {
            if (before == null) {
                System.clearProperty("org.postgresql.pgpassfile");
            } else {
                System.setProperty("org.postgresql.pgpassfile", before);
            }
        }
    }

    /** As a server that wants it in clear text. */
    private static String askForPassword(ServerSocket server) throws IOException {
        try (Socket client = server.accept()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            in.readNBytes(in.readInt() - 4);
            out.writeByte('R');
            out.writeInt(8);
            out.writeInt(3);
            out.flush();
            in.readByte();
            byte[] password = in.readNBytes(in.readInt() - 4);
            return new String(password, 0, password.length - 1, StandardCharsets.UTF_8);
        }
    }

    @Test
    void anUnreachableDatabaseIsExitCode3InOneLineWithoutThePassword() {
        for (String verb : new String[] {"queues", "info", "doctor"}) {
            Result result = run(verb, "--url", "postgresql://joe:sesame@127.0.0.1:1/x");
            assertThat(result.code()).isEqualTo(3);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .startsWith("sqlmq: the database could not be reached as joe: ")
                    .doesNotContain("sesame");
            assertThat(result.err().lines().count()).isLessThanOrEqualTo(2);
        }
        assertThat(run("queues", "--url", "postgresql://joe:sesame@127.0.0.1:1/x", "--stacktrace")
                        .err())
                .contains("\tat io.sqlmq.cli.")
                .doesNotContain("sesame");
    }

    @Test
    void wrongArgumentsAreExitCode2() {
        assertThat(run("queues", "--url", "jdbc:mysql://x/y?password=sesame").code())
                .isEqualTo(2);
        assertThat(run("queues", "--url", "jdbc:mysql://x/y?password=sesame").err())
                .doesNotContain("sesame");
        assertThat(run("quux").code()).isEqualTo(2);
        assertThat(run("send").code()).isEqualTo(2);
        assertThat(run("--output", "xml", "queues").code()).isEqualTo(2);
        environment.put("PGHOST", "/var/run/postgresql");
        assertThat(run("queues").err()).contains("PGHOST is the directory of a socket");
    }
}
