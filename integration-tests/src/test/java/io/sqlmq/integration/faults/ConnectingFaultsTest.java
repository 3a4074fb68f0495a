package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a user reads who configured it wrongly. */
@Tag("faults")
class ConnectingFaultsTest extends IntegrationTest {

    private static JMSException refusal(ConnectionFactory factory) {
        JMSException refusal = catchThrowableOfType(
                JMSException.class, () -> factory.createConnection().close());
        assertThat(refusal).as("refusal").isNotNull();
        return refusal;
    }

    /** The class's URL with another database. */
    private String urlOf(String database) {
        return url.replaceFirst("(//[^/]+/)[^?]*", "$1" + database);
    }

    @Test
    void nobodyListensAtTheUrl() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        JMSException refusal = refusal(factoryOn("jdbc:postgresql://127.0.0.1:" + port + "/shop?user=postgres"));
        assertThat(refusal).hasMessageContaining("cannot be reached").hasCauseInstanceOf(SQLException.class);
        assertThat(refusal.getErrorCode()).startsWith("08");
        assertThat(refusal.getLinkedException()).isSameAs(refusal.getCause());
    }

    @Test
    void anUnknownHost() {
        JMSException refusal = refusal(factoryOn("jdbc:postgresql://no-such-host.invalid/shop?user=postgres"));
        assertThat(refusal).hasMessageContaining("cannot be reached");
    }

    @Test
    void aUrlOfAnotherDatabaseSystem() {
        assertThatThrownBy(() -> new SqlmqConnectionFactory("jdbc:mysql://localhost/shop"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jdbc:postgresql:");
    }

    @Test
    void anUnknownDatabase() {
        JMSException refusal = refusal(factoryOn(urlOf("no_such_database")));
        assertThat(refusal).hasMessageContaining("no_such_database").hasMessageContaining("CREATE DATABASE");
        assertThat(refusal.getErrorCode()).isEqualTo("3D000");
    }

    @Test
    void aWrongPassword() throws Exception {
        try (SqlmqEmbedded server = SqlmqEmbedded.start(EmbeddedOptions.defaults())) {
            sqlOn(server.jdbcUrl(), "CREATE ROLE app LOGIN PASSWORD 'right' SUPERUSER");
            Path rules = server.dataDirectory().resolve("pg_hba.conf");
            Files.writeString(rules, "host all app 127.0.0.1/32 scram-sha-256\n" + Files.readString(rules));
            sqlOn(server.jdbcUrl(), "SELECT pg_reload_conf()");
            String app = server.jdbcUrl().replace("user=postgres", "user=app") + "&password=";
            try (SqlmqConnectionFactory right =
                            new SqlmqConnectionFactory(app + "right&sqlmq.schemaManagement=migrate");
                    SqlmqConnectionFactory wrong = new SqlmqConnectionFactory(app + "wrong-password")) {
                right.createConnection().close();
                JMSException refusal = refusal(wrong);
                assertThat(refusal)
                        .isInstanceOf(JMSSecurityException.class)
                        .hasMessageContaining("password")
                        .hasMessageNotContaining("wrong-password");
                assertThatThrownBy(() -> right.createConnection("app", "wrong-password"))
                        .isInstanceOf(JMSSecurityException.class);
                assertThatThrownBy(() -> right.createContext("app", "wrong-password"))
                        .isInstanceOf(JMSSecurityRuntimeException.class);
                right.createConnection("app", "right").close();
            }
        }
    }

    @Test
    void missingTablesNameTheCommandThatMakesThem() {
        sql(newDatabase("empty_one"));
        SqlmqConnectionFactory empty = factoryOn(urlOf("empty_one"), "schemaManagement=validate");
        JMSException refusal = refusal(empty);
        assertThat(refusal)
                .hasMessageContaining("no sqlmq tables")
                .hasMessageContaining("sqlmq migrate")
                .hasMessageContaining("schemaManagement=migrate");

        factoryOn(urlOf("empty_one"), "schemaManagement=migrate")
                .createContext()
                .close();
        empty.createContext().close();
    }

    @Test
    void missingTablesWithoutValidationAreExplainedAtTheFirstUse() {
        sql(newDatabase("empty_two"));
        SqlmqConnectionFactory unchecked = factoryOn(urlOf("empty_two"), "schemaManagement=none");
        assertThatThrownBy(() -> send(unchecked, queue, "one"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("sqlmq migrate");
    }

    @Test
    void tablesOfANewerVersionAskForANewerProgram() {
        String copy = copyOfTheTables("newer_one");
        sqlOn(
                copy,
                "INSERT INTO mq_schema_history SELECT 1000, '999', description, type, 'V999__later.sql', 1,"
                        + " installed_by, installed_on, 1, true FROM mq_schema_history LIMIT 1");
        assertThat(refusal(factoryOn(copy, "schemaManagement=validate")))
                .hasMessageContaining("999")
                .hasMessageContaining("newer sqlmq");
        assertThat(refusal(factoryOn(copy, "schemaManagement=migrate"))).hasMessageContaining("newer sqlmq");
    }

    @Test
    void tablesOfAnOlderVersionNameTheCommandThatUpgradesThem() {
        String copy = copyOfTheTables("older_one");
        // As a database of an earlier release looks: its history ends before this program's newest migration.
        sqlOn(
                copy,
                "DELETE FROM mq_schema_history"
                        + " WHERE installed_rank = (SELECT max(installed_rank) FROM mq_schema_history)");
        assertThat(refusal(factoryOn(copy, "schemaManagement=validate"))).hasMessageContaining("sqlmq migrate --url");
    }

    private String copyOfTheTables(String database) {
        sql(newDatabase(database));
        String copy = urlOf(database);
        factoryOn(copy, "schemaManagement=migrate").createContext().close();
        return copy;
    }

    @Test
    void aReadOnlyDatabase() {
        String copy = copyOfTheTables("read_only_one");
        sqlOn(copy, "ALTER DATABASE read_only_one SET default_transaction_read_only = on");
        SqlmqConnectionFactory readOnly = factoryOn(copy);
        assertThatThrownBy(() -> send(readOnly, queue, "one"))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("read-only")
                .hasMessageContaining("targetServerType=primary");
    }

    /** Nobody need wait, as for the end of an outage, for what does not pass by itself. */
    @Test
    void aRoleThatMayOnlyRead() throws JMSException {
        sql(
                role("only_reader"),
                "SELECT mq_grant('only_reader', 'send')",
                "ALTER ROLE only_reader SET default_transaction_read_only = on");
        SqlmqConnectionFactory reader = factoryOn(with(url, "user", "only_reader"));
        long began = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> send(reader, queue, "one"))
                    .isInstanceOf(ResourceAllocationException.class)
                    .hasMessageContaining("read-only")
                    .hasMessageContaining("ALTER ROLE");
        }
        Session session = session(reader, Session.SESSION_TRANSACTED);
        sendIn(session, queue, "one");
        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("role only_reader are read-only");
        assertThat(System.nanoTime() - began)
                .as("nothing waited as in an outage")
                .isLessThan(20_000_000_000L);
        sql("ALTER ROLE only_reader RESET default_transaction_read_only");
        await().ignoreExceptions().untilAsserted(() -> send(reader, queue, "two"));
        assertThat(drain(factory, queue)).containsExactly("two");
    }

    @Test
    void revokedPrivileges() throws JMSException {
        sql(role("reader"), "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
        SqlmqConnectionFactory reader = factoryOn(with(url, "user", "reader"));
        assertThatThrownBy(() -> send(reader, queue, "one"))
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageContaining("permission denied")
                .hasMessageContaining("mq_grant('role', 'send')");
        send("one");
        assertThatThrownBy(() -> drain(reader, queue)).isInstanceOf(JMSSecurityException.class);
        assertThat(drain(factory, queue)).containsExactly("one");
    }

    @Test
    void aRoleWithoutAnyPrivilegeIsToldSoWhenItConnects() {
        sql(role("stranger"));
        JMSException refusal = refusal(factoryOn(with(url, "user", "stranger"), "schemaManagement=validate"));
        assertThat(refusal)
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageContaining("GRANT")
                .cause()
                .isSameAs(refusal.getLinkedException());
    }

    @Test
    void privilegesRevokedWhileItRuns() throws JMSException {
        sql(
                role("clerk"),
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO clerk");
        SqlmqConnectionFactory clerk = factoryOn(with(url, "user", "clerk"));
        send(clerk, queue, "before");
        sql("REVOKE INSERT ON mq_msgs FROM clerk");
        assertThatThrownBy(() -> send(clerk, queue, "refused")).isInstanceOf(JMSSecurityException.class);
        sql("GRANT INSERT ON mq_msgs TO clerk");
        send(clerk, queue, "after");
        assertThat(drain(clerk, queue)).containsExactly("before", "after");
    }
}
