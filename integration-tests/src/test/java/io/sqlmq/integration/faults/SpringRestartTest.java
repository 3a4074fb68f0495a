package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.jms.JmsException;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.SimpleMessageListenerContainer;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Applications made of Spring's and pooled-jms's parts go on after the server was restarted, and lose nothing. */
@Tag("faults")
@Timeout(120)
class SpringRestartTest {

    private static final String QUEUE = "spring";
    private static final int ROUNDS = 3;
    private static final int PER_ROUND = 20;

    @TempDir
    Path data;

    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final List<Runnable> closing = new ArrayList<>();

    static Stream<Arguments> applications() {
        Named<Function<ConnectionFactory, ConnectionFactory>> plain = Named.of("the factory", f -> f);
        Named<Function<ConnectionFactory, ConnectionFactory>> caching =
                Named.of("CachingConnectionFactory", CachingConnectionFactory::new);
        Named<Function<ConnectionFactory, ConnectionFactory>> pooled =
                Named.of("JmsPoolConnectionFactory", SpringRestartTest::pool);
        Named<Supplier<AbstractMessageListenerContainer>> polling =
                Named.of("DefaultMessageListenerContainer", SpringRestartTest::pollingContainer);
        Named<Supplier<AbstractMessageListenerContainer>> listening =
                Named.of("SimpleMessageListenerContainer", SimpleMessageListenerContainer::new);
        return Stream.of(
                Arguments.of(plain, polling, false),
                Arguments.of(plain, listening, true),
                Arguments.of(caching, polling, true),
                Arguments.of(pooled, polling, false),
                Arguments.of(pooled, polling, true));
    }

    private static JmsPoolConnectionFactory pool(ConnectionFactory factory) {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(factory);
        return pool;
    }

    private static DefaultMessageListenerContainer pollingContainer() {
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setReceiveTimeout(200);
        container.setRecoveryInterval(200);
        return container;
    }

    @ParameterizedTest(name = "{0}, {1}, transactions of Spring: {2}")
    @MethodSource("applications")
    void nothingIsLost(
            Function<ConnectionFactory, ConnectionFactory> wrapper,
            Supplier<AbstractMessageListenerContainer> kind,
            boolean transactional)
            throws Exception {
        try (RestartableServer server = RestartableServer.start(data);
                SqlmqConnectionFactory factory =
                        new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate")) {
            ConnectionFactory used = wrapper.apply(factory);
            AbstractMessageListenerContainer container = kind.get();
            container.setConnectionFactory(used);
            container.setDestinationName(QUEUE);
            container.setSessionTransacted(transactional);
            container.setMessageListener((MessageListener) this::note);
            container.afterPropertiesSet();
            container.start();
            closing.add(container::shutdown);
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    sendAll(used, round, transactional);
                    if (round < ROUNDS - 1) {
                        server.crash();
                        server.startAgain();
                    }
                }
                await().atMost(Duration.ofSeconds(40))
                        .untilAsserted(() -> assertThat(received).containsAll(sent));
                assertThat(sent).hasSize(ROUNDS * PER_ROUND);
            } finally {
                closing.forEach(Runnable::run);
                if (used instanceof CachingConnectionFactory caching) {
                    caching.destroy();
                } else if (used instanceof JmsPoolConnectionFactory pool) {
                    pool.stop();
                }
            }
        }
    }

    /** What could not be sent, as the exception says, is sent again, as an application would. */
    private void sendAll(ConnectionFactory factory, int round, boolean transactional) {
        JmsTemplate template = new JmsTemplate(factory);
        template.setSessionTransacted(transactional);
        TransactionTemplate transaction = new TransactionTemplate(new JmsTransactionManager(factory));
        for (int i = 0; i < PER_ROUND; i++) {
            String text = round + "-" + i;
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> isSent(template, transactional ? transaction : null, text));
            sent.add(text);
        }
    }

    private static boolean isSent(JmsTemplate template, TransactionTemplate transaction, String text) {
        try {
            if (transaction == null) {
                template.convertAndSend(QUEUE, text);
            } else {
                transaction.executeWithoutResult(status -> template.convertAndSend(QUEUE, text));
            }
            return true;
        } catch (JmsException | TransactionException e) {
            return false;
        }
    }

    private void note(Message message) {
        try {
            received.add(message.getBody(String.class));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
