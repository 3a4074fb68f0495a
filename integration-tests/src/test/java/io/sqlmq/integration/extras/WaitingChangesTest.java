package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.ChangeResult;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** An operator cancels, reschedules and reprioritizes single messages. */
class WaitingChangesTest extends IntegrationTest {

    @Test
    void whatIsDelayedComesAtOnceToWhoWaitsForIt() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        assertNothingComes(consumer);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryDelay(3_600_000);
        Message delayed = session.createTextMessage("late");
        producer.send(delayed);
        assertNothingComes(consumer);
        assertThat(factory.admin().reschedule(queue, delayed.getJMSMessageID(), Instant.EPOCH))
                .isEqualTo(ChangeResult.DONE);
        Message received = receive(consumer);
        assertThat(text(received)).isEqualTo("late");
        assertThat(received.getJMSDeliveryTime()).isLessThanOrEqualTo(System.currentTimeMillis());
    }

    @Test
    void prioritiesChangeAlsoBehindWhatConsumersHavePassed() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (int i = 0; i < 3; i++) {
            producer.setPriority(i == 0 ? 9 : 4);
            producer.send(session.createTextMessage(Integer.toString(i)));
        }
        MessageConsumer consumer = consumer(session, queue);
        assertThat(text(receive(consumer))).isEqualTo("0");
        String last =
                "ID:" + value("SELECT id FROM mq_msgs WHERE channel_name = '" + queue + "' AND payload_text = '2'");
        assertThat(factory.admin().reprioritize(queue, last, 9)).isEqualTo(ChangeResult.DONE);
        Message received = receive(consumer);
        assertThat(text(received)).isEqualTo("2");
        assertThat(received.getJMSPriority()).isEqualTo(9);
        assertThat(text(receive(consumer))).isEqualTo("1");
    }

    @Test
    void whatAConsumerHasIsNotChanged() throws Exception {
        send("1", "2");
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        Message held = receive(consumer(session, queue));
        String id = held.getJMSMessageID();
        assertThat(factory.admin().cancel(queue, id)).isEqualTo(ChangeResult.BEING_WORKED_ON);
        assertThat(factory.admin().reschedule(queue, id, Instant.now())).isEqualTo(ChangeResult.BEING_WORKED_ON);
        assertThat(factory.admin().reprioritize(queue, id, 9)).isEqualTo(ChangeResult.BEING_WORKED_ON);
        held.acknowledge();
        assertThat(factory.admin().cancel(queue, id)).isEqualTo(ChangeResult.NOT_THERE);
        assertThat(factory.admin().cancel(queue, "ID:" + UUID.randomUUID())).isEqualTo(ChangeResult.NOT_THERE);
    }
}
