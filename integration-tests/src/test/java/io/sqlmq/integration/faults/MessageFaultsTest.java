package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import org.junit.jupiter.api.Test;

/** Messages that must not go through, or that others must survive. NUL, surrogates and names: see the conformance suite. */
class MessageFaultsTest extends IntegrationTest {

    /** A class that no allow-list names. */
    record Gadget(String name) implements Serializable {}

    @Test
    void aMessageAboveTheLimitIsRefusedBeforeAnythingIsSent() throws Exception {
        SqlmqConnectionFactory small = factory("maxMessageSize=1000");
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED}) {
            Session session = session(small, mode);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            producer.send(session.createTextMessage("small"));
            assertThatThrownBy(() -> producer.send(session.createTextMessage("x".repeat(1001))))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("maxMessageSize")
                    .hasMessageContaining("1000");
            BytesMessage bytes = session.createBytesMessage();
            bytes.writeBytes(new byte[1001]);
            assertThatThrownBy(() -> producer.send(bytes)).hasMessageContaining("maxMessageSize");
            TextMessage properties = session.createTextMessage("small");
            properties.setStringProperty("large", "x".repeat(1001));
            assertThatThrownBy(() -> producer.send(properties)).hasMessageContaining("maxMessageSize");
            producer.send(session.createTextMessage("small too"));
            if (session.getTransacted()) {
                session.commit();
            }
            assertThat(drain(factory, queue)).containsExactly("small", "small too");
        }
    }

    @Test
    void theDefaultLimitIsAHundredMegabytes() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        BytesMessage bytes = session.createBytesMessage();
        byte[] megabyte = new byte[1 << 20];
        for (int i = 0; i < 100; i++) {
            bytes.writeBytes(megabyte);
        }
        bytes.writeByte((byte) 1);
        assertThatThrownBy(() -> producer.send(bytes)).hasMessageContaining("104857600");
        assertThat(factory.admin().count(queue)).isZero();
    }

    @Test
    void anObjectOfAClassThatIsNotTrustedIsRefusedAndStays() throws Exception {
        SqlmqConnectionFactory trusting = factory("trustedPackages=io.sqlmq.integration.faults");
        Session sender = session(trusting, Session.AUTO_ACKNOWLEDGE);
        sender.createProducer(sender.createQueue(queue)).send(sender.createObjectMessage(new Gadget("lamp")));

        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        ObjectMessage message = (ObjectMessage) receive(consumer(session, queue));
        assertThatThrownBy(message::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining(Gadget.class.getName())
                .hasMessageContaining("trustedPackages");
        session.close();

        MessageConsumer consumer = consumer(session(trusting, Session.AUTO_ACKNOWLEDGE), queue);
        assertThat(receive(consumer).getBody(Gadget.class)).isEqualTo(new Gadget("lamp"));
    }

    /** Written by a program of another kind, or by a later version: it must not stop the queue. */
    @Test
    void aRowThatCannotBeReadIsDeadLetteredAndTheOthersFlow() throws Exception {
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=1", "deadLetterQueue=" + queue + "-dead");
        sql("INSERT INTO mq_msgs (id, channel_name, body_type, payload_text) VALUES (gen_random_uuid(), '" + queue
                + "', 'hologram', 'x')");
        send("good");
        Session session = session(strict, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> consumer.receive(SOON))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("hologram");
        }
        assertThat(text(receive(consumer))).isEqualTo("good");
        assertThat(value("SELECT origin || '|' || attempts FROM mq_dead_letters WHERE queue = '" + queue + "-dead'"))
                .isEqualTo(queue + "|2");
    }

    /** The application may write on and send again, as with ActiveMQ; only asynchronous sends reset a body. */
    @Test
    void aBodyOfBytesThatWasSentSynchronouslyIsStillBeingWritten() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        BytesMessage bytes = session.createBytesMessage();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        bytes.writeInt(7);
        producer.send(bytes);
        bytes.writeInt(8);
        producer.send(bytes);
        MessageConsumer consumer = consumer(session, queue);
        assertThat(receive(consumer).getBody(byte[].class)).hasSize(4);
        assertThat(receive(consumer).getBody(byte[].class)).hasSize(8);
    }
}
