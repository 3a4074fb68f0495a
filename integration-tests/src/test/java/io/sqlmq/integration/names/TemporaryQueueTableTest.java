package io.sqlmq.integration.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in a temporary queue ends with a connection, so it needs no log; nobody sees a difference. */
class TemporaryQueueTableTest extends IntegrationTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messagesAreInTheUnloggedTableWhateverTheirDeliveryMode(boolean transacted) throws Exception {
        Connection connection = connect(factory);
        Session session = connection.createSession(transacted ? Session.SESSION_TRANSACTED : Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue replies = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(replies);
        int[] modes = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT, DeliveryMode.PERSISTENT};
        for (int mode : modes) {
            producer.setDeliveryMode(mode);
            producer.send(session.createTextMessage("mode " + mode));
        }
        commit(session);
        assertThat(rows("mq_msgs_unlogged", replies)).isEqualTo(3);
        assertThat(rows("mq_msgs", replies)).isZero();
        MessageConsumer consumer = session.createConsumer(replies);
        for (int mode : modes) {
            Message received = receive(consumer);
            assertThat(text(received)).isEqualTo("mode " + mode);
            assertThat(received.getJMSDeliveryMode()).isEqualTo(mode);
        }
        commit(session);
        assertThat(rows("mq_msgs_unlogged", replies)).isZero();
    }

    private static void commit(Session session) throws Exception {
        if (session.getTransacted()) {
            session.commit();
        }
    }

    @Test
    void groupsKeepTheirOrderThereToo() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue replies = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(replies);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        for (String text : new String[] {"one", "two"}) {
            Message message = session.createTextMessage(text);
            message.setStringProperty("JMSXGroupID", "g");
            producer.send(message);
        }
        MessageConsumer consumer = session.createConsumer(replies);
        for (String text : new String[] {"one", "two"}) {
            Message received = receive(consumer);
            assertThat(text(received)).isEqualTo(text);
            assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        }
    }

    private long rows(String table, TemporaryQueue replies) throws Exception {
        return number("SELECT count(*) FROM " + table + " WHERE channel_name LIKE '%" + replies.getQueueName() + "'");
    }
}
