package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.testing.Async;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topics and subscriptions that are neither durable nor shared: §4.2, §8.3.1. */
class TopicTest extends ConformanceTest {

    private Topic topic;

    @BeforeEach
    void createTopic() throws JMSException {
        topic = session.createTopic(uniqueName());
    }

    private void publish(String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(topic)) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    private Session otherSession() throws JMSException {
        return connect().createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Test
    void everySubscriberGetsEveryMessageInOrder() throws JMSException {
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = otherSession().createConsumer(topic);
        publish("a", "b", "c");
        assertThat(texts(first, 3)).containsExactly("a", "b", "c");
        assertThat(texts(second, 3)).containsExactly("a", "b", "c");
        assertNothingComes(first);
    }

    @Test
    void aCopyIsTheMessageThatWasSent() throws JMSException {
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = session.createConsumer(topic);
        TextMessage sent = session.createTextMessage("m");
        sent.setStringProperty("p", "v");
        sent.setJMSCorrelationID("c");
        sent.setJMSReplyTo(topic);
        session.createProducer(topic).send(sent, DeliveryMode.PERSISTENT, 7, 60_000);
        for (MessageConsumer consumer : List.of(first, second)) {
            Message received = receive(consumer);
            assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
            assertThat(received.getJMSDestination()).isEqualTo(topic);
            assertThat(received.getJMSReplyTo()).isEqualTo(topic);
            assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            assertThat(received.getJMSPriority()).isEqualTo(7);
            assertThat(received.getJMSExpiration()).isEqualTo(sent.getJMSExpiration());
            assertThat(received.getJMSCorrelationID()).isEqualTo("c");
            assertThat(received.getStringProperty("p")).isEqualTo("v");
            assertThat(received.getJMSRedelivered()).isFalse();
        }
    }

    @Test
    void theDeliveryModeIsThatOfTheSender() throws JMSException {
        MessageConsumer consumer = session.createConsumer(topic);
        session.createProducer(topic).send(session.createMessage(), DeliveryMode.NON_PERSISTENT, 4, 0);
        assertThat(receive(consumer).getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
    }

    @Test
    void largeBodiesReachEverySubscriber() throws JMSException {
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(otherSession().createConsumer(topic));
        }
        String text = "0123456789".repeat(1_000);
        publish(text, text + "!");
        for (MessageConsumer consumer : consumers) {
            assertThat(texts(consumer, 2)).containsExactly(text, text + "!");
        }
    }

    @Test
    void whatWasPublishedBeforeIsNotReceived() throws JMSException {
        publish("before");
        MessageConsumer consumer = session.createConsumer(topic);
        publish("after");
        assertThat(text(receive(consumer))).isEqualTo("after");
        assertNothingComes(consumer);
    }

    @Test
    void everyPublishAfterCreateConsumerReachesIt() throws JMSException {
        MessageProducer producer = otherSession().createProducer(topic);
        for (int i = 0; i < 20; i++) {
            try (MessageConsumer consumer = session.createConsumer(topic)) {
                producer.send(session.createTextMessage("m" + i));
                assertThat(text(receive(consumer))).isEqualTo("m" + i);
            }
            producer.send(session.createTextMessage("to nobody"));
        }
    }

    @Test
    void aClosedConsumerGetsNothingAndItsSuccessorStartsEmpty() throws JMSException {
        MessageConsumer closed = session.createConsumer(topic);
        publish("left");
        closed.close();
        publish("missed");
        MessageConsumer next = session.createConsumer(topic);
        assertNothingComes(next);
    }

    @Test
    void selectorsSelect() throws JMSException {
        MessageConsumer red = session.createConsumer(topic, "color = 'red' AND weight > 5");
        MessageConsumer typed = session.createConsumer(topic, "JMSType = 't' OR JMSPriority > 8");
        MessageConsumer all = session.createConsumer(topic, "");
        assertThat(red.getMessageSelector()).isEqualTo("color = 'red' AND weight > 5");
        assertThat(all.getMessageSelector()).isNull();
        MessageProducer producer = session.createProducer(topic);
        for (int i = 1; i <= 4; i++) {
            Message message = session.createTextMessage("m" + i);
            message.setStringProperty("color", i % 2 == 0 ? "red" : "blue");
            message.setIntProperty("weight", 3 * i);
            message.setJMSType(i == 3 ? "t" : null);
            producer.send(message, DeliveryMode.PERSISTENT, i == 1 ? 9 : 4, 0);
        }
        assertThat(texts(red, 2)).containsExactly("m2", "m4");
        assertNothingComes(red);
        assertThat(texts(typed, 2)).containsExactly("m1", "m3");
        assertNothingComes(typed);
        assertThat(texts(all, 4)).hasSize(4);
    }

    @Test
    void anInvalidSelectorIsRefused() {
        assertThatThrownBy(() -> session.createConsumer(topic, "a = ")).isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createConsumer(topic, "a = ", true))
                .isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void noLocalLeavesOutTheMessagesOfItsOwnConnection() throws JMSException { // javadoc of createConsumer
        MessageConsumer noLocal = session.createConsumer(topic, null, true);
        MessageConsumer local = session.createConsumer(topic, null, false);
        publish("own");
        session(Session.AUTO_ACKNOWLEDGE).createProducer(topic).send(session.createTextMessage("own too"));
        Session other = otherSession();
        other.createProducer(topic).send(other.createTextMessage("other"));
        assertThat(texts(local, 3)).containsExactly("own", "own too", "other");
        assertThat(text(receive(noLocal))).isEqualTo("other");
        assertNothingComes(noLocal);
    }

    @Test
    void publishesOfATransactionComeWithItsCommit() throws JMSException { // §6.2.7
        MessageConsumer consumer = session.createConsumer(topic);
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(topic);
        producer.send(transacted.createTextMessage("rolled back"));
        transacted.rollback();
        producer.send(transacted.createTextMessage("committed"));
        assertNothingComes(consumer);
        transacted.commit();
        assertThat(text(receive(consumer))).isEqualTo("committed");
        assertNothingComes(consumer);
    }

    @Test
    void aTransactionReceivesPublishesAndCommitsTogether() throws JMSException {
        MessageConsumer results = session.createConsumer(session.createTopic(topic.getTopicName() + "-results"));
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = transacted.createConsumer(topic);
        MessageProducer producer = transacted.createProducer(session.createTopic(topic.getTopicName() + "-results"));
        publish("m");
        assertThat(text(receive(consumer))).isEqualTo("m");
        producer.send(transacted.createTextMessage("lost"));
        transacted.rollback();
        Message again = receive(consumer);
        assertThat(again.getJMSRedelivered()).isTrue();
        producer.send(transacted.createTextMessage("result"));
        transacted.commit();
        assertThat(text(receive(results))).isEqualTo("result");
        assertNothingComes(results);
        assertNothingComes(consumer);
    }

    @Test
    void acknowledgeAfterTheConsumerWasClosed() throws JMSException { // §8.8
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(topic);
        publish("m");
        Message message = receive(consumer);
        consumer.close();
        message.acknowledge();
        client.recover();
    }

    @Test
    void recoverRedelivers() throws JMSException { // §6.2.11
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(topic);
        publish("a", "b");
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        client.recover();
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        receive(consumer).acknowledge();
        client.recover();
        assertNothingComes(consumer);
    }

    @Test
    void listenersAreCalled() throws Exception {
        List<String> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
        session(Session.AUTO_ACKNOWLEDGE)
                .createConsumer(topic)
                .setMessageListener(message -> Async.unchecked(() -> heard.add(text(message))));
        publish("a", "b", "c");
        org.awaitility.Awaitility.await().untilAsserted(() -> assertThat(heard).containsExactly("a", "b", "c"));
    }

    @Test
    void contextsPublishAndSubscribe() {
        JMSContext publishing = context();
        JMSContext subscribing = context();
        Topic named = publishing.createTopic(uniqueName());
        JMSConsumer consumer = subscribing.createConsumer(named);
        publishing.createProducer().setProperty("n", 1).send(named, "m");
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
    }

    @Test
    void theTopicDomainHasItsOwnInterfaces() throws JMSException {
        TopicConnection topics = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection());
        topics.start();
        TopicSession topicSession = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicSubscriber subscriber = topicSession.createSubscriber(topic);
        TopicSubscriber selecting = topicSession.createSubscriber(topic, "n = 1", true);
        TopicPublisher publisher = topicSession.createPublisher(topic);
        assertThat(subscriber.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getNoLocal()).isFalse();
        assertThat(selecting.getNoLocal()).isTrue();
        assertThat(publisher.getTopic()).isEqualTo(topic);
        publisher.publish(topicSession.createTextMessage("a"));
        publisher.publish(topicSession.createTextMessage("b"), DeliveryMode.NON_PERSISTENT, 4, 0);
        TopicPublisher anonymous = topicSession.createPublisher(null);
        assertThat(anonymous.getTopic()).isNull();
        anonymous.publish(topic, topicSession.createTextMessage("c"));
        anonymous.publish(topic, topicSession.createTextMessage("d"), DeliveryMode.PERSISTENT, 4, 0);
        assertThat(texts(subscriber, 4)).containsExactlyInAnyOrder("a", "b", "c", "d");
        Message message = topicSession.createMessage();
        assertThatThrownBy(() -> publisher.publish(topic, message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.publish(message)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aTopicSessionRefusesWhatBelongsToQueues() throws JMSException { // §4.1.11 table of refused methods
        TopicSession topicSession = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection())
                .createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> topicSession.createQueue("q")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topicSession.createBrowser(queue)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topicSession.createBrowser(queue, null)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(topicSession::createTemporaryQueue).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTopicIsNeeded() {
        assertThatThrownBy(() -> session.createConsumer((Topic) null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(null, "s"))
                .isInstanceOf(InvalidDestinationException.class);
    }

    // ---- temporary topics: §4.2.5, §6.2.2

    @Test
    void messagesPassThroughATemporaryTopic() throws JMSException {
        TemporaryTopic temporary = session.createTemporaryTopic();
        MessageConsumer consumer = session.createConsumer(temporary);
        Session other = otherSession();
        other.createProducer(temporary).send(other.createTextMessage("m"));
        Message received = receive(consumer);
        assertThat(text(received)).isEqualTo("m");
        assertThat(received.getJMSDestination()).isEqualTo(temporary);
    }

    @Test
    void onlyItsConnectionConsumesFromATemporaryTopic() throws JMSException {
        TemporaryTopic temporary = session.createTemporaryTopic();
        Session other = otherSession();
        assertThatThrownBy(() -> other.createConsumer(temporary)).isInstanceOf(JMSException.class);
    }

    @Test
    void aTemporaryTopicWithConsumersIsNotDeleted() throws JMSException {
        TemporaryTopic temporary = session.createTemporaryTopic();
        MessageConsumer consumer = session.createConsumer(temporary);
        assertThatThrownBy(temporary::delete).isInstanceOf(IllegalStateException.class);
        consumer.close();
        temporary.delete();
    }

    @Test
    void aTemporaryTopicHasNoDurableSubscription() throws JMSException {
        TemporaryTopic temporary = session.createTemporaryTopic();
        assertThatThrownBy(() -> session.createSharedDurableConsumer(temporary, "s"))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aRequestorSendsAndAwaitsTheReply() throws Exception {
        Session answering = otherSession();
        MessageProducer replies = answering.createProducer(null);
        answering
                .createConsumer(topic)
                .setMessageListener(request -> Async.unchecked(() -> {
                    replies.send(request.getJMSReplyTo(), answering.createTextMessage("reply to " + text(request)));
                    return true;
                }));
        TopicConnection topics = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection());
        topics.start();
        TopicSession topicSession = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicRequestor requestor = new TopicRequestor(topicSession, topic);
        for (int i = 0; i < 5; i++) {
            Message request = topicSession.createTextMessage("r" + i);
            assertThat(text(Async.get(Async.call(() -> requestor.request(request)))))
                    .isEqualTo("reply to r" + i);
        }
        requestor.close();
    }
}
