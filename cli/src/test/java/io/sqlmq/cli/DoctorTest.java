package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database is made sick in each of the ways, and the doctor sees it and nothing else. */
class DoctorTest extends CliTestCase {
    /** The tests' server does not care for crashes. */
    private static final String CARELESS = "off: fsync, full_page_writes";

    private static boolean isBorn;

    private String before = "";

    @BeforeEach
    void patient() throws SQLException {
        before = url;
        if (!isBorn) {
            environment.put("SQLMQ_URL", newDatabase("cli_healthy"));
            ok("migrate");
            isBorn = true;
        }
        url = newDatabase("cli_patient", "cli_healthy");
        environment.put("SQLMQ_URL", url);
    }

    @AfterEach
    void restore() {
        url = before;
    }

    private Map<String, Object> finding(String check, String... more) {
        return run(arguments(more)).lines().stream()
                .map(line -> Json.object(line, "it"))
                .filter(finding -> check.equals(finding.get("check")))
                .findFirst()
                .orElseThrow();
    }

    private static String[] arguments(String... more) {
        return java.util.stream.Stream.concat(List.of("doctor", "-o", "json").stream(), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }

    /** All that the doctor said. */
    private String sick(String check, String found, String advice, String... more) {
        Result result = run(arguments(more));
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).isEmpty();
        assertThat(result.lines().stream()
                        .filter(line -> line.contains("\"state\":\"sick\"") && !line.contains(CARELESS)))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("{\"check\":\"" + check + "\"")
                .contains(found)
                .contains(advice);
        return result.out();
    }

    private void noted(String check, String found, String... more) {
        assertThat(finding(check, more))
                .containsEntry("state", "note")
                .extracting("found")
                .asString()
                .contains(found);
    }

    @Test
    void aHealthyDatabaseHasNothing() {
        Result result = run("doctor");
        assertThat(result.out())
                .contains("ok    schema", "ok    listen", "ok    bloat", "ok    sequences", "ok    rights");
        assertThat(result.lines().stream().filter(line -> line.startsWith("sick") && !line.contains(CARELESS)))
                .isEmpty();
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isEqualTo(result.out().contains(CARELESS) ? 1 : 0);
        terminal = true;
        assertThat(run("doctor").out()).contains("\u001b[32m");
    }

    @Test
    void functionsThatWereReplaced() throws SQLException {
        sql("CREATE OR REPLACE FUNCTION mq_clear_all() RETURNS void LANGUAGE sql AS $$ DELETE FROM mq_msgs $$");
        sick("schema", "mq_clear_all", "sqlmq adopt");
        assertThat(ok("adopt").out()).contains("functions put back: mq_clear_all()");
        assertThat(finding("schema")).containsEntry("state", "ok");
    }

    @Test
    void migrationsThatAreNotOurs() throws SQLException {
        sql("DELETE FROM mq_schema_history WHERE version = '2'");
        sick("schema", "public", "sqlmq migrate");
    }

    @Test
    void tablesOfANewerVersion() throws SQLException {
        sql(
                "INSERT INTO mq_schema_history (installed_rank, version, description, type, script, installed_by, execution_time, success)"
                        + " VALUES (99, '99', 'next', 'SQL', 'V99__next.sql', 'x', 1, true)");
        sick("schema", "99", "use a newer sqlmq");
    }

    @Test
    void rightsOfARole() throws SQLException {
        sql("DROP ROLE IF EXISTS cli_app", "CREATE ROLE cli_app LOGIN", "SELECT mq_grant('cli_app', 'send')");
        try {
            assertThat(finding("rights", "--role", "cli_app", "--for", "send")).containsEntry("state", "ok");
            sick(
                    "rights",
                    "DELETE on \\\"public\\\".mq_msgs",
                    "SELECT public.mq_grant('cli_app', 'all')",
                    "--role",
                    "cli_app");
            assertThat(run("doctor", "--role", "nobody").code()).isEqualTo(2);
            assertThat(run("doctor", "--role", "cli_app", "--for", "flying").code())
                    .isEqualTo(2);
            for (String what :
                    List.of("all", "queues", "send", "send by SQL", "receive", "watch", "watch bodies", "administer")) {
                sql("SELECT mq_revoke('cli_app')", "SELECT mq_grant('cli_app', '" + what + "')");
                assertThat(finding("rights", "--role", "cli_app", "--for", what))
                        .as(what)
                        .containsEntry("state", "ok");
            }
            // Who may not look does not fail, but says what could not be seen.
            sql("SELECT mq_revoke('cli_app')", "SELECT mq_grant('cli_app', 'watch')");
            noted("sequences", "cannot be seen", "--user", "cli_app");
        } finally {
            sql("SELECT mq_revoke('cli_app')", "DROP ROLE cli_app");
        }
    }

    @Test
    void autovacuumOff() throws SQLException {
        sql("ALTER TABLE mq_msgs SET (autovacuum_enabled = false)");
        sick("autovacuum", "mq_msgs", "RESET (autovacuum_enabled)");
    }

    @Test
    void longTransactions() throws SQLException, InterruptedException {
        try (Connection connection = DriverManager.getConnection(url + "&ApplicationName=report");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT 1");
            Thread.sleep(50);
            sick("transactions", "report), idle in transaction", "pg_terminate_backend", "--older-than", "20ms");
            assertThat(finding("transactions")).containsEntry("state", "ok");
        }
    }

    @Test
    void preparedTransactions() throws SQLException {
        sql("BEGIN", "SELECT 1", "PREPARE TRANSACTION 'sqlmq:old'");
        try {
            sick("prepared", "sqlmq:old", "ROLLBACK PREPARED", "--older-than", "0s");
            assertThat(finding("prepared")).containsEntry("state", "ok");
        } finally {
            sql("ROLLBACK PREPARED 'sqlmq:old'");
        }
    }

    @Test
    void timeOutsOfTheRoleOrTheDatabase() throws SQLException {
        sql(
                "ALTER DATABASE cli_patient SET statement_timeout = '1900ms'",
                "ALTER DATABASE cli_patient SET lock_timeout = '1min'");
        noted("time-outs", "statement_timeout=1900ms");
        sql(
                "DROP ROLE IF EXISTS cli_hasty",
                "CREATE ROLE cli_hasty",
                "ALTER ROLE cli_hasty SET idle_in_transaction_session_timeout = 500");
        try {
            noted("time-outs", "idle_in_transaction_session_timeout=500", "--role", "cli_hasty");
        } finally {
            sql("DROP ROLE cli_hasty");
        }
    }

    @Test
    void aPoolerBetweenThatKeepsNotifications() throws Exception {
        Matcher port = Pattern.compile(":(\\d+)/").matcher(url);
        assertThat(port.find()).isTrue();
        try (MeddlingProxy proxy = new MeddlingProxy(Integer.parseInt(port.group(1)))) {
            environment.put("SQLMQ_URL", url.replaceFirst(":\\d+/", ":" + proxy.port() + "/") + "&sslmode=disable");
            assertThat(sick("listen", "notifications do not arrive", "listen=off"))
                    .containsPattern("\"check\":\"pooler\",\"state\":\"note\".*PgBouncer");
            environment.put("SQLMQ_URL", environment.get("SQLMQ_URL") + "&sqlmq.pgBouncer=true");
            assertThat(finding("pooler")).containsEntry("state", "ok");
            assertThat(run("doctor").out()).doesNotContain("listen");
        }
    }

    @Test
    void bloat() throws SQLException {
        sql(
                "ALTER TABLE mq_msgs SET (autovacuum_enabled = false)",
                "INSERT INTO mq_msgs (id, channel_name) SELECT gen_random_uuid(), 'q' FROM generate_series(1, 50100)",
                "DELETE FROM mq_msgs");
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            try (Connection connection = DriverManager.getConnection(url)) {
                String reported =
                        "SELECT n_dead_tup >= 50100 AS it FROM pg_stat_user_tables WHERE relid = 'mq_msgs'::regclass";
                return Verb.query(connection, reported).json().contains("{\"it\":true}");
            }
        });
        sql("ALTER TABLE mq_msgs RESET (autovacuum_enabled)");
        sick("bloat", "mq_msgs (", "VACUUM");
    }

    @Test
    void deadOwners() throws SQLException {
        sql("INSERT INTO mq_owners VALUES (nextval('mq_owner_seq'), 'host, gone', false, now() - interval '1 h')");
        noted("owners", "host, gone");
    }

    @Test
    void sequencesBehindTheirTables() throws SQLException {
        ok("send", "q", "x", "-n", "3");
        ok("send", "q", "urgent", "--non-persistent");
        sql(
                "SELECT setval('mq_seq', 1)",
                "INSERT INTO mq_topics VALUES ('t', 77)",
                "INSERT INTO mq_signatures VALUES (78, 1)",
                "INSERT INTO mq_owners VALUES (79, 'host', false, now() + interval '1 h')",
                "INSERT INTO mq_gone_channels VALUES ('s:80')",
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, delivery_count)"
                        + " VALUES (gen_random_uuid(), 'q', to_timestamp(81 / 1000000.0), 1)");
        String all = "mq_owner_seq; mq_round; mq_seq; mq_signature_seq; mq_subscription_seq; and 1 more";
        sick("sequences", all, "--repair");
        assertThat(run("doctor", "--repair").out()).contains("repaired: " + all);
        try (Connection connection = DriverManager.getConnection(url)) {
            assertThat(Verb.query(
                                    connection,
                                    "SELECT (SELECT last_value FROM mq_topic_version) AS a, (SELECT last_value FROM mq_signature_seq) AS b,"
                                            + " (SELECT last_value FROM mq_owner_seq) AS c, (SELECT last_value FROM mq_subscription_seq) AS d,"
                                            + " (SELECT last_value FROM mq_round) AS e")
                            .json())
                    .containsExactly("{\"a\":77,\"b\":78,\"c\":79,\"d\":80,\"e\":81}");
        }
        assertThat(finding("sequences")).containsEntry("state", "ok");
        ok("send", "q", "last");
        assertThat(ok("browse", "q").lines()).last().asString().endsWith("last");
    }

    @Test
    void clocksThatDiffer() {
        clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-3));
        sick("clock", "the server is ahead", "NTP");
        clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(3));
        sick("clock", "the server is behind", "NTP");
    }

    @Test
    void readOnlyTransactions() throws SQLException {
        sql("ALTER DATABASE cli_patient SET default_transaction_read_only = on");
        sick("primary", "read-only", "RESET default_transaction_read_only");
    }

    @Test
    void whatIsCommittedMayBeLost() throws SQLException {
        sql("ALTER DATABASE cli_patient SET synchronous_commit = off");
        assertThat(finding("durability").get("found").toString()).contains("synchronous_commit");
        assertThat(finding("durability").get("state")).isIn("note", "sick");
    }

    @Test
    void deadLettersWhatIsSetAsideAndPauses() throws SQLException {
        ok("pause", "q");
        noted("pauses", "q");
        sql(
                "INSERT INTO mq_msgs (id, channel_name, dead_origin, dead_reason) VALUES (gen_random_uuid(), 'DLQ', 'q', 'why')");
        noted("dead letters", "1");
        sql(
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, set_aside) VALUES (gen_random_uuid(), 'q', 'infinity', 'why')");
        sick("dead letters", "1 set aside", "--set-aside");
    }

    @Test
    void limitsThatHoldMessagesBack() {
        ok("send", "q", "x", "-n", "2");
        ok("limit", "q", "--starts", "1", "--period", "1h");
        assertThat(finding("limits")).containsEntry("state", "ok");
        ok("receive", "q");
        noted("limits", "only 1 deliveries from 'q' may begin within");
        ok("unlimit", "q");
        ok("limit", "q", "--running", "1");
        jms(context -> {
            try (JMSContext working = context.createContext(JMSContext.SESSION_TRANSACTED)) {
                assertThat(working.createConsumer(working.createQueue("q")).receive(20_000))
                        .isNotNull();
                context.createProducer().send(context.createQueue("q"), "waits");
                noted("limits", "only 1 of 'q' may be worked on at the same time");
            }
        });
    }
}
