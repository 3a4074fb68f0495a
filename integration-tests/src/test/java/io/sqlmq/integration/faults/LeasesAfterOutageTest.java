package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The database is away for longer than a lease lasts while a listener works on a message, and so every lease has run out
 * when it is back. The message stays with the process that works on it: neither that process nor another begins it again.
 */
@Tag("faults")
@Timeout(120)
class LeasesAfterOutageTest {

    private static final int LEASE_MILLIS = 2_000;
    private static final int AWAY_MILLIS = LEASE_MILLIS + 500;

    /** How the database is away. */
    private enum Outage {
        CRASH {
            @Override
            void happen() throws Exception {
                server.crash();
                Thread.sleep(AWAY_MILLIS);
                server.startAgain();
            }
        },
        /** No connection breaks. */
        FREEZE {
            @Override
            void happen() throws Exception {
                server.freeze();
                Thread.sleep(AWAY_MILLIS);
                server.thaw();
            }
        },
        /** Some statements are answered. */
        LOCK {
            @Override
            void happen() throws Exception {
                try (java.sql.Connection other = DriverManager.getConnection(server.jdbcUrl())) {
                    other.setAutoCommit(false);
                    other.createStatement().execute("LOCK TABLE mq_msgs");
                    Thread.sleep(AWAY_MILLIS);
                    other.commit();
                }
            }
        };

        abstract void happen() throws Exception;
    }

    @TempDir
    static Path directory;

    private static RestartableServer server;

    @BeforeAll
    static void startServer() throws Exception {
        server = RestartableServer.start(directory.resolve("data"));
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private final CountDownLatch done = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        done.countDown();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    /** Another process, as far as the database knows; its consumers work until the latch is down. */
    private void startProcess(String name, String queue, int consumers) throws Exception {
        SqlmqConnectionFactory factory = new SqlmqConnectionFactory(
                server.jdbcUrl() + "&sqlmq.schemaManagement=migrate&sqlmq.leaseTime=" + LEASE_MILLIS);
        opened.push(factory);
        Connection connection = factory.createConnection();
        opened.push(connection);
        connection.setExceptionListener(ignoring());
        for (int i = 0; i < consumers; i++) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue(queue))
                    .setMessageListener(message -> Async.unchecked(() -> {
                        heard.add(name + " " + message.getBody(String.class));
                        done.await();
                        return true;
                    }));
        }
        connection.start();
    }

    private static ExceptionListener ignoring() {
        return e -> assertThat(e).isNotNull();
    }

    @ParameterizedTest
    @EnumSource(Outage.class)
    void aMessageStaysWithTheProcessThatWorksOnIt(Outage outage) throws Exception {
        String queue = "outage-" + outage;
        String leases = "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue
                + "' AND attempt_at > clock_timestamp() AND lease_owner IS NOT NULL";
        startProcess("first", queue, 2);
        try (SqlmqConnectionFactory sender = new SqlmqConnectionFactory(server.jdbcUrl());
                Connection connection = sender.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            session.createProducer(session.createQueue(queue)).send(session.createTextMessage("one"));
        }
        await().until(() -> Ledger.value(server.jdbcUrl(), leases).equals("1"));
        startProcess("second", queue, 2);
        // A process that has just started is patient; this one is not any more.
        Thread.sleep(5_500);
        outage.happen();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> heard.size() > 1
                        || Ledger.value(server.jdbcUrl(), leases).equals("1"));
        Thread.sleep(LEASE_MILLIS + 500);
        assertThat(heard).containsExactly("first one");
        done.countDown();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Ledger.value(
                                server.jdbcUrl(), "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'")
                        .equals("0"));
        assertThat(heard).containsExactly("first one");
    }
}
