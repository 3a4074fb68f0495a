package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The user name of a connection is the PostgreSQL role that its work runs as, and the role's grants decide. */
class RoleTest extends IntegrationTest {

    @BeforeAll
    static void roles(@io.sqlmq.embedded.JdbcUrl String url) {
        sqlOn(
                url,
                role("seller"),
                role("looker"),
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO seller",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO seller",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker");
    }

    private Connection connectAs(String role) throws JMSException {
        Connection connection = closeAfterwards(factory.createConnection(role, "any"));
        connection.start();
        return connection;
    }

    @Test
    void workRunsAsTheRoleOfTheConnection() throws Exception {
        Session session = connectAs("seller").createSession(Session.SESSION_TRANSACTED);
        try (Statement statement = SqlmqTransactions.connection(session).createStatement();
                ResultSet row = statement.executeQuery("SELECT current_user")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("seller");
        }
        session.rollback();
    }

    @Test
    void aRoleWithTheGrantsSendsReceivesAndWaits() throws Exception {
        Session session = connectAs("seller").createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        assertNothingComes(consumer);
        sendIn(connectAs("seller").createSession(Session.AUTO_ACKNOWLEDGE), queue, "one");
        assertThat(text(receive(consumer))).isEqualTo("one");
        send("two");
        assertThat(text(receive(consumer))).isEqualTo("two");
    }

    @Test
    void aRoleWithoutTheGrantsIsRefusedAndTheOthersGoOn() throws Exception {
        Session looker = connectAs("looker").createSession(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> sendIn(looker, queue, "one")).isInstanceOf(JMSSecurityException.class);
        MessageConsumer consumer = consumer(looker, queue);
        assertThatThrownBy(() -> consumer.receive(100)).isInstanceOf(JMSSecurityException.class);
        send("two");
        assertThat(drain(factory, queue)).containsExactly("two");
    }

    @Test
    void anUnknownRoleIsRefused() {
        assertThatThrownBy(() -> factory.createConnection("nobody_knows_me", "any"))
                .isInstanceOf(JMSSecurityException.class);
    }
}
