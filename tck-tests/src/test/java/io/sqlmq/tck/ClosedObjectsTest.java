package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sqlmq.tck.provider.KnownDifferences;
import io.sqlmq.tck.provider.Provider;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import java.io.Serializable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every method of every closable interface, called after close: IllegalStateException, but for close itself, which does
 * nothing. §6.1.8, §6.2.15, §6.2.16.
 */
class ClosedObjectsTest extends ConformanceTest {

    /**
     * run is for application servers and cannot throw; autoStart is a field that close does not concern; global
     * transactions end after the sessions that worked in them.
     */
    private static final Set<String> EXEMPT = Set.of("close", "run", "getAutoStart", "setAutoStart", "getXAResource");

    private Message message;

    private Stream<DynamicTest> everyMethod(Class<?> type, Object closed) throws JMSException {
        message = session.createMessage();
        return Arrays.stream(type.getMethods())
                .filter(method -> !EXEMPT.contains(method.getName()))
                .map(method -> DynamicTest.dynamicTest(describe(method), () -> {
                    assumeThat(KnownDifferences.reason("closed." + name(method)))
                            .isEmpty();
                    assertRefused(closed, method, arguments(method));
                }));
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    private static String describe(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", ", name(method) + "(", ")"));
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
        fail("%s after close did not throw", describe(method));
    }

    private Object[] arguments(Method method) {
        return Arrays.stream(method.getParameterTypes()).map(this::argument).toArray();
    }

    private Object argument(Class<?> type) {
        if (type == boolean.class) {
            return false;
        } else if (type == int.class) {
            return Session.AUTO_ACKNOWLEDGE;
        } else if (type == long.class) {
            return 1L;
        } else if (type == String.class || type == Serializable.class) {
            return "text";
        } else if (type == Class.class) {
            return String.class;
        } else if (type == Message.class) {
            return message;
        } else if (type == Destination.class || type == Queue.class) {
            return queue;
        } else if (type == Topic.class) {
            return Async.unchecked(() -> session.createTopic("topic"));
        }
        if (type == byte[].class) {
            return new byte[1];
        } else if (type == Map.class) {
            return Map.of("a", 1);
        }
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> null);
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
        message = session.createMessage();
        for (Method method : JMSProducer.class.getMethods()) {
            if (method.getName().equals("send")) {
                assertRefused(producer, method, arguments(method));
            }
        }
        assertQueueHolds();
    }
}
