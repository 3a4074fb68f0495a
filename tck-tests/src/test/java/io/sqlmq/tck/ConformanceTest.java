package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.tck.provider.KnownDifferences;
import io.sqlmq.tck.provider.Provider;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What every conformance test has at hand: a started connection, an AUTO_ACKNOWLEDGE session and a queue that nobody
 * else uses. Everything opened through these methods is closed after the test.
 */
@Timeout(30)
@ExtendWith(KnownDifferences.class)
public abstract class ConformanceTest {

    /** Milliseconds within which what must come has come. */
    protected static final long SOON = 5_000;

    /** Milliseconds after which what has not come is taken not to come. */
    protected static final long NOTHING = 100;

    private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    protected final ConnectionFactory factory = Provider.current().connectionFactory();
    protected Connection connection;
    protected Session session;
    protected Queue queue;

    @BeforeEach
    void open() throws JMSException {
        connection = connect();
        session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        queue = session.createQueue(uniqueName());
    }

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    /** A name for a destination, subscription or client that no other test uses. */
    protected static String uniqueName() {
        return "tck-" + RUN + "-" + NAMES.incrementAndGet();
    }

    protected <T extends AutoCloseable> T closeAfterwards(T resource) {
        opened.push(resource);
        return resource;
    }

    /** A further connection, started. */
    protected Connection connect() throws JMSException {
        Connection further = closeAfterwards(factory.createConnection());
        further.start();
        return further;
    }

    /** A further session of the connection. */
    protected Session session(int mode) throws JMSException {
        return closeAfterwards(connection.createSession(mode));
    }

    protected JMSContext context(int mode) {
        return closeAfterwards(factory.createContext(mode));
    }

    protected JMSContext context() {
        return context(JMSContext.AUTO_ACKNOWLEDGE);
    }

    /** Sends each text as a message to the queue, through the AUTO_ACKNOWLEDGE session. */
    protected void send(String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    /** Sends one message to the queue and receives it. */
    protected Message exchange(Message message) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.send(message);
            return receive(consumer);
        }
    }

    protected static Message receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(SOON);
        assertThat(message).as("message received within %s ms", SOON).isNotNull();
        return message;
    }

    protected static String text(Message message) throws JMSException {
        return message.getBody(String.class);
    }

    /** The body as a map, without the raw type that {@code getBody(Map.class)} has. */
    protected static @Nullable Map<?, ?> mapBody(Message message) throws JMSException {
        return message.getBody(Map.class);
    }

    /** The texts of the next messages. */
    protected static List<String> texts(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(receive(consumer)));
        }
        return texts;
    }

    protected static void assertNothingComes(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(NOTHING);
        assertThat(message instanceof TextMessage text ? text.getText() : message)
                .as("message that must not come")
                .isNull();
    }

    /** Asserts that the queue holds these texts and no more, taking them. */
    protected void assertQueueHolds(String... texts) throws JMSException {
        try (Session other = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = other.createConsumer(queue)) {
            assertThat(texts(consumer, texts.length)).containsExactly(texts);
            assertNothingComes(consumer);
        }
    }
}
