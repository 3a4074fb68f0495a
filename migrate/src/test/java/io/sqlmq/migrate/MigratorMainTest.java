package io.sqlmq.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.TestServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MigratorMainTest {
    private String url = "";
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void newDatabase() throws SQLException {
        url = "jdbc:postgresql://localhost:" + TestServer.port() + "/"
                + TestServer.newDatabase().getDatabaseName();
    }

    private int run(String... args) {
        CommandLine line = MigratorMain.commandLine(Map.of("PGPASSWORD", "sesame"));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void validateFailsUntilMigrated() {
        String[] target = {"--url", url + "?sqlmq.schema=mine&sqlmq.listen=off", "--user", "postgres"};
        assertThat(run("validate", target)).isEqualTo(1);
        assertThat(err.toString()).contains("sqlmq migrate").contains("--schema mine");
        assertThat(run("info", target)).isZero();
        assertThat(out.toString()).contains("schema    mine", "tables    none", "pending   V1__sqlmq.sql");

        assertThat(run("migrate", target)).isZero();
        assertThat(run("migrate", target)).isZero();
        assertThat(run("validate", target)).isZero();
        assertThat(out.toString()).containsPattern("tables    version \\d+").contains("pending   none");
        assertThat(run("validate", "--url", url, "--user", "postgres", "--schema", "other"))
                .isEqualTo(1);
    }

    private int run(String command, String[] target) {
        return run(Stream.concat(Stream.of(command), Arrays.stream(target)).toArray(String[]::new));
    }

    @Test
    void anUnreachableServerIsExitCode3AndNoPasswordIsPrinted() {
        int code = run("info", "--url", "jdbc:postgresql://localhost:1/x?password=sesame", "--user", "joe");
        assertThat(code).isEqualTo(3);
        assertThat(err.toString()).contains("Check URL").doesNotContain("sesame");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wrongArgumentsAreExitCode2AndNoPasswordIsPrinted() {
        assertThat(run("info")).isEqualTo(2);
        assertThat(run("info", "--url", "jdbc:mysql://localhost/x?password=sesame"))
                .isEqualTo(2);
        assertThat(run("info", "--url", "jdbc:postgresql://localhost:xyz/x?password=sesame"))
                .isEqualTo(2);
        assertThat(run("info", "--url", url, "--schema", "pg_x")).isEqualTo(2);
        assertThat(run("upgrade")).isEqualTo(2);
        assertThat(err.toString())
                .contains("jdbc:postgresql://host:port/database")
                .doesNotContain("sesame");
    }
}
