package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However many messages wait for their time, somebody is woken when the next of them is due: the safety poll, which would
 * find them up to a second late, does not run here.
 */
@Tag("slow")
@Timeout(120)
class DueTimesTest extends IntegrationTest {

    private static final Duration IN_TIME = Duration.ofSeconds(30);

    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private SqlmqConnectionFactory process;

    @BeforeEach
    void openWithoutSafetyPoll() {
        setPeriod("safetyPollMillis", 3_600_000);
        process = factory("initialRedeliveryDelay=300");
    }

    private void assertReceived(String... texts) {
        await().atMost(IN_TIME)
                .untilAsserted(() -> assertThat(received).contains(texts).hasSize(texts.length));
    }

    private void listen(@Nullable String selector) throws JMSException {
        Session session = session(process, Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue(queue), selector)
                .setMessageListener(message -> received.add(Async.unchecked(() -> text(message))));
    }

    private void receiveIn(int mode) throws JMSException {
        Session session = session(process, mode);
        MessageConsumer consumer = consumer(session, queue);
        CompletableFuture<Boolean> unused = Async.run(() -> {
            for (Message message = consumer.receive(); message != null; message = consumer.receive()) {
                received.add(text(message));
                if (session.getTransacted()) {
                    session.commit();
                }
            }
        });
    }

    private boolean isRegistered() {
        return number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "'") > 0;
    }

    /** Lets the consumer settle: what it looks for when it begins is no wake-up. */
    private void untilIdle() {
        await().atMost(IN_TIME).until(this::isRegistered);
        await().atMost(IN_TIME)
                .until(() -> number(
                                "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                                        + " AND datname = current_database() AND state_change > clock_timestamp() - interval '150 ms'")
                        == 0);
    }

    private void sendDelayed(SqlmqConnectionFactory from, String kind, long... delays) throws JMSException {
        Session session = session(from, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(kind.equals("NON_PERSISTENT") ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
        for (long delay : delays) {
            Message message = session.createTextMessage(delay + " ms");
            message.setStringProperty("wanted", "yes");
            if (kind.equals("grouped")) {
                message.setStringProperty("JMSXGroupID", "group " + delay % 200);
            }
            producer.setDeliveryDelay(delay);
            producer.send(message);
        }
    }

    static Stream<Arguments> kindsFromBothProcesses() {
        return Stream.of("listener", "several", "selective", "receive", "transacted", "grouped", "NON_PERSISTENT")
                .flatMap(kind -> Stream.of(Arguments.of(kind, true), Arguments.of(kind, false)));
    }

    @ParameterizedTest
    @MethodSource("kindsFromBothProcesses")
    void eachOfManyDelayedMessagesWakesSomebody(String kind, boolean fromHere) throws Exception {
        switch (kind) {
            case "several" -> {
                listen(null);
                listen(null);
                receiveIn(Session.CLIENT_ACKNOWLEDGE);
            }
            case "selective" -> listen("wanted = 'yes'");
            case "receive" -> receiveIn(Session.AUTO_ACKNOWLEDGE);
            case "transacted" -> receiveIn(Session.SESSION_TRANSACTED);
            default -> listen(null);
        }
        untilIdle();
        sendDelayed(fromHere ? process : factory, kind, 500, 200, 401, 400, 300, 600);
        assertReceived("200 ms", "300 ms", "400 ms", "401 ms", "500 ms", "600 ms");
    }

    @Test
    void eachMessageThatBacksOffWakesSomebody() throws Exception {
        Session session = session(process, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        send(process, queue, "1", "2", "3");
        for (int i = 0; i < 3; i++) {
            receive(consumer);
            session.rollback();
        }
        for (int i = 0; i < 3; i++) {
            assertThat(deliveryCount(receive(consumer))).isEqualTo(2);
            session.commit();
        }
    }

    /** What is left of the delay at the commit is less than was announced at the insert. */
    @ParameterizedTest
    @ValueSource(longs = {0, 400})
    void aDelayedMessageOfAnOpenTransactionWakesSomebody(long open) throws Exception {
        listen(null);
        untilIdle();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT mq_send('" + queue + "', 'at once')");
            statement.execute("SELECT mq_send('" + queue + "', 'later', p_delay => '300 ms')");
            statement.execute("SELECT pg_sleep(" + open / 1000.0 + ")");
            connection.commit();
        }
        assertReceived("at once", "later");
    }

    /** Both go to other processes in one notification. */
    @Test
    void aMessageThatIsReadyDoesNotHideADelayedOne() throws Exception {
        listen(null);
        untilIdle();
        for (int i = 0; i < 10; i++) {
            send(factory, queue, "at once");
            sendDelayed(factory, "", 100 + i);
        }
        await().atMost(IN_TIME).untilAsserted(() -> assertThat(received).hasSize(20));
    }

    /** As templates do: a consumer for each receive, and none when the message is sent. */
    @Test
    void aConsumerThatWasNotThereWhenTheMessageWasSentIsWoken() throws Exception {
        Session session = session(process, Session.AUTO_ACKNOWLEDGE);
        try (MessageConsumer consumer = consumer(session, queue)) {
            await().atMost(IN_TIME).until(() -> {
                assertNothingComes(consumer);
                return isRegistered();
            });
            untilIdle();
        }
        sendDelayed(process, "", 600);
        sendDelayed(factory, "", 700);
        for (String expected : new String[] {"600 ms", "700 ms"}) {
            try (MessageConsumer consumer = consumer(session, queue)) {
                assertThat(text(receive(consumer))).isEqualTo(expected);
            }
        }
    }

    @Test
    void amongAHundredThousandThatWaitThoseThatAreDueWakeSomebody() throws Exception {
        factory.createConnection().close(); // creates the tables
        sql(
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at) SELECT gen_random_uuid(), '" + queue
                        + "', 'far', statement_timestamp() + interval '1 h' + n * interval '10 ms'"
                        + " FROM generate_series(1, 100000) n",
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at) SELECT gen_random_uuid(), '" + queue
                        + "', 'near ' || n, statement_timestamp() + interval '1 s' + n * interval '50 ms'"
                        + " FROM generate_series(1, 5) n",
                // Of a process that is gone.
                "INSERT INTO mq_msgs (id, channel_name, payload_text, attempt_at, lease_owner, lease_token)"
                        + " SELECT gen_random_uuid(), '" + queue
                        + "', 'leased', statement_timestamp() + interval '2 s',"
                        + " 2000000000, 1");
        listen(null);
        assertReceived("near 1", "near 2", "near 3", "near 4", "near 5", "leased");
        sql("DELETE FROM mq_msgs WHERE channel_name = '" + queue + "'");
    }

    /** On servers before 17 nothing can be subtracted from infinity. */
    @ParameterizedTest
    @ValueSource(strings = {"mq_msgs", "mq_msgs_unlogged"})
    void amongMessagesThatAreSetAsideThoseThatAreDueWakeSomebody(String table) throws Exception {
        factory.createConnection().close(); // creates the tables
        String group = table.equals("mq_msgs") ? "'g'" : "NULL";
        sql(
                "INSERT INTO " + table + " (id, channel_name, payload_text, attempt_at, set_aside, failure_count)"
                        + " SELECT gen_random_uuid(), '" + queue + "', 'aside', 'infinity', 'test', 1"
                        + " FROM generate_series(1, 3) n",
                "INSERT INTO " + table + " (id, channel_name, payload_text, attempt_at, set_aside, grp, slot)"
                        + " SELECT gen_random_uuid(), '" + queue + "', 'aside', 'infinity', 'test', " + group
                        + ", mq_slot(" + group + ")");
        sql(
                "INSERT INTO " + table + " (id, channel_name, payload_text, attempt_at) SELECT gen_random_uuid(), '"
                        + queue
                        + "', 'near ' || n, statement_timestamp() + interval '1 s' * n FROM generate_series(1, 2) n",
                "INSERT INTO " + table + " (id, channel_name, payload_text, grp, slot) SELECT gen_random_uuid(), '"
                        + queue + "', 'of a group', " + group + ", mq_slot(" + group + ")");
        listen(null); // nobody is told of what was inserted: it looks when it begins
        assertReceived("of a group", "near 1", "near 2");
        assertThat(number("SELECT set_aside FROM mq_queues WHERE queue = '" + queue + "'"))
                .isEqualTo(4);
        sql("DELETE FROM " + table + " WHERE channel_name = '" + queue + "'");
    }
}
