package io.sqlmq.benchmarks;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory;

/** ActiveMQ Artemis in this JVM, reached over TCP, with a journal that waits for the disk, as PostgreSQL does. */
final class Broker implements Queues, AutoCloseable {

    private static final int BATCH = 500;
    private static final int SYNCS = 51;

    private final Path directory;
    private final EmbeddedActiveMQ server = new EmbeddedActiveMQ();
    private final ActiveMQJMSConnectionFactory factory;

    private Broker(Path directory, String url) throws Exception {
        this.directory = directory;
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setSecurityEnabled(false);
        configuration.setGracefulShutdownEnabled(false);
        configuration.setJournalDirectory(directory.resolve("journal").toString());
        configuration.setBindingsDirectory(directory.resolve("bindings").toString());
        configuration.setPagingDirectory(directory.resolve("paging").toString());
        configuration.setLargeMessagesDirectory(directory.resolve("large").toString());
        int timeout = syncNanos(directory);
        configuration.setJournalType(AIOSequentialFileFactory.isSupported() ? JournalType.ASYNCIO : JournalType.NIO);
        configuration.setJournalBufferTimeout_AIO(timeout);
        configuration.setJournalBufferTimeout_NIO(timeout);
        configuration.addAcceptorConfiguration("tcp", url);
        configuration.addAddressSetting(
                "#", new AddressSettings().setAutoDeleteQueues(false).setMaxSizeBytes(-1));
        server.setConfiguration(configuration);
        server.start();
        factory = new ActiveMQJMSConnectionFactory(url);
    }

    static Broker start() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        return new Broker(Files.createTempDirectory("sqlmq-benchmark-artemis"), "tcp://127.0.0.1:" + port);
    }

    /** How long the disk takes: what Artemis's own installation measures, and lets commits wait for others. */
    private static int syncNanos(Path directory) throws IOException {
        double[] nanos = new double[SYNCS];
        Path file = directory.resolve("sync");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                channel.write(ByteBuffer.allocate(4096));
                channel.force(false);
                nanos[i] = System.nanoTime() - start;
            }
        }
        Files.delete(file);
        return (int) Quantile.of(nanos, 0.5);
    }

    ConnectionFactory connectionFactory() {
        return factory;
    }

    @Override
    public void refill(int messages, String body) throws Exception {
        for (String name : List.of(Bench.QUEUE, Routing.OUT)) {
            Queue queue = server.getActiveMQServer().locateQueue(name);
            if (queue != null) {
                queue.deleteAllReferences();
            }
        }
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(session.createQueue(Bench.QUEUE))) {
            for (int i = 1; i <= messages; i++) {
                producer.send(session.createTextMessage(body));
                if (i % BATCH == 0 || i == messages) {
                    session.commit();
                }
            }
        }
    }

    @Override
    public long count(String queue) {
        Queue found = server.getActiveMQServer().locateQueue(queue);
        return found == null ? 0 : found.getMessageCount();
    }

    @Override
    public void close() throws Exception {
        factory.close();
        server.stop();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
