package io.sqlmq.integration.xa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.integration.faults.RestartableServer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.TestXid;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that do not allow prepared transactions, or are away. */
@Timeout(120)
class ServerSettingTest {

    @Test
    void withoutPreparedTransactionsTheErrorNamesTheSetting() throws Exception {
        try (SqlmqEmbedded server =
                        SqlmqEmbedded.start(EmbeddedOptions.defaults().setting("max_prepared_transactions", "0"));
                SqlmqConnectionFactory factory =
                        new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate")) {
            assertThatThrownBy(factory::createXAConnection)
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("max_prepared_transactions");
            assertThatThrownBy(factory::createXAContext)
                    .isInstanceOf(JMSRuntimeException.class)
                    .hasMessageContaining("max_prepared_transactions");
            factory.createConnection().close();
        }
    }

    @Test
    void aCommitWhileTheServerIsAwayIsTriedAgain(@TempDir Path data) throws Exception {
        TestXid xid = TestXid.next();
        try (RestartableServer server = RestartableServer.start(data.resolve("data"));
                SqlmqConnectionFactory factory = new SqlmqConnectionFactory(
                        server.jdbcUrl() + "&sqlmq.schemaManagement=migrate&sqlmq.connectionTimeout=1000");
                XAConnection connection = factory.createXAConnection();
                XASession session = connection.createXASession()) {
            connection.start();
            XAResource resource = session.getXAResource();
            resource.start(xid, XAResource.TMNOFLAGS);
            session.createProducer(session.createQueue("q")).send(session.createTextMessage("kept"));
            resource.end(xid, XAResource.TMSUCCESS);
            assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
            server.crash();
            assertThat(catchThrowableOfType(XAException.class, () -> resource.commit(xid, false)).errorCode)
                    .isEqualTo(XAException.XAER_RMFAIL);
            assertThat(catchThrowableOfType(XAException.class, () -> resource.recover(XAResource.TMSTARTRSCAN))
                            .errorCode)
                    .isEqualTo(XAException.XAER_RMFAIL);
            server.startAgain();
            await().ignoreExceptions().until(() -> resource.recover(XAResource.TMSTARTRSCAN).length == 1);
            resource.commit(xid, false);
            try (Session receiving = connection.createSession();
                    MessageConsumer consumer = receiving.createConsumer(receiving.createQueue("q"))) {
                assertThat(consumer.receive(10_000).getBody(String.class)).isEqualTo("kept");
            }
        }
    }
}
