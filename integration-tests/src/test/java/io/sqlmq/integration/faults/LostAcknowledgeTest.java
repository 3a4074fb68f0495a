package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

/**
 * The server loses, in a crash, the acknowledgement of a message that was under a lease, which may happen because its commit does
 * not wait for the disk. The row is back with the lease of a process that lives and knows nothing of it.
 */
@Tag("faults")
@Timeout(90)
class LostAcknowledgeTest {

    private static final int INDIVIDUAL = 4;

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

    private SqlmqConnectionFactory factory;
    private Connection connection;

    /** A process that has a lease besides and would have it for minutes. */
    @BeforeEach
    void connect() throws Exception {
        factory =
                new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate&sqlmq.leaseTime=600000");
        connection = factory.createConnection();
        connection.start();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        factory.close();
        Ledger.execute(server.jdbcUrl(), "DELETE FROM mq_msgs");
    }

    private MessageConsumer consumer(int mode, String queue) throws Exception {
        Session session = connection.createSession(mode);
        return session.createConsumer(session.createQueue(queue));
    }

    private void send(String queue, String text) throws Exception {
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
        }
    }

    private void holdALease() throws Exception {
        send("held", "held");
        assertThat(consumer(INDIVIDUAL, "held").receive(10_000)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theMessageComesAgainSoonAfterTheCrash(boolean holdsAnother) throws Exception {
        String queue = "lost-" + holdsAnother;
        if (holdsAnother) {
            holdALease();
        }
        MessageConsumer consumer = consumer(INDIVIDUAL, queue);
        String left = "SELECT payload_text FROM mq_msgs WHERE channel_name = '" + queue + "'";
        do { // until no other commit has brought the acknowledgement to the disk
            send(queue, "one");
            Message message = consumer.receive(10_000);
            send("other", "flushes the lease to the disk");
            message.acknowledge();
            assertThat(Ledger.value(server.jdbcUrl(), left)).isEmpty();
            server.crash();
            server.startAgain();
        } while (Ledger.value(server.jdbcUrl(), left).isEmpty());
        Message again = consumer.receive(30_000);
        assertThat(again).as("the message whose acknowledgement was lost").isNotNull();
        assertThat(again.getJMSRedelivered()).isTrue();
        again.acknowledge();
    }

    /** The row is put back without a crash that the process could hear of. */
    @Test
    void theMessageComesAgainAlthoughTheProcessHasNotNoticedAnything() throws Exception {
        try (SqlmqConnectionFactory brief = new SqlmqConnectionFactory(
                        server.jdbcUrl() + "&sqlmq.schemaManagement=migrate&sqlmq.leaseTime=3000");
                Connection other = brief.createConnection()) {
            other.start();
            Session session = other.createSession(INDIVIDUAL);
            send("brief-held", "held");
            assertThat(session.createConsumer(session.createQueue("brief-held")).receive(10_000))
                    .isNotNull();
            send("brief", "one");
            Queue<String> received = new ConcurrentLinkedQueue<>();
            session.createConsumer(session.createQueue("brief")).setMessageListener(message -> {
                Async.unchecked(() -> {
                    Ledger.execute(
                            server.jdbcUrl(),
                            "CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM mq_msgs WHERE channel_name = 'brief'");
                    message.acknowledge();
                    return received.add(message.getBody(String.class));
                });
            });
            await().until(() -> received.size() == 1);
            Ledger.execute(server.jdbcUrl(), "INSERT INTO mq_msgs SELECT * FROM kept");
            await().atMost(Duration.ofSeconds(30)).until(() -> received.size() == 2);
        }
    }
}
