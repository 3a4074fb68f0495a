package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connection factories that nobody closes, as some adapters make them for each message. */
@Tag("slow")
@Timeout(180)
class DroppedFactoriesTest extends IntegrationTest {

    private static final int FACTORIES = 100;
    private static final int FEW = 60;

    private int connections(String application) {
        return Integer.parseInt(Ledger.value(
                url, "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + application + "'"));
    }

    private void sendWithFactoryOfItsOwn(boolean close) throws JMSException {
        SqlmqConnectionFactory dropped =
                new SqlmqConnectionFactory(urlOn(url, "applicationName=dropped", "schemaManagement=none"));
        Connection connection = dropped.createConnection();
        Session session = connection.createSession();
        session.createProducer(session.createQueue(queue)).send(session.createTextMessage("text"));
        if (close) {
            connection.close();
        }
    }

    @Test
    void theyHoldNothingForLong() throws Exception {
        factory.createConnection().close(); // creates the tables
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int most = 0;
        int threads = Thread.activeCount();
        try {
            for (int i = 0; i < FACTORIES; i++) {
                sendWithFactoryOfItsOwn(i % 2 == 0);
                most = i % 10 == 0 ? Math.max(most, connections("dropped")) : most;
            }
            assertThat(most).isLessThan(FEW);
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                System.gc();
                assertThat(connections("dropped")).isLessThan(FEW / 4);
                assertThat(Thread.activeCount()).isLessThan(threads + FEW);
            });
        } finally {
            System.setErr(err);
        }
        assertThat(said.toString(StandardCharsets.UTF_8).split("was dropped without close", -1))
                .as("once in a process, at most")
                .hasSizeLessThanOrEqualTo(2);
        assertThat(Ledger.value(url, "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isEqualTo(Integer.toString(FACTORIES));
    }

    /** Nobody refers to the factory, the connection, the session or the consumer; but the listener is to be called. */
    private void listenAndDropAll(Queue<Message> heard) throws JMSException {
        SqlmqConnectionFactory dropped =
                new SqlmqConnectionFactory(urlOn(url, "applicationName=kept", "schemaManagement=none"));
        Connection connection = dropped.createConnection();
        connection.start();
        consumer(connection.createSession(), queue).setMessageListener(heard::add);
    }

    private MessageConsumer consumerOfDroppedFactory() throws JMSException {
        Connection connection = new SqlmqConnectionFactory(urlOn(url, "schemaManagement=none")).createConnection();
        connection.start();
        return consumer(connection.createSession(), queue + "-received");
    }

    @Test
    void theirConnectionsGoOnWhileTheyAreOfUse() throws Exception {
        factory.createConnection().close();
        Queue<Message> heard = new ConcurrentLinkedQueue<>();
        listenAndDropAll(heard);
        MessageConsumer consumer = consumerOfDroppedFactory();
        for (int i = 1; i <= 3; i++) {
            for (int round = 0; round < 3; round++) {
                System.gc();
                Thread.sleep(100);
            }
            send("heard");
            send(factory, queue + "-received", "received");
            int expected = i;
            await().until(() -> heard.size() == expected);
            assertThat(text(receive(consumer))).isEqualTo("received");
        }
    }
}
