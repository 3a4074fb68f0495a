package io.sqlmq.integration.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many consumers of all kinds over two engines, which fail at random: each group in order, never two at once. */
@Timeout(180)
class GroupOrderTest extends IntegrationTest {

    private static final int GROUPS = 200;
    private static final int EACH = 20;
    private static final int INDIVIDUAL_ACKNOWLEDGE = 4;

    private final WorkLog log = new WorkLog();

    private void fill() throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (int n = 0; n < EACH; n++) {
                for (int group = 0; group < GROUPS; group++) {
                    TextMessage message = session.createTextMessage(Integer.toString(n));
                    message.setStringProperty("JMSXGroupID", "g" + group);
                    producer.send(message);
                }
            }
            session.commit();
        }
    }

    private boolean isOver() {
        return log.finished() >= GROUPS * EACH || !log.faults().isEmpty();
    }

    private static String group(Message message) throws JMSException {
        return message.getStringProperty("JMSXGroupID");
    }

    private static int numberOf(Message message) throws JMSException {
        return Integer.parseInt(text(message));
    }

    /** Receives a few messages and then acknowledges all of them, or none. */
    private void receiveAndDecide(Session session, Random random, boolean transacted) throws JMSException {
        MessageConsumer consumer = consumer(session, queue);
        Object worker = session;
        while (!isOver()) {
            Map<String, List<Integer>> got = new LinkedHashMap<>();
            Message last = null;
            for (int i = random.nextInt(6); i >= 0; i--) {
                Message message = consumer.receive(20);
                if (message == null) {
                    break;
                }
                last = message;
                log.begin(group(message), numberOf(message), worker);
                got.computeIfAbsent(group(message), g -> new ArrayList<>()).add(numberOf(message));
            }
            if (last == null) {
                continue;
            }
            if (random.nextInt(4) == 0) {
                got.keySet().forEach(log::giveUp);
                if (transacted) {
                    session.rollback();
                } else {
                    session.recover();
                }
            } else {
                got.forEach((group, numbers) -> numbers.forEach(n -> log.finish(group, n)));
                if (transacted) {
                    session.commit();
                } else {
                    last.acknowledge();
                }
            }
        }
        consumer.close();
    }

    /** Acknowledges each message on its own, or gives it back. */
    private void receiveOneByOne(Session session, Random random) throws JMSException {
        MessageConsumer consumer = consumer(session, queue);
        while (!isOver()) {
            Message message = consumer.receive(20);
            if (message == null) {
                continue;
            }
            log.begin(group(message), numberOf(message), session);
            if (random.nextInt(6) == 0) {
                log.giveUp(group(message));
                session.recover();
            } else {
                log.finish(group(message), numberOf(message));
                message.acknowledge();
            }
        }
        consumer.close();
    }

    private void listen(Session session, Random random) throws JMSException {
        consumer(session, queue).setMessageListener(message -> {
            String group = Async.unchecked(() -> group(message));
            int number = Async.unchecked(() -> numberOf(message));
            log.begin(group, number, session);
            if (random.nextInt(20) == 0) {
                log.giveUp(group);
                throw new IllegalArgumentException("cannot work with " + group + "/" + number);
            }
            log.finish(group, number);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void eightConsumersOverTwoEnginesKeepTheOrderOfEachGroup(long seed) throws Exception {
        fill();
        List<CompletableFuture<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SqlmqConnectionFactory engine =
                    factory("maximumRedeliveries=-1", "redeliveryDelay=5", "maximumRedeliveryDelay=40");
            Random random = new Random(seed * 10 + i);
            Session transacted = session(engine, Session.SESSION_TRANSACTED);
            Session client = session(engine, Session.CLIENT_ACKNOWLEDGE);
            Session individual = session(engine, INDIVIDUAL_ACKNOWLEDGE);
            workers.add(Async.run(() -> receiveAndDecide(transacted, new Random(seed + 1), true)));
            workers.add(Async.run(() -> receiveAndDecide(client, new Random(seed + 2), false)));
            workers.add(Async.run(() -> receiveOneByOne(individual, new Random(seed + 3))));
            listen(session(engine, Session.AUTO_ACKNOWLEDGE), random);
        }
        for (CompletableFuture<Boolean> worker : workers) {
            worker.get(150, TimeUnit.SECONDS);
        }
        assertThat(log.faults()).isEmpty();
        assertThat(log.finished()).isEqualTo(GROUPS * EACH);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'") == 0);
    }
}
