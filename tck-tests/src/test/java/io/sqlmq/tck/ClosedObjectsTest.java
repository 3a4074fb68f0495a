package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sqlmq.tck.provider.KnownDifferences;
import io.sqlmq.tck.provider.Provider;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every method of every closable interface, called after close: IllegalStateException, but for close itself, which does
 * nothing. §6.1.8, §6.2.15.
 */
class ClosedObjectsTest extends ConformanceTest {

    /**
     * run is for application servers and cannot throw; autoStart is a field that close does not concern; global
     * transactions end after the sessions that worked in them.
     */
    private static final Set<String> EXEMPT = Set.of("close", "run", "getAutoStart", "setAutoStart", "getXAResource");

    private Stream<DynamicTest> everyMethod(Class<?> type, Object closed) throws JMSException {
        ApiCalls calls = new ApiCalls(session, queue);
        return Arrays.stream(type.getMethods())
                .filter(method -> !EXEMPT.contains(method.getName()))
                .map(method -> DynamicTest.dynamicTest(ApiCalls.describe(method), () -> {
                    assumeThat(KnownDifferences.reason("closed." + ApiCalls.name(method)))
                            .isEmpty();
                    assertRefused(closed, method, calls.arguments(method));
                }));
    }

    private static void assertRefused(Object closed, Method method, Object[] arguments) throws Exception {
        try {
            method.invoke(closed, arguments);
        } catch (InvocationTargetException e) {
            // A producer that could not send to this destination even when open may say that first.
            if (!Set.of("send", "publish").contains(method.getName())
                    || !(e.getTargetException() instanceof UnsupportedOperationException)) {
                assertThat(e.getTargetException())
                        .isInstanceOfAny(IllegalStateException.class, IllegalStateRuntimeException.class);
            }
            return;
        }
        fail("%s after close did not throw", ApiCalls.describe(method));
    }

    private <T extends AutoCloseable> T closed(T resource) throws Exception {
        resource.close();
        return resource;
    }

    @TestFactory
    Stream<DynamicTest> closedConnection() throws Exception {
        return everyMethod(Connection.class, closed(factory.createConnection()));
    }

    @TestFactory
    Stream<DynamicTest> closedSession() throws Exception {
        return everyMethod(Session.class, closed(connection.createSession()));
    }

    @TestFactory
    Stream<DynamicTest> closedXaConnection() throws Exception {
        return everyMethod(
                XAConnection.class,
                closed(Provider.current().xaConnectionFactory().createXAConnection()));
    }

    @TestFactory
    Stream<DynamicTest> closedXaSession() throws Exception {
        XAConnection xa =
                closeAfterwards(Provider.current().xaConnectionFactory().createXAConnection());
        return everyMethod(XASession.class, closed(xa.createXASession()));
    }

    @TestFactory
    Stream<DynamicTest> closedXaContext() throws Exception {
        return everyMethod(
                XAJMSContext.class,
                closed(Provider.current().xaConnectionFactory().createXAContext()));
    }

    @TestFactory
    Stream<DynamicTest> sessionOfAClosedConnection() throws Exception {
        Connection closing = factory.createConnection();
        Session closed = closing.createSession();
        closing.close();
        return everyMethod(Session.class, closed);
    }

    @TestFactory
    Stream<DynamicTest> closedProducer() throws Exception {
        return everyMethod(MessageProducer.class, closed(session.createProducer(queue)));
    }

    @TestFactory
    Stream<DynamicTest> producerWithoutDestination() throws Exception {
        return everyMethod(MessageProducer.class, closed(session.createProducer(null)));
    }

    @TestFactory
    Stream<DynamicTest> producerOfAClosedSession() throws Exception {
        Session closing = connection.createSession();
        MessageProducer closed = closing.createProducer(queue);
        closing.close();
        return everyMethod(MessageProducer.class, closed);
    }

    @TestFactory
    Stream<DynamicTest> closedConsumer() throws Exception {
        return everyMethod(MessageConsumer.class, closed(session.createConsumer(queue)));
    }

    @TestFactory
    Stream<DynamicTest> consumerOfAClosedSession() throws Exception {
        Session closing = connection.createSession();
        MessageConsumer closed = closing.createConsumer(queue);
        closing.close();
        return everyMethod(MessageConsumer.class, closed);
    }

    @TestFactory
    Stream<DynamicTest> closedBrowser() throws Exception {
        return everyMethod(QueueBrowser.class, closed(session.createBrowser(queue)));
    }

    @TestFactory
    Stream<DynamicTest> browserOfAClosedSession() throws Exception {
        Session closing = connection.createSession();
        QueueBrowser closed = closing.createBrowser(queue);
        closing.close();
        return everyMethod(QueueBrowser.class, closed);
    }

    @TestFactory
    Stream<DynamicTest> queueConnection() throws Exception {
        return everyMethod(QueueConnection.class, closed(((QueueConnectionFactory) factory).createQueueConnection()));
    }

    @TestFactory
    Stream<DynamicTest> queueSession() throws Exception {
        return everyMethod(QueueSession.class, closed(queueConnected()));
    }

    @TestFactory
    Stream<DynamicTest> queueSender() throws Exception {
        return everyMethod(QueueSender.class, closed(queueConnected().createSender(queue)));
    }

    @TestFactory
    Stream<DynamicTest> queueReceiver() throws Exception {
        return everyMethod(QueueReceiver.class, closed(queueConnected().createReceiver(queue)));
    }

    private QueueSession queueConnected() throws JMSException {
        return closeAfterwards(((QueueConnectionFactory) factory).createQueueConnection())
                .createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    @TestFactory
    Stream<DynamicTest> topicConnection() throws Exception {
        return everyMethod(TopicConnection.class, closed(((TopicConnectionFactory) factory).createTopicConnection()));
    }

    @TestFactory
    Stream<DynamicTest> topicSession() throws Exception {
        return everyMethod(TopicSession.class, closed(topicConnected()));
    }

    @TestFactory
    Stream<DynamicTest> topicPublisher() throws Exception {
        return everyMethod(
                TopicPublisher.class, closed(topicConnected().createPublisher(session.createTopic(uniqueName()))));
    }

    @TestFactory
    Stream<DynamicTest> topicSubscriber() throws Exception {
        return everyMethod(
                TopicSubscriber.class, closed(topicConnected().createSubscriber(session.createTopic(uniqueName()))));
    }

    private TopicSession topicConnected() throws JMSException {
        return closeAfterwards(((TopicConnectionFactory) factory).createTopicConnection())
                .createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    @TestFactory
    Stream<DynamicTest> closedContext() throws Exception {
        return everyMethod(JMSContext.class, closed(factory.createContext()));
    }

    @TestFactory
    Stream<DynamicTest> closedContextConsumer() throws Exception {
        return everyMethod(
                JMSConsumer.class,
                closed(closeAfterwards(factory.createContext()).createConsumer(queue)));
    }

    @TestFactory
    Stream<DynamicTest> consumerOfAClosedContext() throws Exception {
        JMSContext closing = factory.createContext();
        JMSConsumer closed = closing.createConsumer(queue);
        closing.close();
        return everyMethod(JMSConsumer.class, closed);
    }

    @Test
    void aProducerOfAClosedContextDoesNotSend() throws Exception {
        JMSContext closing = factory.createContext();
        JMSProducer producer = closing.createProducer();
        closing.close();
        ApiCalls calls = new ApiCalls(session, queue);
        for (Method method : JMSProducer.class.getMethods()) {
            if (method.getName().equals("send")) {
                assertRefused(producer, method, calls.arguments(method));
            }
        }
        assertQueueHolds();
    }

    private static ServerSessionPool pool() {
        return () -> {
            throw new JMSException("there are no server sessions");
        };
    }

    @TestFactory
    Stream<DynamicTest> closedConnectionConsumer() throws Exception {
        ConnectionConsumer closed = connection.createConnectionConsumer(queue, null, pool(), 1);
        closed.close();
        return everyMethod(ConnectionConsumer.class, closed);
    }

    @TestFactory
    Stream<DynamicTest> connectionConsumerOfAClosedConnection() throws Exception {
        Connection closing = factory.createConnection();
        ConnectionConsumer closed = closing.createConnectionConsumer(queue, null, pool(), 1);
        closing.close();
        return everyMethod(ConnectionConsumer.class, closed);
    }

    @Test
    void requestorsOfAClosedSessionDoNotRequest() throws Exception {
        QueueRequestor queueRequestor = new QueueRequestor(queueConnected(), queue);
        queueRequestor.close();
        assertThatThrownBy(() -> queueRequestor.request(session.createMessage()))
                .isInstanceOf(IllegalStateException.class);
        TopicRequestor topicRequestor = new TopicRequestor(topicConnected(), session.createTopic(uniqueName()));
        topicRequestor.close();
        assertThatThrownBy(() -> topicRequestor.request(session.createMessage()))
                .isInstanceOf(IllegalStateException.class);
        assertQueueHolds();
    }

    @Test
    void temporaryDestinationsOfAClosedConnectionKeepTheirNamesOnly() throws Exception {
        Connection closing = factory.createConnection();
        Session own = closing.createSession();
        TemporaryQueue temporaryQueue = own.createTemporaryQueue();
        TemporaryTopic temporaryTopic = own.createTemporaryTopic();
        closing.close();
        assertThat(temporaryQueue.getQueueName()).isNotEmpty();
        assertThat(temporaryTopic.getTopicName()).isNotEmpty();
        assertThatThrownBy(temporaryQueue::delete).isInstanceOf(JMSException.class);
        assertThatThrownBy(temporaryTopic::delete).isInstanceOf(JMSException.class);
    }

    @Test
    void closingTwiceDoesNothing() throws Exception { // §6.1.8, §6.2.15, §7.1, §8.8
        Connection closing = factory.createConnection();
        Session own = closing.createSession();
        JMSContext context = factory.createContext();
        List<AutoCloseable> all = List.of(
                own.createProducer(queue),
                own.createConsumer(queue),
                own.createConsumer(session.createTopic(uniqueName())),
                own.createBrowser(queue),
                queueConnected().createSender(queue),
                queueConnected().createReceiver(queue),
                topicConnected().createPublisher(session.createTopic(uniqueName())),
                topicConnected().createSubscriber(session.createTopic(uniqueName())),
                queueConnected(),
                topicConnected(),
                context.createConsumer(queue),
                context,
                own,
                closing);
        for (AutoCloseable each : all) {
            each.close();
        }
        for (AutoCloseable each : all) {
            assertThatCode(each::close).as(each.toString()).doesNotThrowAnyException();
        }
    }
}
