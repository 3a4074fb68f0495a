package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.FailedAttempt;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The history of a message that fails: kept for its dead letter; a message that succeeds at once has none. */
class FailedAttemptsTest extends IntegrationTest {

    private SqlmqConnectionFactory twice() {
        return factory("maximumRedeliveries=1", "initialRedeliveryDelay=0");
    }

    @Test
    void rolledBackTransactionsAreKept() throws Exception {
        send("good", "bad");
        Session session = session(twice(), Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        String good = receive(consumer).getJMSMessageID();
        session.commit();
        Message bad = receive(consumer);
        session.rollback();
        receive(consumer);
        session.rollback();
        assertThat(value("SELECT count(*) FROM mq_dead_letters WHERE origin = '" + queue + "'"))
                .isEqualTo("1");
        assertThat(factory.admin().attempts(bad.getJMSMessageID()))
                .extracting(FailedAttempt::number, FailedAttempt::queue)
                .containsExactly(tuple(1, queue), tuple(2, queue));
        assertThat(factory.admin().attempts(good)).isEmpty();
    }

    @Test
    void whatAListenerThrewIsKeptWithHowLongItTook() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Session session = session(twice(), Session.AUTO_ACKNOWLEDGE);
        consumer(session, queue).setMessageListener(message -> {
            pause(calls.get() == 0 ? 150 : 0); // once under a lease
            throw new IllegalStateException("call " + calls.incrementAndGet() + " of " + id(message));
        });
        send("bad");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> value("SELECT count(*) FROM mq_dead_letters WHERE origin = '" + queue + "'")
                        .equals("1"));
        String id = "ID:" + value("SELECT id FROM mq_dead_letters WHERE origin = '" + queue + "'");
        List<FailedAttempt> attempts = factory.admin().attempts(id);
        assertThat(attempts).extracting(FailedAttempt::number).containsExactly(1, 2);
        assertThat(attempts.get(0).error()).contains("call 1 of " + id);
        assertThat(attempts.get(1).error()).contains("call 2 of " + id);
        assertThat(attempts.get(0).duration()).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        assertThat(attempts.get(1).duration()).isLessThan(Duration.ofSeconds(10));
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String id(Message message) {
        try {
            return message.getJMSMessageID();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }
}
