package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The connection breaks while a lease is being committed, and it was committed: the message must not stay with this process,
 * which renews all its leases, and which may hold others for as long as it lives.
 */
@Tag("faults")
class LeaseInDoubtTest extends IntegrationTest {

    private static final int INDIVIDUAL = 4;

    private InjectedFaults lost;
    private SqlmqConnectionFactory losing;

    @BeforeEach
    void holdAnotherLease() throws Exception {
        factory.createConnection().close(); // creates the tables
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(url);
        lost = new InjectedFaults(database, java.sql.Connection::close);
        losing = closeAfterwards(new SqlmqConnectionFactory(lost.dataSource()));
        send(factory, queue + "-held", "held");
        assertThat(text(receive(consumer(session(losing, INDIVIDUAL), queue + "-held"))))
                .isEqualTo("held");
    }

    @Test
    void aMessageThatWasLeasedButNotHandedOverIsDelivered() throws Exception {
        send("one");
        MessageConsumer consumer = consumer(session(losing, INDIVIDUAL), queue);
        lost.loseNextOf("mq_lease");
        Message message = receive(consumer);
        assertThat(lost.hasFailed()).isTrue();
        assertThat(text(message)).isEqualTo("one");
        assertThat(deliveryCount(message)).as("it was never handed over").isEqualTo(1);
        message.acknowledge();
    }

    @Test
    void aMessageThatWasLeasedWhileItWasWorkedOnComesBack() throws Exception {
        send("one");
        Session session = session(losing, Session.CLIENT_ACKNOWLEDGE);
        lost.loseNextOf("mq_lease");
        assertThat(text(receive(consumer(session, queue)))).isEqualTo("one");
        await().until(lost::hasFailed); // the window becomes a lease
        session.recover();
        assertThat(text(receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue))))
                .isEqualTo("one");
    }
}
