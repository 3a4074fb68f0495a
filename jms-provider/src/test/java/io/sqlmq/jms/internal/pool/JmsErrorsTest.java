package io.sqlmq.jms.internal.pool;

import static io.sqlmq.jms.internal.pool.PasswordServer.execute;
import static io.sqlmq.jms.internal.pool.PasswordServer.newRole;
import static io.sqlmq.jms.internal.pool.PasswordServer.options;
import static io.sqlmq.jms.internal.pool.PasswordServer.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sqlmq.engine.model.OutcomeUnknownException;
import io.sqlmq.jms.OutcomeUnknownJmsException;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.schema.SchemaException;
import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.SchemaProblem;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

@Timeout(60)
class JmsErrorsTest {

    private static JMSException mapped(ThrowingCallable call) {
        SQLException thrown = catchThrowableOfType(SQLException.class, call);
        assertThat((Throwable) thrown).isNotNull();
        JMSException e = JmsErrors.from("Sending to queue://a", thrown);
        assertThat(e).hasMessageStartingWith("Sending to queue://a").hasCause(thrown);
        assertThat(e.getLinkedException()).isSameAs(thrown);
        return e;
    }

    private static void assertKind(JMSException e, Class<?> type, String code, String text) {
        assertThat(e).isExactlyInstanceOf(type).hasMessageContaining(text);
        assertThat(e.getErrorCode()).isEqualTo(code);
    }

    private static PGSimpleDataSource database(String name, String user, String password) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(PasswordServer.url());
        dataSource.setDatabaseName(name);
        dataSource.setUser(user);
        dataSource.setPassword(password);
        return dataSource;
    }

    @Test
    void wrongPassword() throws SQLException {
        newRole("jane", "right", "");
        assertKind(
                mapped(() -> database("postgres", "jane", "sesame").getConnection()),
                JMSSecurityException.class,
                "28P01",
                "user name and password");
    }

    @Test
    void insufficientPrivilege() throws SQLException {
        newRole("karl", "k", "");
        assertKind(
                mapped(() -> query(database("postgres", "karl", "k"), "SELECT * FROM pg_authid")),
                JMSSecurityException.class,
                "42501",
                "mq_grant('role', 'receive')");
    }

    @Test
    void unknownDatabase() {
        assertKind(
                mapped(() -> database("nowhere", "postgres", "").getConnection()),
                JMSException.class,
                "3D000",
                "CREATE DATABASE");
    }

    @ParameterizedTest
    @CsvSource({"SELECT * FROM mq_msgs, 42P01", "CREATE TABLE mq.t (), 3F000", "SELECT mq_claim(), 42883"})
    void missingTables(String sql, String state) {
        assertKind(mapped(() -> execute(PasswordServer.admin(), sql)), JMSException.class, state, "sqlmq migrate");
    }

    @Test
    void tooManyConnections() throws SQLException {
        newRole("lars", "l", "CONNECTION LIMIT 1");
        PGSimpleDataSource lars = database("postgres", "lars", "l");
        try (Connection only = lars.getConnection()) {
            assertKind(mapped(lars::getConnection), ResourceAllocationException.class, "53300", "CONNECTION LIMIT");
            assertThat(only.isValid(1)).isTrue();
        }
    }

    @Test
    void readOnlyServer() {
        PGSimpleDataSource readOnly = database("postgres", "postgres", "");
        readOnly.setOptions("-c default_transaction_read_only=on");
        assertKind(
                mapped(() -> execute(readOnly, "CREATE TABLE t ()")),
                ResourceAllocationException.class,
                "25006",
                "targetServerType=primary");
    }

    @Test
    void endedConnection() throws SQLException {
        try (Connection connection = PasswordServer.admin().getConnection();
                Statement statement = connection.createStatement()) {
            assertKind(
                    mapped(() -> statement.execute("SELECT pg_terminate_backend(pg_backend_pid())")),
                    JMSException.class,
                    "57P01",
                    "ended the connection");
        }
    }

    @Test
    void unreachableServer() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setPortNumbers(new int[] {1});
        assertKind(mapped(nowhere::getConnection), JMSException.class, "08001", "cannot be reached");
    }

    @Test
    void exhaustedPool() throws Exception {
        try (DataSources dataSources =
                DataSources.pooled(options("user=postgres&sqlmq.maximumPoolSize=1&sqlmq.connectionTimeout=250"))) {
            Role role = dataSources.defaultRole();
            try (Connection only = role.windows().getConnection()) {
                assertKind(
                        mapped(role.windows()::getConnection),
                        ResourceAllocationException.class,
                        "HY000",
                        "raise maximumPoolSize");
                assertThat(only.isValid(1)).isTrue();
            }
        }
    }

    @Test
    void aPoolThatCannotConnectSaysWhy() throws Exception {
        try (DataSources dataSources =
                DataSources.pooled(options("user=nobody&password=sesame&sqlmq.connectionTimeout=250"))) {
            JMSException e = mapped(() -> dataSources.dataSource().getConnection());
            assertKind(e, JMSSecurityException.class, "28P01", "user name and password");
            assertThat(e.getMessage()).doesNotContain("sesame");
        }
    }

    @ParameterizedTest
    @CsvSource({"40001", "40P01"})
    void aTransactionThatLostIsRolledBack(String state) {
        assertKind(
                mapped(() -> {
                    throw new SQLException("conflict", state);
                }),
                TransactionRolledBackException.class,
                state,
                "can be tried again");
    }

    /** As PgBouncer in transaction mode gives to whoever prepares on the server. */
    @ParameterizedTest
    @CsvSource({"26000", "42P05"})
    void preparedStatementsThatMetAPooler(String state) {
        assertKind(
                mapped(() -> {
                    throw new SQLException("prepared statement", state);
                }),
                JMSException.class,
                state,
                "prepareThreshold=0");
    }

    @Test
    void anythingElseKeepsItsState() {
        assertKind(
                mapped(() -> execute(PasswordServer.admin(), "SELECT 1/0")), JMSException.class, "22012", "division");
        assertKind(
                mapped(() -> {
                    throw new SQLException("odd");
                }),
                JMSException.class,
                "HY000",
                "odd");
    }

    @Test
    void aCommitThatFailedIsRolledBackUnlessItsOutcomeIsUnknown() {
        SQLException broken = new SQLException("connection reset", "08006");
        assertKind(JmsErrors.fromCommit(broken), TransactionRolledBackException.class, "08006", "delivered again");
        for (JMSException e : new JMSException[] {
            JmsErrors.fromCommit(new OutcomeUnknownException("COMMIT was on its way", broken)),
            JmsErrors.from("Sending", new OutcomeUnknownException("COMMIT was on its way", broken))
        }) {
            assertKind(e, OutcomeUnknownJmsException.class, "08006", "unknown");
            assertThat(e).hasRootCause(broken);
            assertThat(e.getLinkedException()).isSameAs(e.getCause());
        }
    }

    @Test
    void schemaProblemsKeepTheirText() {
        SchemaException missing = SchemaProblem.of(Reason.MISSING, "There are no tables; run sqlmq migrate", null);
        assertKind(JmsErrors.from(missing), JMSException.class, "MISSING", "sqlmq migrate");

        SQLException refused = new SQLException("password authentication failed", "28P01");
        SchemaException unreachable = SchemaProblem.of(Reason.UNREACHABLE, "not reached", refused);
        assertKind(JmsErrors.from(unreachable), JMSSecurityException.class, "28P01", "user name and password");

        SchemaException denied = SchemaProblem.of(Reason.PERMISSION_DENIED, "GRANT it", refused);
        assertKind(JmsErrors.from(denied), JMSSecurityException.class, "PERMISSION_DENIED", "GRANT it");
    }
}
