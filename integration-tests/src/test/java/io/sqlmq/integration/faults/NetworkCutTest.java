package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Consumers whose host vanishes without a word: no packet of theirs arrives any more, not even one that ends things. */
@Tag("faults")
@Timeout(120)
class NetworkCutTest {

    private static final String SPACE = "sqlmq-cut";
    private static final String OURS = "sqlmq-cut0";
    private static final String THEIRS = "sqlmq-cut1";
    private static final String OUR_ADDRESS = "10.213.77.1";
    private static final String THEIR_ADDRESS = "10.213.77.2";
    private static final long NOTICED_MILLIS = 30_000;

    @BeforeEach
    void makeNetwork() throws Exception {
        assumeTrue(ip("netns", "list"), "needs the command ip of iproute2");
        removeNetwork();
        assumeTrue(ip("netns", "add", SPACE), "needs the right to make network namespaces (root)");
        assumeTrue(
                ip("link", "add", OURS, "type", "veth", "peer", "name", THEIRS, "netns", SPACE),
                "needs the right to make virtual network devices (root)");
        assertThat(ip("addr", "add", OUR_ADDRESS + "/24", "dev", OURS)).isTrue();
        assertThat(ip("link", "set", OURS, "up")).isTrue();
        assertThat(ip("-n", SPACE, "addr", "add", THEIR_ADDRESS + "/24", "dev", THEIRS))
                .isTrue();
        assertThat(ip("-n", SPACE, "link", "set", THEIRS, "up")).isTrue();
        assertThat(ip("-n", SPACE, "link", "set", "lo", "up")).isTrue();
    }

    @AfterEach
    void removeNetwork() throws Exception {
        ip("netns", "delete", SPACE);
        ip("link", "delete", OURS);
    }

    private static boolean ip(String... arguments) throws InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no such command
        }
    }

    @Test
    void whatTheyHeldIsRedelivered() throws Exception {
        EmbeddedOptions options = EmbeddedOptions.defaults().setting("listen_addresses", "127.0.0.1," + OUR_ADDRESS);
        try (SqlmqEmbedded server = SqlmqEmbedded.start(options);
                SqlmqConnectionFactory factory = server.connectionFactory();
                Connection connection = factory.createConnection()) {
            Path rules = server.dataDirectory().resolve("pg_hba.conf");
            Files.writeString(rules, "host all all " + THEIR_ADDRESS + "/32 trust\n" + Files.readString(rules));
            Ledger.execute(server.jdbcUrl(), "SELECT pg_reload_conf()");
            connection.start();
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            for (String queue : List.of("locked", "leased")) {
                session.createProducer(session.createQueue(queue)).send(session.createTextMessage(queue));
            }
            String url = server.jdbcUrl().replace("127.0.0.1", OUR_ADDRESS);
            try (ChildJvm transacted = child(url, "locked", Session.SESSION_TRANSACTED, "hold", "1");
                    ChildJvm slow = child(url, "leased", Session.AUTO_ACKNOWLEDGE, "listen")) {
                transacted.awaitLine("holding");
                slow.awaitLine("holding");
                MessageConsumer locked = session.createConsumer(session.createQueue("locked"));
                MessageConsumer leased = session.createConsumer(session.createQueue("leased"));
                assertThat(locked.receive(1_000)).isNull();
                assertThat(leased.receiveNoWait()).isNull();

                assertThat(ip("link", "set", OURS, "down")).isTrue();
                long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(NOTICED_MILLIS);
                assertRedelivered(locked.receive(NOTICED_MILLIS));
                assertRedelivered(leased.receive(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()))));
            }
        }
    }

    private static ChildJvm child(String url, String queue, int mode, String... task) throws IOException {
        String[] arguments = new String[3 + task.length];
        arguments[0] = url;
        arguments[1] = queue;
        arguments[2] = Integer.toString(mode);
        System.arraycopy(task, 0, arguments, 3, task.length);
        return ChildJvm.start(List.of("ip", "netns", "exec", SPACE), ReceivingProgram.class, arguments);
    }

    private static void assertRedelivered(Message message) throws Exception {
        assertThat(message).as("redelivery within %s ms", NOTICED_MILLIS).isNotNull();
        assertThat(message.getJMSRedelivered()).isTrue();
        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
    }
}
