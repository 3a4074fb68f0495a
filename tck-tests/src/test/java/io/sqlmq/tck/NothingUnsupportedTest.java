package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sqlmq.tck.provider.KnownDifferences;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every method of every interface, on an object fresh for each: none throws UnsupportedOperationException but send and
 * publish, where the javadoc demands it.
 */
class NothingUnsupportedTest extends ConformanceTest {
    private static final Set<String> SENDS = Set.of("send", "publish");

    /** Every method that the interface has, inherited ones included. */
    private <T> Stream<DynamicTest> all(Class<T> type, Callable<T> fresh) throws JMSException {
        ApiCalls calls = new ApiCalls(session, queue);
        return Arrays.stream(type.getMethods())
                .filter(method -> !SENDS.contains(method.getName()))
                .map(method -> DynamicTest.dynamicTest(
                        type.getSimpleName() + ": " + ApiCalls.describe(method),
                        () -> assertSupported(fresh.call(), method, calls.arguments(method))));
    }

    private static void assertSupported(Object object, Method method, Object[] arguments) throws Exception {
        assumeThat(KnownDifferences.reason("unsupported." + ApiCalls.name(method)))
                .isEmpty();
        try {
            method.invoke(object, arguments);
        } catch (InvocationTargetException e) {
            for (Throwable thrown = e.getTargetException(); thrown != null; thrown = thrown.getCause()) {
                assertThat(thrown).isNotInstanceOfAny(UnsupportedOperationException.class, AbstractMethodError.class);
            }
        }
    }

    private Session fresh() throws JMSException {
        return connect().createSession();
    }

    private Connection stopped() throws JMSException {
        return closeAfterwards(factory.createConnection());
    }

    private Topic topic() throws JMSException {
        return session.createTopic(uniqueName());
    }

    private QueueSession queues() throws JMSException {
        QueueConnection own = closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection());
        own.start();
        return own.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    private TopicSession topics() throws JMSException {
        TopicConnection own = closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection());
        own.start();
        return own.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    /** A queue with a message, so that a receive returns; new, because a listener of a test before may take it. */
    private Queue fed() throws JMSException {
        Queue fed = session.createQueue(uniqueName());
        try (MessageProducer producer = session.createProducer(fed)) {
            producer.send(session.createTextMessage("food"));
        }
        return fed;
    }

    private TopicSubscriber fedSubscriber() throws JMSException {
        Topic topic = topic();
        TopicSubscriber subscriber = topics().createSubscriber(topic);
        try (MessageProducer producer = session.createProducer(topic)) {
            producer.send(session.createTextMessage("food"));
        }
        return subscriber;
    }

    @TestFactory
    Stream<DynamicTest> connections() throws JMSException {
        return Stream.of(
                        all(ConnectionFactory.class, () -> factory),
                        all(QueueConnectionFactory.class, () -> (QueueConnectionFactory) factory),
                        all(TopicConnectionFactory.class, () -> (TopicConnectionFactory) factory),
                        all(Connection.class, this::stopped),
                        all(
                                QueueConnection.class,
                                () -> closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection())),
                        all(
                                TopicConnection.class,
                                () -> closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection())),
                        all(ConnectionMetaData.class, connection::getMetaData))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> connectionConsumers() throws JMSException {
        return all(ConnectionConsumer.class, () -> stopped().createConnectionConsumer(queue, null, () -> null, 1));
    }

    @TestFactory
    Stream<DynamicTest> sessions() throws JMSException {
        return Stream.of(
                        all(Session.class, this::fresh),
                        all(QueueSession.class, this::queues),
                        all(TopicSession.class, this::topics))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> producersAndConsumers() throws JMSException {
        Topic topic = topic();
        return Stream.of(
                        all(MessageProducer.class, () -> fresh().createProducer(queue)),
                        all(QueueSender.class, () -> queues().createSender(queue)),
                        all(TopicPublisher.class, () -> topics().createPublisher(topic)),
                        all(MessageConsumer.class, () -> fresh().createConsumer(fed())),
                        all(QueueReceiver.class, () -> queues().createReceiver(fed())),
                        all(TopicSubscriber.class, this::fedSubscriber),
                        all(QueueBrowser.class, () -> fresh().createBrowser(queue)))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> destinations() throws JMSException {
        return Stream.of(
                        all(Queue.class, () -> queue),
                        all(Topic.class, this::topic),
                        all(TemporaryQueue.class, () -> fresh().createTemporaryQueue()),
                        all(TemporaryTopic.class, () -> fresh().createTemporaryTopic()))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> contexts() throws JMSException {
        return Stream.of(
                        all(JMSContext.class, this::context),
                        all(JMSProducer.class, () -> context().createProducer()),
                        all(JMSConsumer.class, () -> context().createConsumer(fed())))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> messages() throws JMSException {
        return Stream.of(
                        all(Message.class, session::createMessage),
                        all(TextMessage.class, session::createTextMessage),
                        all(BytesMessage.class, session::createBytesMessage),
                        all(MapMessage.class, session::createMapMessage),
                        all(StreamMessage.class, session::createStreamMessage),
                        all(ObjectMessage.class, session::createObjectMessage))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> messagesThatWereReceived() throws JMSException {
        return Stream.of(
                        all(Message.class, () -> exchange(session.createMessage())),
                        all(TextMessage.class, () -> (TextMessage) exchange(session.createTextMessage("t"))),
                        all(BytesMessage.class, () -> (BytesMessage) exchange(session.createBytesMessage())),
                        all(MapMessage.class, () -> (MapMessage) exchange(session.createMapMessage())),
                        all(StreamMessage.class, () -> (StreamMessage) exchange(session.createStreamMessage())),
                        all(ObjectMessage.class, () -> (ObjectMessage) exchange(session.createObjectMessage("o"))))
                .flatMap(tests -> tests);
    }
}
