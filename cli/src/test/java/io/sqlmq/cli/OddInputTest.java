package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nobody should give, and what some do. */
class OddInputTest extends CliTestCase {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "browse, q, --limit, -3",
        "browse, q, --limit, 0",
        "receive, q, --count, -1",
        "receive, q, --timeout, -PT5S",
        "send, q, --count, 0",
        "tail, q, --count, 0",
        "queues, q, --times, 0",
        "browse, q, --selector, a = = 1",
        "retry, q, --selector, ((",
        "move, q, --selector, 1",
        "remove, q, --selector, ' '",
        "move, q, --selector, ''",
        "send, q, --priority, 10"
    })
    void isRefusedAsAWrongArgument(String verb, String queue, String option, String value) {
        Result result =
                verb.equals("move") ? run(verb, queue, "other", option, value) : run(verb, queue, option, value);
        assertThat(result.code()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).isNotBlank().doesNotContain("\tat ");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void filesThatCannotBeReadAreNamedWithoutTheNameOfAnException() throws Exception {
        Path bytes = directory.resolve("bytes");
        Files.write(bytes, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        for (String[] command : new String[][] {
            {"send", "q", "-f", directory.toString()},
            {"send", "q", "-l", "-f", bytes.toString()},
            {"send", "q", "-l", "-f", "/nowhere/at/all"},
            {"import", "-f", directory.toString()},
            {"import", "-f", bytes.toString()},
            {"export", "q", "-f", "/nowhere/at/all"}
        }) {
            Result result = run(command);
            assertThat(result.code()).as(result.err()).isEqualTo(1);
            assertThat(result.err())
                    .startsWith("sqlmq: ")
                    .doesNotContain("Exception")
                    .doesNotContain("--stacktrace");
        }
    }

    /** A variable of a script that is not set must not mean all messages. */
    @Test
    void aBlankSelectorRemovesNothing() {
        ok("send", "q", "x");
        assertThat(run("remove", "q", "-s", "").err()).contains("the selector is blank");
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("x\n");
    }

    @Test
    void theLineOfWhatCannotBeSentIsNamed() {
        Result result =
                runWith("{\"body\":\"x\"}\n{\"bodyType\":\"map\",\"body\":{\"a\":[1]}}\n", "send", "q", "--json-lines");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .isEqualToNormalizingNewlines("sqlmq: line 2: body has a value that JMS does not know: [1];"
                        + " 1 message of the lines before it was sent\n");
    }

    @Test
    void whereThereIsNothingIsSaid() {
        assertThat(run("queues", "--schema", "nosuch").err())
                .startsWith("sqlmq: there are no tables of sqlmq in the schema nosuch: those of this database are in ");
        environment.put("SQLMQ_URL", "postgresql://nosuch.invalid/x");
        Result host = run("queues");
        assertThat(host.code()).isEqualTo(3);
        assertThat(host.err()).contains("there is no host nosuch.invalid");
    }

    @Test
    void aRoleWithoutRightsHearsWhichItLacks() throws Exception {
        sql("CREATE ROLE cli_nobody LOGIN");
        try {
            sql("REVOKE USAGE ON SCHEMA public FROM PUBLIC");
            Result hidden = run("queues", "--user", "cli_nobody");
            assertThat(hidden.code()).isEqualTo(1);
            assertThat(hidden.err())
                    .startsWith(
                            "sqlmq: the role cli_nobody may not use the schema public: let the owner of the tables run "
                                    + "SELECT \"public\".mq_grant('cli_nobody', 'administer')");
            sql("SELECT mq_grant('cli_nobody', 'watch')");
            assertThat(ok("queues", "--user", "cli_nobody").err()).isEmpty();
            Result why = run("why", "0198c0de-0000-0000-0000-000000000000", "--user", "cli_nobody");
            assertThat(why.code()).isEqualTo(1);
            assertThat(why.err().lines())
                    .containsExactly(
                            "sqlmq: ERROR: permission denied for table mq_msgs",
                            "What this role may do, the owner of the tables says with mq_grant(role, 'administer'), or less");
        } finally {
            sql("GRANT USAGE ON SCHEMA public TO PUBLIC", "SELECT mq_revoke('cli_nobody')", "DROP ROLE cli_nobody");
        }
    }

    @Test
    void aLocaleWithoutLettersLosesNone() throws Exception {
        runWith("héé ☃ 日本", "send", "q");
        Path out = directory.resolve("out");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sqlmq.class.getName(),
                        "export",
                        "q",
                        "--url",
                        url)
                .redirectOutput(out.toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(out, StandardCharsets.UTF_8)).contains("héé ☃ 日本");
    }
}
