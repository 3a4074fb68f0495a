package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import org.junit.jupiter.api.Test;

/** Temporary queues and who may use them: §4.1.5, §6.2.2. */
class TemporaryQueueTest extends ConformanceTest {

    @Test
    void messagesPassThroughIt() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        try (MessageProducer producer = session.createProducer(temporary);
                MessageConsumer consumer = session.createConsumer(temporary)) {
            producer.send(session.createTextMessage("m"));
            Message received = receive(consumer);
            assertThat(text(received)).isEqualTo("m");
            assertThat(received.getJMSDestination()).isEqualTo(temporary).isInstanceOf(TemporaryQueue.class);
            assertThat(received.getJMSDeliveryMode()).isEqualTo(jakarta.jms.DeliveryMode.PERSISTENT);
        }
        temporary.delete();
    }

    @Test
    void eachIsUnique() throws JMSException {
        assertThat(session.createTemporaryQueue().getQueueName())
                .isNotBlank()
                .isNotEqualTo(session.createTemporaryQueue().getQueueName());
    }

    @Test
    void otherConnectionsSendToIt() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        Session other = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        other.createProducer(temporary).send(other.createTextMessage("m"));
        try (MessageConsumer consumer = session.createConsumer(temporary)) {
            assertThat(text(receive(consumer))).isEqualTo("m");
        }
    }

    @Test
    void otherSessionsOfItsConnectionReceiveFromIt() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        session.createProducer(temporary).send(session.createTextMessage("m"));
        assertThat(text(receive(session(Session.AUTO_ACKNOWLEDGE).createConsumer(temporary))))
                .isEqualTo("m");
    }

    @Test
    void itOutlivesItsSession() throws JMSException {
        Session creating = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue temporary = creating.createTemporaryQueue();
        creating.close();
        session.createProducer(temporary).send(session.createTextMessage("m"));
        try (MessageConsumer consumer = session.createConsumer(temporary)) {
            assertThat(text(receive(consumer))).isEqualTo("m");
        }
    }

    @Test
    void otherConnectionsDoNotReceiveFromIt() throws JMSException { // §4.1.5
        TemporaryQueue temporary = session.createTemporaryQueue();
        Session other = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> other.createConsumer(temporary)).isInstanceOf(JMSException.class);
    }

    @Test
    void otherConnectionsDoNotReceiveFromItByName() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        Session other = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        Queue named = other.createQueue(temporary.getQueueName());
        assertThatThrownBy(() -> other.createConsumer(named)).isInstanceOf(JMSException.class);
    }

    @Test
    void itServesAsReplyTo() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        Message request = session.createTextMessage("request");
        request.setJMSReplyTo(temporary);
        session.createProducer(queue).send(request);
        Session answering = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        Message received = receive(answering.createConsumer(queue));
        assertThat(received.getJMSReplyTo()).isEqualTo(temporary);
        answering.createProducer(null).send(received.getJMSReplyTo(), answering.createTextMessage("reply"));
        try (MessageConsumer consumer = session.createConsumer(temporary)) {
            assertThat(text(receive(consumer))).isEqualTo("reply");
        }
    }

    @Test
    void aDeletedOneIsNoDestination() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(temporary);
        temporary.delete();
        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createConsumer(temporary)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void itIsNotDeletedWhileItIsConsumed() throws JMSException { // javadoc of delete
        TemporaryQueue temporary = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(temporary);
        assertThatThrownBy(temporary::delete).isInstanceOf(IllegalStateException.class);
        consumer.close();
        temporary.delete();
    }

    @Test
    void itIsDeletedWithItsConnection() throws JMSException { // §6.2.2
        var owner = connect();
        TemporaryQueue temporary = owner.createSession(Session.AUTO_ACKNOWLEDGE).createTemporaryQueue();
        owner.close();
        assertThatThrownBy(() -> {
                    MessageProducer producer = session.createProducer(temporary);
                    producer.send(session.createMessage());
                })
                .isInstanceOf(JMSException.class);
    }

    @Test
    void aTransactionSpansIt() throws JMSException {
        Session transacted = session(Session.SESSION_TRANSACTED);
        TemporaryQueue temporary = transacted.createTemporaryQueue();
        MessageConsumer consumer = transacted.createConsumer(temporary);
        MessageProducer producer = transacted.createProducer(temporary);
        producer.send(transacted.createTextMessage("gone"));
        transacted.rollback();
        producer.send(transacted.createTextMessage("m"));
        transacted.commit();
        assertThat(text(receive(consumer))).isEqualTo("m");
        transacted.rollback();
        assertThat(receive(consumer).getJMSRedelivered()).isTrue();
        transacted.commit();
        assertNothingComes(consumer);
    }

    @Test
    void aContextMakesThemToo() throws JMSException {
        JMSContext context = context();
        TemporaryQueue temporary = context.createTemporaryQueue();
        var consumer = context.createConsumer(temporary);
        context().createProducer().send(temporary, "m");
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
        consumer.close();
        temporary.delete();
    }
}
