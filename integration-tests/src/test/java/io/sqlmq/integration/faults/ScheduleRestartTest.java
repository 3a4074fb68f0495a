package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repeated messages (AMQ_SCHEDULED_PERIOD), and the server is restarted between two of them or in the middle of one. */
@Tag("faults")
@Timeout(90)
class ScheduleRestartTest {

    private static final Duration RESTARTED = Duration.ofSeconds(30);
    private static final AtomicInteger QUEUES = new AtomicInteger();

    /**
     * What a transaction that sends a scheduled message does to the schedule says for which time it sent. It can be held
     * up there, where the message is written.
     */
    private static final String[] LOG_TIMES = {
        "CREATE TABLE IF NOT EXISTS times (due timestamptz)",
        "TRUNCATE times",
        """
        CREATE OR REPLACE FUNCTION log_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock_shared(42);
          INSERT INTO times VALUES (OLD.next_at);
          RETURN NULL;
        END
        $$""",
        "CREATE OR REPLACE TRIGGER log_time AFTER UPDATE OR DELETE ON mq_schedules"
                + " FOR EACH ROW EXECUTE FUNCTION log_time()"
    };

    @TempDir
    static Path directory;

    private static RestartableServer server;

    private final String queue = "schedule-" + QUEUES.incrementAndGet();
    /** The identifiers of what was received: what the restart lets come again is the same message. */
    private final Set<String> received = ConcurrentHashMap.newKeySet();

    private final Deque<AutoCloseable> processes = new ArrayDeque<>();

    @BeforeAll
    static void startServer() throws Exception {
        server = RestartableServer.start(directory.resolve("data"));
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void logTimes() throws Exception {
        try (SqlmqConnectionFactory migrating = process()) {
            migrating.createContext().close();
        }
        Ledger.execute(server.jdbcUrl(), LOG_TIMES);
    }

    @AfterEach
    void closeProcesses() throws Exception {
        while (!processes.isEmpty()) {
            processes.pop().close();
        }
    }

    private static SqlmqConnectionFactory process() {
        return new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate");
    }

    private void consumeInAProcess() throws Exception {
        SqlmqConnectionFactory factory = process();
        processes.push(factory);
        Connection connection = factory.createConnection();
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue(queue))
                .setMessageListener(message -> Async.unchecked(() -> received.add(message.getJMSMessageID())));
        connection.start();
    }

    private void schedule(long period, int messages) throws Exception {
        try (SqlmqConnectionFactory factory = process();
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            Message message = session.createMessage();
            message.setLongProperty("AMQ_SCHEDULED_PERIOD", period);
            message.setIntProperty("AMQ_SCHEDULED_REPEAT", messages - 1);
            session.createProducer(session.createQueue(queue)).send(message);
        }
    }

    private static long count(String query) {
        return Long.parseLong(Ledger.value(server.jdbcUrl(), query));
    }

    private static void restart(String how) throws Exception {
        if (how.equals("crash")) {
            server.crash();
        } else {
            server.stop();
        }
        server.startAgain();
    }

    /** All have come, no more come, and no two for the same time. */
    private void assertAllAndNoneTwice(int messages) {
        await().atMost(RESTARTED).until(() -> received.size() >= messages);
        await().during(Duration.ofMillis(500))
                .until(() -> received.size() == messages && count("SELECT count(*) FROM mq_schedules") == 0);
        assertThat(count("SELECT count(*) FROM times")).isEqualTo(messages);
        assertThat(count("SELECT count(DISTINCT due) FROM times")).isEqualTo(messages);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crash", "stop"})
    void goesOnInTheProcessesThatWereThereAndNoTimeComesTwice(String how) throws Exception {
        consumeInAProcess();
        consumeInAProcess();
        schedule(30, 100);
        await().until(() -> received.size() >= 20);
        restart(how);
        await().atMost(RESTARTED).until(() -> received.size() >= 40);
        try (java.sql.Connection holdingUp = DriverManager.getConnection(server.jdbcUrl());
                Statement statement = holdingUp.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(42)");
            await().until(() -> count("SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = 42") > 0);
            restart(how);
        }
        assertThat(received).hasSizeLessThan(100);
        assertAllAndNoneTwice(100);
    }

    @Test
    void whatWasMissedComesOnceAndTheRestAfterIt() throws Exception {
        schedule(200, 6);
        restart("crash");
        await().until(() -> count("SELECT count(*) FROM mq_schedules"
                        + " WHERE next_at < statement_timestamp() - interval '600 ms'")
                == 1);
        consumeInAProcess();
        assertAllAndNoneTwice(6);
        assertThat(count("SELECT (extract(epoch FROM max(due) - min(due)) * 1000)::integer FROM times"))
                .as("milliseconds from the first to the last, with at least three that were missed")
                .isGreaterThan(7 * 200);
    }
}
