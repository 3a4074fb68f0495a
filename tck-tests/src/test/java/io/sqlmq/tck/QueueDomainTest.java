package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.testing.Async;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The interfaces of the point-to-point domain: §2.5, §4.1.8 to 4.1.11. */
class QueueDomainTest extends ConformanceTest {

    private QueueConnection queueConnection;
    private QueueSession queueSession;

    @BeforeEach
    void connectQueues() throws JMSException {
        queueConnection = closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection());
        queueSession = queueConnection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        queueConnection.start();
    }

    @Test
    void messagesPassThroughSenderAndReceiver() throws JMSException {
        QueueSender sender = queueSession.createSender(queue);
        QueueReceiver receiver = queueSession.createReceiver(queue);
        assertThat(sender.getQueue()).isEqualTo(queue);
        assertThat(receiver.getQueue()).isEqualTo(queue);
        sender.send(queueSession.createTextMessage("a"));
        sender.send(queueSession.createTextMessage("b"), DeliveryMode.NON_PERSISTENT, 4, 0);
        QueueSender anonymous = queueSession.createSender(null);
        assertThat(anonymous.getQueue()).isNull();
        anonymous.send(queue, queueSession.createTextMessage("c"));
        anonymous.send(queue, queueSession.createTextMessage("d"), DeliveryMode.PERSISTENT, 4, 0);
        assertThat(texts(receiver, 4)).containsExactlyInAnyOrder("a", "b", "c", "d");
    }

    @Test
    void aReceiverSelects() throws JMSException {
        QueueReceiver receiver = queueSession.createReceiver(queue, "n = 2");
        assertThat(receiver.getMessageSelector()).isEqualTo("n = 2");
        QueueSender sender = queueSession.createSender(queue);
        for (int i = 1; i < 4; i++) {
            Message message = queueSession.createTextMessage("m" + i);
            message.setIntProperty("n", i);
            sender.send(message);
        }
        assertThat(text(receive(receiver))).isEqualTo("m2");
        assertNothingComes(receiver);
    }

    @Test
    void aTransactedQueueSessionCommits() throws JMSException {
        QueueSession transacted = queueConnection.createQueueSession(true, Session.SESSION_TRANSACTED);
        assertThat(transacted.getTransacted()).isTrue();
        transacted.createSender(queue).send(transacted.createTextMessage("m"));
        transacted.commit();
        assertQueueHolds("m");
    }

    @Test
    void aSenderObeysTheRulesOfProducers() throws JMSException {
        Message message = queueSession.createMessage();
        QueueSender sender = queueSession.createSender(queue);
        QueueSender anonymous = queueSession.createSender(null);
        assertThatThrownBy(() -> sender.send(queue, message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.send(message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.send((Queue) null, message)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> queueSession.createReceiver(null)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aQueueSessionRefusesWhatBelongsToTopics() throws JMSException { // §4.1.11 table of refused methods
        Topic topic = session.createTopic(uniqueName());
        assertThatThrownBy(() -> queueSession.createTopic("t")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(queueSession::createTemporaryTopic).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createDurableSubscriber(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createDurableSubscriber(topic, "s", null, false))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createDurableConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createDurableConsumer(topic, "s", null, false))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createSharedConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createSharedConsumer(topic, "s", null))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createSharedDurableConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createSharedDurableConsumer(topic, "s", null))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.unsubscribe("s")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aQueueConnectionRefusesDurableConnectionConsumers() throws JMSException {
        Topic topic = session.createTopic(uniqueName());
        assertThatThrownBy(() -> queueConnection.createDurableConnectionConsumer(topic, "s", null, () -> null, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aQueueConnectionMakesUnifiedSessionsToo() throws JMSException { // §4.1.11 refuses methods of QueueSession only
        Session unified = queueConnection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        unified.createProducer(queue).send(unified.createTextMessage("m"));
        assertQueueHolds("m");
        Topic topic = unified.createTemporaryTopic();
        MessageConsumer subscriber = unified.createConsumer(topic);
        queueConnection.createSession().createProducer(topic).send(unified.createTextMessage("t"));
        assertThat(text(receive(subscriber))).isEqualTo("t");
    }

    @Test
    void aTopicConnectionMakesUnifiedSessionsToo() throws JMSException {
        TopicConnection topics = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection());
        Session unified = topics.createSession(Session.AUTO_ACKNOWLEDGE);
        unified.createProducer(unified.createQueue(queue.getQueueName())).send(unified.createTextMessage("m"));
        assertQueueHolds("m");
    }

    @Test
    void aRequestorSendsAndAwaitsTheReply() throws Exception {
        Session answering = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer replies = answering.createProducer(null);
        answering
                .createConsumer(queue)
                .setMessageListener(request -> Async.unchecked(() -> {
                    replies.send(request.getJMSReplyTo(), answering.createTextMessage("reply to " + text(request)));
                    return true;
                }));
        QueueRequestor requestor = new QueueRequestor(queueSession, queue);
        for (int i = 0; i < 5; i++) {
            Message request = queueSession.createTextMessage("r" + i);
            assertThat(text(Async.get(Async.call(() -> requestor.request(request)))))
                    .isEqualTo("reply to r" + i);
        }
        requestor.close();
        assertThatThrownBy(queueSession::createMessage).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRequestorWithoutQueueIsRefused() {
        assertThatThrownBy(() -> new QueueRequestor(queueSession, null))
                .isInstanceOf(InvalidDestinationException.class);
    }
}
