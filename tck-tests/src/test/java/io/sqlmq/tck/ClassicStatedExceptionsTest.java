package io.sqlmq.tck;

import io.sqlmq.testing.Async;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The exceptions that the javadoc of connections, sessions and producers states, one by one. */
class ClassicStatedExceptionsTest extends ConformanceTest {
    private static final String BAD = "a = 'unfinished";
    private static final Destination NO_DESTINATION = null;
    private static final Queue NO_QUEUE = null;
    private static final Topic NO_TOPIC = null;

    private Topic topic;
    private Message message;
    private String name;

    @BeforeEach
    void prepare() throws JMSException {
        topic = session.createTopic(uniqueName());
        message = session.createMessage();
        name = uniqueName();
    }

    @TestFactory
    Stream<DynamicTest> connections() {
        return new StatedExceptions("Connection")
                .refused("createSession(unknown mode)", JMSException.class, () -> connection.createSession(99))
                .refused(
                        "createSession(false, unknown mode)",
                        JMSException.class,
                        () -> connection.createSession(false, 99))
                .refused("setClientID(after use)", IllegalStateException.class, () -> connection.setClientID(name))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> sessionsAndTransactions() throws JMSException {
        Session transacted = session(Session.SESSION_TRANSACTED);
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        Session dupsOk = session(Session.DUPS_OK_ACKNOWLEDGE);
        return new StatedExceptions("Session")
                .refused("commit(auto)", IllegalStateException.class, session::commit)
                .refused("commit(client)", IllegalStateException.class, client::commit)
                .refused("commit(dups ok)", IllegalStateException.class, dupsOk::commit)
                .refused("rollback(auto)", IllegalStateException.class, session::rollback)
                .refused("rollback(client)", IllegalStateException.class, client::rollback)
                .refused("rollback(dups ok)", IllegalStateException.class, dupsOk::rollback)
                .refused("recover(transacted)", IllegalStateException.class, transacted::recover)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> consumersOfSessions() {
        Class<InvalidDestinationException> destination = InvalidDestinationException.class;
        Class<InvalidSelectorException> selector = InvalidSelectorException.class;
        return new StatedExceptions("Session")
                .refused("createConsumer(null)", destination, () -> session.createConsumer(NO_DESTINATION))
                .refused("createConsumer(null, s)", destination, () -> session.createConsumer(NO_DESTINATION, null))
                .refused("createConsumer(null, s, b)", destination, () -> session.createConsumer(null, null, false))
                .refused("createConsumer(q, bad)", selector, () -> session.createConsumer(queue, BAD))
                .refused("createConsumer(q, bad, b)", selector, () -> session.createConsumer(queue, BAD, false))
                .refused("createConsumer(t, bad)", selector, () -> session.createConsumer(topic, BAD))
                .refused("createConsumer(t, bad, b)", selector, () -> session.createConsumer(topic, BAD, true))
                .refused("createSharedConsumer(null, n)", destination, () -> session.createSharedConsumer(null, name))
                .refused(
                        "createSharedConsumer(null, n, s)",
                        destination,
                        () -> session.createSharedConsumer(null, name, null))
                .refused(
                        "createSharedConsumer(t, n, bad)",
                        selector,
                        () -> session.createSharedConsumer(topic, name, BAD))
                .refused(
                        "createSharedConsumer(t, null)",
                        JMSException.class,
                        () -> session.createSharedConsumer(topic, null))
                .refused(
                        "createSharedDurableConsumer(null, n)",
                        destination,
                        () -> session.createSharedDurableConsumer(null, name))
                .refused(
                        "createSharedDurableConsumer(null, n, s)",
                        destination,
                        () -> session.createSharedDurableConsumer(null, name, null))
                .refused(
                        "createSharedDurableConsumer(t, n, bad)",
                        selector,
                        () -> session.createSharedDurableConsumer(topic, name, BAD))
                .refused("createBrowser(null)", destination, () -> session.createBrowser(NO_QUEUE))
                .refused("createBrowser(null, s)", destination, () -> session.createBrowser(NO_QUEUE, null))
                .refused("createBrowser(q, bad)", selector, () -> session.createBrowser(queue, BAD))
                .refused("unsubscribe(unknown)", destination, () -> session.unsubscribe(name))
                .refused("unsubscribe(null)", destination, () -> session.unsubscribe(null))
                .refused(
                        "createDurableSubscriber(no client id)",
                        IllegalStateException.class,
                        () -> session.createDurableSubscriber(topic, name))
                .refused(
                        "createDurableSubscriber(no client id, s, b)",
                        IllegalStateException.class,
                        () -> session.createDurableSubscriber(topic, name, null, false))
                .refused(
                        "createDurableConsumer(no client id)",
                        IllegalStateException.class,
                        () -> session.createDurableConsumer(topic, name))
                .refused(
                        "createDurableConsumer(no client id, s, b)",
                        IllegalStateException.class,
                        () -> session.createDurableConsumer(topic, name, null, false))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> durableConsumersOfSessions() throws JMSException {
        var identified = closeAfterwards(factory.createConnection());
        identified.setClientID(name);
        Session own = identified.createSession();
        Class<InvalidDestinationException> destination = InvalidDestinationException.class;
        Class<InvalidSelectorException> selector = InvalidSelectorException.class;
        return new StatedExceptions("Session")
                .refused("createDurableSubscriber(null, n)", destination, () -> own.createDurableSubscriber(null, name))
                .refused(
                        "createDurableSubscriber(null, n, s, b)",
                        destination,
                        () -> own.createDurableSubscriber(null, name, null, false))
                .refused(
                        "createDurableSubscriber(t, n, bad, b)",
                        selector,
                        () -> own.createDurableSubscriber(topic, name, BAD, false))
                .refused("createDurableConsumer(null, n)", destination, () -> own.createDurableConsumer(null, name))
                .refused(
                        "createDurableConsumer(null, n, s, b)",
                        destination,
                        () -> own.createDurableConsumer(null, name, null, false))
                .refused(
                        "createDurableConsumer(t, n, bad, b)",
                        selector,
                        () -> own.createDurableConsumer(topic, name, BAD, false))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> producers() throws JMSException {
        CompletionRecorder listener = new CompletionRecorder();
        MessageProducer fixed = session.createProducer(queue);
        MessageProducer free = session.createProducer(null);
        Class<UnsupportedOperationException> unsupported = UnsupportedOperationException.class;
        Class<InvalidDestinationException> destination = InvalidDestinationException.class;
        Class<MessageFormatException> format = MessageFormatException.class;
        Class<IllegalArgumentException> argument = IllegalArgumentException.class;
        return new StatedExceptions("MessageProducer")
                .refused("send(m) without destination", unsupported, () -> free.send(message))
                .refused("send(m, ...) without destination", unsupported, () -> free.send(message, 1, 1, 1))
                .refused("send(m, l) without destination", unsupported, () -> free.send(message, listener))
                .refused(
                        "send(m, ..., l) without destination", unsupported, () -> free.send(message, 1, 1, 1, listener))
                .refused("send(d, m) with destination", unsupported, () -> fixed.send(queue, message))
                .refused("send(d, m, ...) with destination", unsupported, () -> fixed.send(queue, message, 1, 1, 1))
                .refused("send(d, m, l) with destination", unsupported, () -> fixed.send(queue, message, listener))
                .refused(
                        "send(d, m, ..., l) with destination",
                        unsupported,
                        () -> fixed.send(queue, message, 1, 1, 1, listener))
                .refused("send(null, m)", destination, () -> free.send(null, message))
                .refused("send(null, m, ...)", destination, () -> free.send(null, message, 1, 1, 1))
                .refused("send(null, m, l)", destination, () -> free.send(null, message, listener))
                .refused("send(null, m, ..., l)", destination, () -> free.send(null, message, 1, 1, 1, listener))
                .refused("send(null message)", format, () -> fixed.send(null))
                .refused("send(null message, ...)", format, () -> fixed.send(null, 1, 1, 1))
                .refused("send(null message, l)", format, () -> fixed.send(null, listener))
                .refused("send(d, null message)", format, () -> free.send(queue, (Message) null))
                .refused("send(d, null message, ...)", format, () -> free.send(queue, null, 1, 1, 1))
                .refused("send(d, null message, l)", format, () -> free.send(queue, null, listener))
                .refused("send(m, null listener)", argument, () -> fixed.send(message, null))
                .refused("send(m, ..., null listener)", argument, () -> fixed.send(message, 1, 1, 1, null))
                .refused("send(d, m, null listener)", argument, () -> free.send(queue, message, null))
                .refused("send(d, m, ..., null listener)", argument, () -> free.send(queue, message, 1, 1, 1, null))
                .refused("send(m, bad mode)", JMSException.class, () -> fixed.send(message, 3, 4, 0))
                .refused("send(m, bad priority)", JMSException.class, () -> fixed.send(message, 2, 10, 0))
                .refused("setPriority(-1)", JMSException.class, () -> fixed.setPriority(-1))
                .refused("setPriority(10)", JMSException.class, () -> fixed.setPriority(10))
                .refused("setDeliveryMode(0)", JMSException.class, () -> fixed.setDeliveryMode(0))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> queueDomain() throws JMSException {
        QueueConnection queues = closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection());
        QueueSession own = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueSender free = own.createSender(null);
        Class<InvalidDestinationException> destination = InvalidDestinationException.class;
        return new StatedExceptions("QueueSession")
                .refused("createReceiver(null)", destination, () -> own.createReceiver(null))
                .refused("createReceiver(null, s)", destination, () -> own.createReceiver(null, null))
                .refused("createReceiver(q, bad)", InvalidSelectorException.class, () -> own.createReceiver(queue, BAD))
                .refused("createBrowser(null)", destination, () -> own.createBrowser(null))
                .refused("createBrowser(q, bad)", InvalidSelectorException.class, () -> own.createBrowser(queue, BAD))
                .refused("createTopic", IllegalStateException.class, () -> own.createTopic("t"))
                .refused("createTemporaryTopic", IllegalStateException.class, own::createTemporaryTopic)
                .refused(
                        "createDurableSubscriber",
                        IllegalStateException.class,
                        () -> own.createDurableSubscriber(topic, name))
                .refused(
                        "createDurableConsumer",
                        IllegalStateException.class,
                        () -> own.createDurableConsumer(topic, name))
                .refused(
                        "createSharedConsumer",
                        IllegalStateException.class,
                        () -> own.createSharedConsumer(topic, name))
                .refused(
                        "createSharedDurableConsumer",
                        IllegalStateException.class,
                        () -> own.createSharedDurableConsumer(topic, name))
                .refused("unsubscribe", IllegalStateException.class, () -> own.unsubscribe(name))
                .refused("sender.send(null queue, m)", destination, () -> free.send(NO_QUEUE, message))
                .refused("sender.send(null queue, m, ...)", destination, () -> free.send(NO_QUEUE, message, 1, 1, 1))
                .refused("sender.send(m)", UnsupportedOperationException.class, () -> free.send(message))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> topicDomain() throws JMSException {
        TopicConnection topics = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection());
        TopicSession own = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicPublisher free = own.createPublisher(null);
        TopicPublisher fixed = own.createPublisher(topic);
        Class<InvalidDestinationException> destination = InvalidDestinationException.class;
        StatedExceptions stated = new StatedExceptions("TopicSession")
                .refused("createSubscriber(null)", destination, () -> own.createSubscriber(null))
                .refused("createSubscriber(null, s, b)", destination, () -> own.createSubscriber(null, null, false))
                .refused(
                        "createSubscriber(t, bad, b)",
                        InvalidSelectorException.class,
                        () -> own.createSubscriber(topic, BAD, false))
                .refused("unsubscribe(unknown)", destination, () -> own.unsubscribe(name))
                .refused("publisher.publish(null, m)", destination, () -> free.publish(NO_TOPIC, message))
                .refused("publisher.publish(null, m, ...)", destination, () -> free.publish(NO_TOPIC, message, 1, 1, 1))
                .refused("publisher.publish(null message)", MessageFormatException.class, () -> fixed.publish(null))
                .refused("publisher.publish(m)", UnsupportedOperationException.class, () -> free.publish(message))
                .refused(
                        "publisher.publish(m, ...)",
                        UnsupportedOperationException.class,
                        () -> free.publish(message, 1, 1, 1));
        for (Async.Action each : List.<Async.Action>of(
                () -> own.createQueue("q"),
                own::createTemporaryQueue,
                () -> own.createBrowser(queue),
                () -> own.createBrowser(queue, null))) {
            stated.refused("queues", IllegalStateException.class, each);
        }
        return stated.tests();
    }
}
