package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.OutcomeUnknownJmsException;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server crashes or is restarted while 4 producers and 4 consumers run. */
@Tag("faults")
@Timeout(90)
class ServerRestartTest {

    private static final int PAIRS = 4;
    private static final String LEFT = """
            SELECT concat_ws(' ', payload_text, 'deliveries', delivery_count, 'failures', failure_count, 'due',
                             attempt_at - statement_timestamp(), 'lease', lease_owner, 'xmax', xmax)
              FROM mq_msgs WHERE channel_name = '%s'""";
    private static final AtomicInteger QUEUES = new AtomicInteger();

    @TempDir
    static Path directory;

    private static RestartableServer server;

    @BeforeAll
    static void startServer() throws Exception {
        server = RestartableServer.start(directory.resolve("data"));
    }

    /** Also after a failure, or they would note their surprise without end. */
    @AfterEach
    void stopProducingAndConsuming() {
        producing.set(false);
        consuming.set(false);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private final String queue = "restart-" + QUEUES.incrementAndGet();
    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final AtomicBoolean consuming = new AtomicBoolean(true);
    private final AtomicInteger numbers = new AtomicInteger();
    /** Sent for certain. */
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    /** May have been sent: the exception said so. */
    private final Set<String> doubtful = ConcurrentHashMap.newKeySet();

    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();
    private final AtomicLong lastReceived = new AtomicLong();

    private static SqlmqConnectionFactory factory(String options) {
        return new SqlmqConnectionFactory(server.jdbcUrl()
                + "&sqlmq.schemaManagement=migrate&sqlmq.maximumRedeliveries=-1&sqlmq.redeliveryDelay=50" + options);
    }

    private Thread start(Runnable body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (RuntimeException | AssertionError e) {
                surprises.add(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    // Producers

    private void produce(Session session, boolean transacted) {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            while (producing.get()) {
                List<String> batch = new ArrayList<>();
                try {
                    for (int i = 0; i < (transacted ? 3 : 1); i++) {
                        String text = Integer.toString(numbers.incrementAndGet());
                        batch.add(text);
                        producer.send(session.createTextMessage(text));
                    }
                    if (transacted) {
                        session.commit();
                    }
                    sent.addAll(batch);
                } catch (OutcomeUnknownJmsException e) {
                    doubtful.addAll(batch);
                } catch (JMSException e) {
                    // Not sent, as the exception says; what was sent in a transaction is undone by its rollback.
                    if (transacted) {
                        assertThat(e).isInstanceOf(TransactionRolledBackException.class);
                    }
                }
            }
        } catch (JMSException e) {
            surprises.add(e);
        }
    }

    // Consumers

    private void got(String text) {
        received.add(text);
        lastReceived.set(System.nanoTime());
    }

    /** Receives; what is received in a transaction counts when that is committed, and is written down in it. */
    private void consume(Session session, int mode) {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            while (consuming.get()) {
                try {
                    Message message = consumer.receive(200);
                    if (message == null) {
                        continue;
                    }
                    String text = message.getBody(String.class);
                    switch (mode) {
                        case Session.SESSION_TRANSACTED -> {
                            writeDown(session, text);
                            session.commit();
                        }
                        case Session.CLIENT_ACKNOWLEDGE, 4 -> {
                            got(text);
                            message.acknowledge();
                        }
                        default -> got(text);
                    }
                    lastReceived.set(System.nanoTime());
                } catch (JMSException e) {
                    if (mode == Session.SESSION_TRANSACTED) {
                        rollback(session);
                    } else if (!isOutage(e)) {
                        surprises.add(e);
                    }
                }
            }
        } catch (JMSException e) {
            surprises.add(e);
        }
    }

    private static boolean isOutage(JMSException e) {
        String code = e.getErrorCode();
        return code != null && (code.startsWith("08") || code.startsWith("57P"));
    }

    /** As applications do after a failure, be it for nothing. */
    private void rollback(Session session) {
        try {
            session.rollback();
        } catch (JMSException e) {
            assertThat(e).hasMessageContaining("cannot be reached");
        }
    }

    private static void writeDown(Session session, String text) throws JMSException {
        try (PreparedStatement insert =
                SqlmqTransactions.connection(session).prepareStatement("INSERT INTO ledger VALUES (?)")) {
            insert.setString(1, text);
            insert.execute();
        } catch (SQLException e) {
            throw new JMSException(e.getMessage());
        }
    }

    private void run(SqlmqConnectionFactory factory, int mode, boolean listeners, Restart restart) throws Exception {
        List<Thread> producers = new ArrayList<>();
        List<Thread> consumers = new ArrayList<>();
        try (Connection connection = factory.createConnection()) {
            connection.start();
            boolean transacted = mode == Session.SESSION_TRANSACTED;
            for (int i = 0; i < PAIRS; i++) {
                Session producer = connection.createSession(transacted ? mode : Session.AUTO_ACKNOWLEDGE);
                producers.add(start(() -> produce(producer, transacted)));
                Session consumer = connection.createSession(mode);
                if (listeners) {
                    consumer.createConsumer(consumer.createQueue(queue)).setMessageListener(this::listen);
                } else {
                    consumers.add(start(() -> consume(consumer, mode)));
                }
            }
            await().until(() -> sent.size() > 200 && lastReceived.get() != 0);
            restart.run();
            long up = System.nanoTime();
            int before = sent.size();
            await().pollInterval(Duration.ofMillis(10))
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> lastReceived.get() > up && sent.size() > before);
            assertThat(Duration.ofNanos(lastReceived.get() - up))
                    .as("time until consumers are back")
                    .isLessThan(Duration.ofSeconds(10));
            await().until(() -> sent.size() > before + 50);
            producing.set(false);
            for (Thread producer : producers) {
                producer.join();
            }
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(surprises).isEmpty();
                assertThat(Ledger.texts(server.jdbcUrl(), LEFT.formatted(queue)))
                        .as("what nobody receives")
                        .isEmpty();
            });
            consuming.set(false);
            for (Thread consumer : consumers) {
                consumer.join();
            }
        }
        assertThat(surprises).isEmpty();
    }

    private void listen(Message message) {
        try {
            got(message.getBody(String.class));
        } catch (JMSException e) {
            surprises.add(e);
        }
    }

    /** Ends the server and starts it again. */
    private interface Restart {
        void run() throws Exception;
    }

    private static Restart restart(String how) {
        return () -> {
            if (how.equals("crash")) {
                server.crash();
            } else {
                server.stop();
            }
            server.startAgain();
        };
    }

    private static long count(String query) {
        return Long.parseLong(Ledger.value(server.jdbcUrl(), query));
    }

    private Map<String, Integer> times() {
        Map<String, Integer> times = new HashMap<>();
        received.forEach(text -> times.merge(text, 1, Integer::sum));
        return times;
    }

    private void assertNothingIsLost(Set<String> arrived) {
        assertThat(arrived).containsAll(sent);
        Set<String> known = ConcurrentHashMap.newKeySet();
        known.addAll(sent);
        known.addAll(doubtful);
        assertThat(known).containsAll(arrived);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crash", "stop"})
    void transactedWorkIsNeitherLostNorDoubled(String how) throws Exception {
        try (SqlmqConnectionFactory factory = factory("")) {
            factory.createContext().close();
            Ledger.execute(server.jdbcUrl(), "CREATE TABLE IF NOT EXISTS ledger (text text)", "TRUNCATE ledger");
            run(factory, Session.SESSION_TRANSACTED, false, restart(how));
            Set<String> written = Ledger.texts(server.jdbcUrl(), "SELECT text FROM ledger");
            assertThat(count("SELECT count(*) FROM ledger"))
                    .as("entries, each message once")
                    .isEqualTo(written.size());
            assertNothingIsLost(written);
        }
    }

    /** Each consumer may get its last message twice; ackSync is for acknowledgements that survive a crash. */
    @ParameterizedTest
    @CsvSource({
        "crash, 1, false",
        "stop, 1, false",
        "crash, 1, true",
        "stop, 1, true",
        "crash, 2, false",
        "crash, 4, false"
    })
    void whatIsReceivedOneByOneIsNotLostAndOnlyTheLastDoubled(String how, int mode, boolean listeners)
            throws Exception {
        try (SqlmqConnectionFactory factory = factory("&sqlmq.ackSync=true")) {
            run(factory, mode, listeners, restart(how));
            Map<String, Integer> times = times();
            assertNothingIsLost(times.keySet());
            List<String> doubled =
                    times.keySet().stream().filter(text -> times.get(text) > 1).toList();
            assertThat(times.values()).allMatch(count -> count <= 2);
            // A listener's last millisecond of work is one message only if it is slow; here it is some.
            assertThat(doubled).hasSizeLessThanOrEqualTo(listeners ? PAIRS * 100 : PAIRS);
        }
    }

    @Test
    void dupsOkLosesNothing() throws Exception {
        try (SqlmqConnectionFactory factory = factory("")) {
            run(factory, Session.DUPS_OK_ACKNOWLEDGE, false, restart("crash"));
            assertNothingIsLost(times().keySet());
        }
    }

    @Test
    void waitingConsumersAreBackAndTheExceptionListenerHears() throws Exception {
        try (SqlmqConnectionFactory factory = factory("");
                Connection connection = factory.createConnection()) {
            Queue<JMSException> heard = new ConcurrentLinkedQueue<>();
            connection.setExceptionListener(heard::add);
            connection.start();
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue(queue)).setMessageListener(this::listen);
            Session blocked = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer waiting = blocked.createConsumer(blocked.createQueue(queue + "-receive"));
            Thread receiver = start(() -> receiveOne(waiting));
            await().until(() ->
                    receiver.getState() == Thread.State.TIMED_WAITING || receiver.getState() == Thread.State.WAITING);
            await().until(() -> count("SELECT count(*) FROM mq_waiters") >= 2);

            server.crash();
            await().untilAsserted(() -> assertThat(heard).isNotEmpty());
            assertThat(heard.peek()).hasMessageContaining("cannot be reached");
            server.startAgain();
            long up = System.nanoTime();
            // From another process, so that nothing in this one wakes them.
            Ledger.execute(
                    server.jdbcUrl(),
                    "SELECT mq_send('" + queue + "', 'listener')",
                    "SELECT mq_send('" + queue + "-receive', 'receive')");
            await().pollInterval(Duration.ofMillis(10)).until(() -> received.size() == 2);
            assertThat(Duration.ofNanos(System.nanoTime() - up))
                    .as("time until waiting consumers are back; usually below 2 s")
                    .isLessThan(Duration.ofSeconds(8));
            assertThat(received).containsExactlyInAnyOrder("listener", "receive");
            assertThat(heard).as("one outage is one report").hasSize(1);
        }
    }

    private void receiveOne(MessageConsumer consumer) {
        try {
            Message message = consumer.receive(60_000);
            got(message == null ? "nothing" : message.getBody(String.class));
        } catch (JMSException e) {
            surprises.add(e);
        }
    }

    @Test
    void aTransactionThatTheCrashUndidIsReportedByItsCommitAndTheNextOneWorks() throws Exception {
        try (SqlmqConnectionFactory factory = factory("");
                Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            MessageConsumer consumer = crashAmidTransaction(session, producer);
            assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
            Message again = consumer.receive(5_000);
            assertThat(again).isNotNull(); // counted or not: the mark of the lock may not have reached the disk
            assertThat(again.getBody(String.class)).isEqualTo("first");
            producer.send(session.createTextMessage("second"));
            session.commit();
            assertThat(consumer.receive(5_000).getBody(String.class)).isEqualTo("second");
            session.commit();
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    /** The session has received "first" and sent "undone" when the server crashes; it has started again. */
    private MessageConsumer crashAmidTransaction(Session session, MessageProducer producer) throws Exception {
        producer.send(session.createTextMessage("first"));
        session.commit();
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
        assertThat(consumer.receive(5_000)).isNotNull();
        producer.send(session.createTextMessage("undone"));
        server.crash();
        server.startAgain();
        return consumer;
    }

    /** The number of a transaction that left no trace on the disk is given to another after the crash. */
    @Test
    void aTransactionThatTheCrashUndidIsNotTakenForTheOneThatGotItsNumber() throws Exception {
        try (SqlmqConnectionFactory factory = factory("");
                SqlmqConnectionFactory others = factory("");
                Connection connection = factory.createConnection();
                Connection other = others.createConnection()) {
            connection.start();
            other.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            MessageConsumer consumer = crashAmidTransaction(session, producer);
            Session elsewhere = other.createSession(Session.SESSION_TRANSACTED);
            Message again =
                    elsewhere.createConsumer(elsewhere.createQueue(queue)).receive(20_000);
            assertThat(again).isNotNull();
            elsewhere.commit();
            for (int i = 0; i < 20; i++) {
                Ledger.execute(server.jdbcUrl(), "SELECT pg_current_xact_id()");
            }
            assertThatThrownBy(session::commit).isInstanceOf(JMSException.class);
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }
}
