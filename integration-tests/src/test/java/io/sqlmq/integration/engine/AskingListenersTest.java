package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.Listen;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners hold the connections of their transactions while they ask somebody and wait for the answer. */
class AskingListenersTest extends IntegrationTest {

    private static final int POOL = 3;
    private static final Duration DONE = Duration.ofSeconds(40);
    private static final long ANSWER_MILLIS = 30_000;

    private final AtomicInteger done = new AtomicInteger();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final CountDownLatch all = new CountDownLatch(POOL);

    private void answer() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(null);
        consumer(session, queue + "-questions").setMessageListener(question -> {
            try {
                producer.send(question.getJMSReplyTo(), session.createTextMessage("answer"));
            } catch (JMSException e) {
                failures.add(e);
            }
        });
    }

    /** All ask only when all have a message, and with it a connection. */
    private void startAsking(Connection connection, int mode) throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Session asking = connection.createSession(mode);
        TemporaryQueue answers = asking.createTemporaryQueue();
        MessageConsumer consumer = asking.createConsumer(answers);
        MessageProducer producer = asking.createProducer(asking.createQueue(queue + "-questions"));
        consumer(session, queue).setMessageListener(message -> {
            try {
                all.countDown();
                all.await(20, TimeUnit.SECONDS);
                ask(asking, producer, consumer, answers);
                session.commit();
                done.incrementAndGet();
            } catch (JMSException | InterruptedException e) {
                failures.add(e);
            }
        });
    }

    private static void ask(Session asking, MessageProducer producer, MessageConsumer consumer, TemporaryQueue answers)
            throws JMSException {
        Message question = asking.createTextMessage("question");
        question.setJMSReplyTo(answers);
        producer.send(question);
        if (asking.getTransacted()) {
            asking.commit();
        }
        Message answer = consumer.receive(ANSWER_MILLIS);
        if (asking.getTransacted()) {
            asking.commit();
        }
        assertThat(answer).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void moreOfThemThanConnectionsGetTheirAnswers(int mode) throws Exception {
        answer();
        SqlmqConnectionFactory small = factory("maximumPoolSize=" + POOL, "connectionTimeout=120000");
        Connection connection = connect(small);
        for (int i = 0; i < 2 * POOL; i++) {
            startAsking(connection, mode);
            send("order " + i);
        }
        await().atMost(DONE).until(() -> done.get() == 2 * POOL);
        assertThat(failures).isEmpty();
    }

    @Test
    void whereThePoolHasNoMoreTheExceptionSaysWhyAndHowManyItTakes() throws Exception {
        answer();
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(url);
            pool.setMaximumPoolSize(POOL);
            pool.setConnectionTimeout(2_000);
            SqlmqOptions options = new SqlmqOptions();
            options.setListen(Listen.OFF);
            SqlmqConnectionFactory given = new SqlmqConnectionFactory(pool, options);
            try (given;
                    Connection connection = connect(given)) {
                for (int i = 0; i < POOL; i++) {
                    startAsking(connection, Session.AUTO_ACKNOWLEDGE);
                    send("order " + i);
                }
                await().atMost(DONE).until(() -> !failures.isEmpty());
                assertThat(failures.peek())
                        .isInstanceOf(ResourceAllocationException.class)
                        .hasMessageContaining("who asks and waits for an answer within a listener")
                        .hasMessageContaining("Give the pool at least " + 2 * POOL);
            }
        }
    }
}
