package io.sqlmq.tck.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.tck.ConformanceTest;
import io.sqlmq.testing.Async;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.SessionAwareMessageListener;
import org.springframework.jms.listener.SimpleMessageListenerContainer;

/** Spring's listener containers: redelivery on exceptions, restart, concurrency. */
class ListenerContainerTest extends ConformanceTest {

    private interface Kind {
        AbstractMessageListenerContainer create();
    }

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final List<AbstractMessageListenerContainer> containers = new ArrayList<>();

    static Stream<Named<Kind>> kinds() {
        return Stream.of(
                Named.of("DefaultMessageListenerContainer", () -> {
                    DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
                    container.setReceiveTimeout(200);
                    return container;
                }),
                Named.of("SimpleMessageListenerContainer", SimpleMessageListenerContainer::new));
    }

    @AfterEach
    void shutDown() {
        containers.forEach(AbstractMessageListenerContainer::shutdown);
    }

    private <C extends AbstractMessageListenerContainer> C started(C container, Object listener) {
        container.setConnectionFactory(factory);
        container.setDestination(queue);
        container.setMessageListener(listener);
        container.setErrorHandler(error -> {});
        container.afterPropertiesSet();
        container.start();
        containers.add(container);
        return container;
    }

    private void note(Message message) {
        seen.add(Async.unchecked(() -> text(message) + ":" + message.getIntProperty("JMSXDeliveryCount")));
    }

    private static RuntimeException onPurpose() {
        return new IllegalArgumentException("on purpose");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void messagesReachTheListener(Kind kind) throws Exception {
        send("before");
        started(kind.create(), (jakarta.jms.MessageListener) this::note);
        send("a", "b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("before:1", "a:1", "b:1"));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void anExceptionInATransactedContainerRedelivers(Kind kind) throws Exception {
        AbstractMessageListenerContainer container = kind.create();
        container.setSessionTransacted(true);
        AtomicInteger failures = new AtomicInteger();
        started(container, (jakarta.jms.MessageListener) message -> {
            note(message);
            if (failures.getAndIncrement() < 1) {
                throw onPurpose();
            }
        });
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1", "a:2"));
        container.shutdown();
        assertQueueHolds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aReplySentInTheSessionOfAFailedMessageIsGone(Kind kind) throws Exception {
        var replies = session.createQueue(uniqueName());
        AbstractMessageListenerContainer container = kind.create();
        container.setSessionTransacted(true);
        AtomicInteger calls = new AtomicInteger();
        started(container, (SessionAwareMessageListener<TextMessage>) (message, own) -> {
            try (var producer = own.createProducer(replies)) {
                producer.send(own.createTextMessage("reply " + calls.incrementAndGet()));
            }
            if (calls.get() == 1) {
                throw onPurpose();
            }
        });
        send("a");
        try (var consumer = session.createConsumer(replies)) {
            assertThat(text(receive(consumer))).isEqualTo("reply 2");
            assertNothingComes(consumer);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aClientAcknowledgingContainerAcknowledges(Kind kind) throws Exception {
        AbstractMessageListenerContainer container = kind.create();
        container.setSessionAcknowledgeMode(Session.CLIENT_ACKNOWLEDGE);
        started(container, (jakarta.jms.MessageListener) this::note);
        send("a", "b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1", "b:1"));
        container.shutdown();
        assertQueueHolds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aContainerStopsAndStartsAgain(Kind kind) throws Exception {
        AbstractMessageListenerContainer container = started(kind.create(), (jakarta.jms.MessageListener) this::note);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1"));
        container.stop();
        send("b");
        container.start();
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1", "b:1"));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aContainerThatIsShutDownAndReplacedLosesNothing(Kind kind) throws Exception {
        String[] texts = IntStream.range(0, 60).mapToObj(i -> "m" + i).toArray(String[]::new);
        for (int start = 0; start < texts.length; start += 20) {
            AbstractMessageListenerContainer container = kind.create();
            container.setSessionTransacted(true);
            started(container, (jakarta.jms.MessageListener) message -> seen.add(Async.unchecked(() -> text(message))));
            send(java.util.Arrays.copyOfRange(texts, start, start + 20));
            container.shutdown();
        }
        started(kind.create(), (jakarta.jms.MessageListener) message -> seen.add(Async.unchecked(() -> text(message))));
        await().untilAsserted(() -> assertThat(seen).hasSize(texts.length));
        assertThat(seen).containsExactlyInAnyOrder(texts);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void concurrentListenersGetEachMessageOnce(Kind kind) throws Exception {
        AbstractMessageListenerContainer container = kind.create();
        if (container instanceof DefaultMessageListenerContainer concurrent) {
            concurrent.setConcurrency("2-4");
        } else if (container instanceof SimpleMessageListenerContainer concurrent) {
            concurrent.setConcurrency("4");
        }
        started(container, (jakarta.jms.MessageListener) this::note);
        String[] texts = IntStream.range(0, 100).mapToObj(i -> "m" + i).toArray(String[]::new);
        send(texts);
        await().untilAsserted(() -> assertThat(seen).hasSize(texts.length));
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void aDefaultContainerWorksInJmsTransactionsOverACachingFactory() throws Exception {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        caching.setCacheConsumers(false);
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setReceiveTimeout(200);
        container.setTransactionManager(new JmsTransactionManager(caching));
        container.setSessionTransacted(true);
        AtomicInteger failures = new AtomicInteger();
        container.setConnectionFactory(caching);
        container.setDestination(queue);
        container.setErrorHandler(error -> {});
        container.setMessageListener((jakarta.jms.MessageListener) message -> {
            note(message);
            if (failures.getAndIncrement() < 1) {
                throw onPurpose();
            }
        });
        container.afterPropertiesSet();
        container.start();
        containers.add(container);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1", "a:2"));
        container.shutdown();
        caching.destroy();
        assertQueueHolds();
    }

    @Test
    void aDefaultContainerThatCachesNothingWorks() throws Exception {
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setReceiveTimeout(100);
        container.setCacheLevel(DefaultMessageListenerContainer.CACHE_NONE);
        started(container, (jakarta.jms.MessageListener) this::note);
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1"));
        send("b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1", "b:1"));
    }
}
