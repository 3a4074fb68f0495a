package io.sqlmq.jms.internal.pool;

import static io.sqlmq.jms.internal.pool.PasswordServer.execute;
import static io.sqlmq.jms.internal.pool.PasswordServer.newRole;
import static io.sqlmq.jms.internal.pool.PasswordServer.options;
import static io.sqlmq.jms.internal.pool.PasswordServer.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sqlmq.jms.SqlmqOptions;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

@Timeout(60)
class DataSourcesTest {

    private static JMSException refused(DataSources dataSources, String user, String password) {
        return assertThatExceptionOfType(JMSSecurityException.class)
                .isThrownBy(() -> dataSources.role(user, password, false))
                .actual();
    }

    @Test
    void eachRoleHasItsOwnConnections() throws Exception {
        newRole("anna", "a", "");
        newRole("\"Bert B\"", "b?&%", "");
        try (DataSources dataSources = DataSources.pooled(options("sqlmq.user=postgres"))) {
            Role anna = dataSources.role("anna", "a", false);
            Role bert = dataSources.role("Bert B", "b?&%", false);
            assertThat(query(dataSources.defaultRole().windows(), "SELECT current_user"))
                    .isEqualTo("postgres");
            assertThat(query(anna.windows(), "SELECT current_user")).isEqualTo("anna");
            assertThat(query(anna.senders(), "SELECT current_user")).isEqualTo("anna");
            assertThat(query(bert.windows(), "SELECT current_user")).isEqualTo("Bert B");
            assertThat(dataSources.role("anna", "a", false)).isSameAs(anna);
            try (Connection connection = anna.openConnection()) {
                assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
            }
        }
    }

    @Test
    void aRoleOfTheUrlDoesNotPrevailOverTheRoleOfTheConnection() throws Exception {
        newRole("carl", "c", "");
        try (DataSources dataSources = DataSources.pooled(options("user=postgres&password=x"))) {
            assertThat(query(dataSources.role("carl", "c", false).windows(), "SELECT current_user"))
                    .isEqualTo("carl");
            assertThat(query(dataSources.dataSource(), "SELECT current_user")).isEqualTo("postgres");
        }
    }

    @Test
    void theDefaultRoleByNameIsTheDefaultRole() throws Exception {
        newRole("dora", "d", "");
        try (DataSources dataSources = DataSources.pooled(options("user=dora&password=d"))) {
            Role role = dataSources.defaultRole();
            assertThat(dataSources.role("dora", "d", false)).isSameAs(role);
            assertThat(refused(dataSources, "dora", "x").getErrorCode()).isEqualTo("28P01");
        }
    }

    @Test
    void wrongCredentialsAreRefusedAlsoWhenTheRoleHasConnections() throws Exception {
        newRole("emil", "right", "");
        try (DataSources dataSources = DataSources.pooled(options("user=postgres"))) {
            dataSources.role("emil", "right", false);
            for (String wrong : new String[] {"wrong-sesame", "", "right "}) {
                JMSException e = refused(dataSources, "emil", wrong);
                assertThat(e).hasMessageContaining("user name and password").hasCauseInstanceOf(SQLException.class);
                assertThat(e.getMessage()).doesNotContain("sesame");
            }
            refused(dataSources, "emil", null);
            refused(dataSources, "nobody", "x");
            refused(dataSources, null, "x");
            dataSources.role("emil", "right", false);
        }
    }

    @Test
    void aWrongPasswordInTheUrlIsRefused() throws Exception {
        newRole("fred", "right", "");
        try (DataSources dataSources = DataSources.pooled(options("user=fred&password=sesame"))) {
            assertThatExceptionOfType(JMSSecurityException.class)
                    .isThrownBy(dataSources::defaultRole)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("sesame"));
        }
    }

    @Test
    void aPasswordChangedInTheDatabaseIsTakenOver() throws Exception {
        newRole("gina", "old", "");
        try (DataSources dataSources = DataSources.pooled(options("user=postgres"))) {
            Role role = dataSources.role("gina", "old", false);
            execute(PasswordServer.admin(), "ALTER ROLE gina PASSWORD 'new'");
            assertThat(dataSources.role("gina", "new", false)).isSameAs(role);
            assertThat(query(role.windows(), "SELECT current_user")).isEqualTo("gina");
            refused(dataSources, "gina", "old");
        }
    }

    @Test
    void verifiedCredentialsCostNoConnection() throws Exception {
        newRole("hans", "h", "CONNECTION LIMIT 1");
        try (DataSources dataSources = DataSources.pooled(options("user=postgres"))) {
            Role role = dataSources.role("hans", "h", false);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(connectionsOf("hans")).isEqualTo("0"));
            try (Connection only = role.windows().getConnection()) {
                assertThat(only.isValid(1)).isTrue();
                assertThat(dataSources.role("hans", "h", false)).isSameAs(role);
            }
        }
    }

    private static String connectionsOf(String user) throws SQLException {
        return query(PasswordServer.admin(), "SELECT count(*) FROM pg_stat_activity WHERE usename = '" + user + "'");
    }

    @Test
    void nothingConnectsBeforeItMustAndClosingEndsAll() throws Exception {
        newRole("ida", "i", "");
        DataSources dataSources = DataSources.pooled(options("user=ida&password=i"));
        assertThat(connectionsOf("ida")).isEqualTo("0");
        Role role = dataSources.defaultRole();
        query(role.windows(), "SELECT 1");
        query(role.senders(), "SELECT 1");
        assertThat(connectionsOf("ida")).isEqualTo("2");
        dataSources.close();
        dataSources.close();
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(connectionsOf("ida")).isEqualTo("0"));
        assertThatExceptionOfType(jakarta.jms.IllegalStateException.class).isThrownBy(dataSources::defaultRole);
        assertThatExceptionOfType(jakarta.jms.IllegalStateException.class)
                .isThrownBy(() -> dataSources.role("ida", "i", false));
    }

    @Test
    void sendersDoNotWaitForSessions() throws Exception {
        try (DataSources dataSources =
                DataSources.pooled(options("user=postgres&sqlmq.maximumPoolSize=1&sqlmq.connectionTimeout=250"))) {
            Role role = dataSources.defaultRole();
            List<Connection> held = new ArrayList<>();
            held.add(role.windows().getConnection());
            held.add(role.senders().getConnection());
            held.add(role.senders().getConnection());
            held.add(role.openConnection());
            for (Connection connection : held) {
                assertThat(connection.isValid(1)).isTrue();
                connection.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tcp_keepalives_idle, 5",
        "tcp_keepalives_interval, 2",
        "tcp_keepalives_count, 3",
        "tcp_user_timeout, 10000",
        "client_connection_check_interval, 1s",
        "application_name, sqlmq",
        "statement_timeout, 7s"
    })
    void connectionsNoticeTheDeathOfTheirClient(String setting, String value) throws Exception {
        try (DataSources dataSources = DataSources.pooled(options("user=postgres&options=-c%20statement_timeout=7s"))) {
            assertThat(query(dataSources.defaultRole().windows(), "SHOW " + setting))
                    .isEqualTo(value);
            try (Connection connection = dataSources.defaultRole().openConnection()) {
                assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold())
                        .isEqualTo(5);
            }
        }
    }

    @Test
    void theUrlPrevailsOverOurSettings() throws Exception {
        try (DataSources dataSources = DataSources.pooled(
                options("user=postgres&options=-c%20tcp_keepalives_idle=77&ApplicationName=mine&prepareThreshold=3"))) {
            assertThat(query(dataSources.dataSource(), "SHOW tcp_keepalives_idle"))
                    .isEqualTo("77");
            assertThat(query(dataSources.dataSource(), "SHOW tcp_keepalives_count"))
                    .isEqualTo("3");
            assertThat(query(dataSources.dataSource(), "SHOW application_name")).isEqualTo("mine");
            try (Connection connection = dataSources.defaultRole().openConnection()) {
                assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold())
                        .isEqualTo(3);
            }
        }
    }

    @Test
    void forPgBouncerNothingIsSentAtStartUpAndNothingPrepared() throws Exception {
        try (DataSources dataSources = DataSources.pooled(options("user=postgres&sqlmq.pgBouncer=true"))) {
            assertThat(query(dataSources.dataSource(), "SHOW client_connection_check_interval"))
                    .isEqualTo("0");
            try (Connection connection = dataSources.defaultRole().openConnection()) {
                assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold())
                        .isZero();
            }
        }
    }

    @Test
    void optionsWithoutUrlAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DataSources.pooled(new SqlmqOptions()));
    }

    @Test
    void aGivenDataSourceProvidesEverythingAndHasOneRole() throws Exception {
        PGSimpleDataSource given = new PGSimpleDataSource();
        given.setUrl(PasswordServer.url());
        given.setUser("postgres");
        try (DataSources dataSources = DataSources.given(given, new SqlmqOptions())) {
            Role role = dataSources.defaultRole();
            assertThat(role.windows()).isSameAs(given);
            assertThat(role.senders()).isSameAs(given);
            assertThat(dataSources.dataSource()).isSameAs(given);
            assertThatExceptionOfType(JMSException.class)
                    .isThrownBy(() -> dataSources.role("anna", "a", false))
                    .withMessageContaining("cannot change the role of a given DataSource");
        }
    }

    @Test
    void aGivenDataSourceThatHidesFailuresIsRefused() {
        PGSimpleDataSource given = new PGSimpleDataSource();
        given.setUrl(PasswordServer.url());
        given.setUser("postgres");
        given.setAutosave(org.postgresql.jdbc.AutoSave.ALWAYS);
        assertThatExceptionOfType(JMSException.class)
                .isThrownBy(() -> DataSources.given(given, new SqlmqOptions()).defaultRole())
                .withMessageContaining("autosave=always");
        assertThatIllegalArgumentException().isThrownBy(() -> DataSources.given(given, options("user=postgres")));
    }
}
