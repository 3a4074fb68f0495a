package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.MessageQuery;
import io.sqlmq.jms.SqlmqAdmin;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.Collections;
import java.util.Enumeration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Selectors see the JMSDeliveryMode that a message was sent with, whichever table it is in (§3.8.1.1). */
class DeliveryModeSelectorTest extends IntegrationTest {

    static Stream<Arguments> messages() {
        return Stream.of(DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT)
                .flatMap(mode -> Stream.of(true, false).map(grouped -> Arguments.of(mode, grouped)));
    }

    private static String selects(boolean it, int mode) {
        return "JMSDeliveryMode = '" + ((mode == DeliveryMode.PERSISTENT) == it ? "PERSISTENT" : "NON_PERSISTENT")
                + "'";
    }

    private static void send(Session session, Destination destination, int mode, boolean grouped) throws JMSException {
        Message message = session.createTextMessage("x");
        if (grouped) {
            message.setStringProperty("JMSXGroupID", "g");
        }
        MessageProducer producer = session.createProducer(destination);
        producer.setDeliveryMode(mode);
        producer.send(message);
        producer.close();
    }

    private static void takes(MessageConsumer matching, MessageConsumer other, int mode) throws JMSException {
        assertThat(other.receiveNoWait()).isNull();
        Message received = receive(matching);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(mode);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void ofConsumers(int mode, boolean grouped) throws Exception {
        Session session = session(factory, Session.AUTO_ACKNOWLEDGE);
        var name = session.createQueue(queue);
        send(session, name, mode, grouped);
        takes(
                session.createConsumer(name, selects(true, mode)),
                session.createConsumer(name, selects(false, mode)),
                mode);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void ofBrowsers(int mode, boolean grouped) throws Exception {
        Session session = session(factory, Session.AUTO_ACKNOWLEDGE);
        var name = session.createQueue(queue);
        send(session, name, mode, grouped);
        for (boolean it : new boolean[] {true, false}) {
            Enumeration<?> seen = session.createBrowser(name, selects(it, mode)).getEnumeration();
            assertThat(Collections.list(seen)).hasSize(it ? 1 : 0);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void ofAdministrators(int mode, boolean grouped) throws Exception {
        Session session = session(factory, Session.AUTO_ACKNOWLEDGE);
        send(session, session.createQueue(queue), mode, grouped);
        SqlmqAdmin admin = factory.admin();
        String to = queue + "-to";
        assertThat(admin.messages(MessageQuery.of(queue).selector(selects(true, mode)))
                        .messages())
                .hasSize(1);
        assertThat(admin.messages(MessageQuery.of(queue).selector(selects(false, mode)))
                        .messages())
                .isEmpty();
        assertThat(admin.copyMatching(queue, to, selects(false, mode))).isZero();
        assertThat(admin.copyMatching(queue, to, selects(true, mode))).isEqualTo(1);
        assertThat(admin.moveMatching(queue, to, selects(false, mode))).isZero();
        assertThat(admin.moveMatching(queue, to, selects(true, mode))).isEqualTo(1);
        assertThat(admin.removeMatching(to, selects(false, mode))).isZero();
        assertThat(admin.removeMatching(to, selects(true, mode))).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void ofSubscriptions(int mode, boolean grouped) throws Exception {
        var connection = closeAfterwards(factory.createConnection());
        connection.setClientID(queue);
        connection.start();
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic(queue);
        MessageConsumer[] matching = new MessageConsumer[4];
        MessageConsumer[] others = new MessageConsumer[4];
        for (boolean it : new boolean[] {true, false}) {
            MessageConsumer[] consumers = it ? matching : others;
            consumers[0] = session.createConsumer(topic, selects(it, mode));
            consumers[1] = session.createDurableConsumer(topic, queue + it, selects(it, mode), false);
            consumers[2] = session.createSharedConsumer(topic, queue + "-shared" + it, selects(it, mode));
            consumers[3] = session.createSharedDurableConsumer(topic, queue + "-durable" + it, selects(it, mode));
        }
        send(session, topic, mode, grouped);
        for (int i = 0; i < matching.length; i++) {
            takes(matching[i], others[i], mode);
        }
    }
}
