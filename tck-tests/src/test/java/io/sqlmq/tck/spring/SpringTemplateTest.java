package io.sqlmq.tck.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.tck.ConformanceTest;
import io.sqlmq.testing.Async;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.connection.SingleConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** JmsTemplate over the plain factory, over Spring's wrappers of it and over pooled-jms. */
class SpringTemplateTest extends ConformanceTest {

    private interface Wrapper {
        ConnectionFactory wrap(ConnectionFactory factory);
    }

    private final List<Runnable> stopping = new ArrayList<>();

    @AfterEach
    void stopWrappers() {
        stopping.forEach(Runnable::run);
    }

    static Stream<Named<Wrapper>> wrappers() {
        return Stream.of(
                Named.of("plain", factory -> factory),
                Named.of("CachingConnectionFactory", CachingConnectionFactory::new),
                Named.of("SingleConnectionFactory", SingleConnectionFactory::new),
                Named.of("JmsPoolConnectionFactory", factory -> {
                    JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
                    pool.setConnectionFactory(factory);
                    return pool;
                }));
    }

    private ConnectionFactory wrapped(Wrapper wrapper) {
        ConnectionFactory wrapped = wrapper.wrap(factory);
        if (wrapped instanceof SingleConnectionFactory single) {
            stopping.add(single::destroy);
        } else if (wrapped instanceof JmsPoolConnectionFactory pool) {
            stopping.add(pool::stop);
        }
        return wrapped;
    }

    private JmsTemplate template(Wrapper wrapper) {
        JmsTemplate template = new JmsTemplate(wrapped(wrapper));
        template.setDefaultDestination(queue);
        template.setReceiveTimeout(SOON);
        return template;
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void messagesAreConvertedSentAndReceived(Wrapper wrapper) {
        JmsTemplate template = template(wrapper);
        for (Object body : List.of("text", 42L, new ArrayList<>(List.of(1, 2)))) {
            template.convertAndSend(body);
            assertThat(template.receiveAndConvert()).isEqualTo(body);
        }
        template.convertAndSend(Map.of("a", 1));
        assertThat(template.receiveAndConvert()).isEqualTo(Map.of("a", 1));
        template.convertAndSend(new byte[] {1, 2});
        assertThat((byte[]) template.receiveAndConvert()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void orderIsKeptOverSessions(Wrapper wrapper) {
        JmsTemplate template = template(wrapper);
        List<Object> received = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            template.convertAndSend("m" + i);
        }
        for (int i = 0; i < 20; i++) {
            received.add(template.receiveAndConvert());
        }
        assertThat(received).first().isEqualTo("m0");
        assertThat(received).last().isEqualTo("m19");
        assertThat(received).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void destinationsAreResolvedByName(Wrapper wrapper) throws JMSException {
        JmsTemplate template = new JmsTemplate(wrapped(wrapper));
        template.setReceiveTimeout(SOON);
        template.convertAndSend(queue.getQueueName(), "m");
        assertThat(template.receiveAndConvert(queue.getQueueName())).isEqualTo("m");
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void aReceiveTimesOut(Wrapper wrapper) {
        JmsTemplate template = template(wrapper);
        template.setReceiveTimeout(NOTHING);
        assertThat(template.receive()).isNull();
        template.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertThat(template.receive()).isNull();
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void qualityOfServiceIsApplied(Wrapper wrapper) throws JMSException {
        JmsTemplate template = template(wrapper);
        template.setExplicitQosEnabled(true);
        template.setDeliveryPersistent(false);
        template.setPriority(7);
        template.setTimeToLive(60_000);
        template.setDeliveryDelay(50);
        template.convertAndSend("m");
        Message received = template.receive();
        assertThat(received).isNotNull();
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(7);
        assertThat(received.getJMSExpiration()).isPositive();
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(received.getJMSDeliveryTime());
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void selectedMessagesAreReceived(Wrapper wrapper) {
        JmsTemplate template = template(wrapper);
        for (int i = 0; i < 3; i++) {
            int n = i;
            template.convertAndSend("m" + i, message -> {
                message.setIntProperty("n", n);
                return message;
            });
        }
        assertThat(template.receiveSelectedAndConvert("n = 2")).isEqualTo("m2");
        assertThat(template.receiveSelectedAndConvert("n = 0")).isEqualTo("m0");
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void queuesAreBrowsed(Wrapper wrapper) {
        JmsTemplate template = template(wrapper);
        template.convertAndSend("m");
        Integer seen = template.browse(
                (browsing, browser) -> Collections.list((java.util.Enumeration<?>) browser.getEnumeration())
                        .size());
        assertThat(seen).isEqualTo(1);
        assertThat(template.receiveAndConvert()).isEqualTo("m");
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void requestsAreAnswered(Wrapper wrapper) throws JMSException {
        Session answering = connect().createSession(Session.AUTO_ACKNOWLEDGE);
        var replies = answering.createProducer(null);
        answering
                .createConsumer(queue)
                .setMessageListener(request -> Async.unchecked(() -> {
                    replies.send(request.getJMSReplyTo(), answering.createTextMessage("reply to " + text(request)));
                    return true;
                }));
        JmsTemplate template = template(wrapper);
        for (int i = 0; i < 3; i++) {
            String text = "request " + i;
            Message reply = template.sendAndReceive(session -> session.createTextMessage(text));
            assertThat(reply).isNotNull();
            assertThat(text(reply)).isEqualTo("reply to " + text);
        }
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void jmsTransactionsCommitAndRollBack(Wrapper wrapper) throws JMSException {
        ConnectionFactory wrapped = wrapped(wrapper);
        JmsTemplate template = new JmsTemplate(wrapped);
        template.setDefaultDestination(queue);
        template.setReceiveTimeout(SOON);
        template.setSessionTransacted(true);
        TransactionTemplate transaction = new TransactionTemplate(new JmsTransactionManager(wrapped));
        transaction.executeWithoutResult(status -> {
            template.convertAndSend("gone");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> template.convertAndSend("m"));
        transaction.executeWithoutResult(status -> {
            assertThat(template.receiveAndConvert()).isEqualTo("m");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> {
            Message again = template.receive();
            assertThat(again).isNotNull();
            assertThat(Async.unchecked(() -> text(again))).isEqualTo("m");
            assertThat(Async.unchecked(again::getJMSRedelivered)).isTrue();
        });
        assertQueueHolds();
    }
}
