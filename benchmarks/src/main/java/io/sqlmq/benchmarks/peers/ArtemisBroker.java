package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Quantile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.storage.DatabaseStorageConfiguration;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.jspecify.annotations.Nullable;

/**
 * Starts ActiveMQ Artemis with its journal as {@code artemis create} configures it: libaio where it is there, synced, and
 * a buffer that waits as long for others as the disk takes; or with its JDBC store.
 *
 * @param directory for its files
 * @param jdbcUrl where the JDBC store has its tables, or null for the journal
 */
record ArtemisBroker(String directory, @Nullable String jdbcUrl) implements Task<String> {

    private static final int SYNCS = 101;

    /** The URL for clients. */
    @Override
    public String run(Desk desk) throws Exception {
        Path home = Files.createDirectories(Path.of(directory));
        boolean libaio = AIOSequentialFileFactory.isSupported();
        int timeout = syncNanos(home);
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setName("artemis");
        configuration.setSecurityEnabled(false);
        configuration.setGracefulShutdownEnabled(false);
        configuration.setJournalDirectory(home.resolve("journal").toString());
        configuration.setBindingsDirectory(home.resolve("bindings").toString());
        configuration.setPagingDirectory(home.resolve("paging").toString());
        configuration.setLargeMessagesDirectory(home.resolve("large-messages").toString());
        configuration.setJournalType(libaio ? JournalType.ASYNCIO : JournalType.NIO);
        configuration.setJournalBufferTimeout_AIO(timeout);
        configuration.setJournalBufferTimeout_NIO(timeout);
        configuration.setJournalMaxIO_AIO(4096);
        configuration.setJournalMaxIO_NIO(1);
        configuration.setJournalPoolFiles(10);
        if (jdbcUrl != null) {
            DatabaseStorageConfiguration database = new DatabaseStorageConfiguration();
            database.setJdbcDriverClassName("org.postgresql.Driver");
            database.setJdbcConnectionUrl(jdbcUrl);
            configuration.setStoreConfiguration(database);
        }
        configuration.addAcceptorConfiguration(
                "tcp",
                "tcp://127.0.0.1:" + freePort()
                        + "?tcpSendBufferSize=1048576;tcpReceiveBufferSize=1048576;useEpoll=true;protocols=CORE");
        AddressSettings settings = new AddressSettings();
        settings.setRedeliveryDelay(0);
        settings.setMaxSizeBytes(-1);
        settings.setMaxSizeMessages(-1);
        settings.setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE);
        settings.setAutoDeleteQueues(false);
        settings.setAutoDeleteAddresses(false);
        configuration.addAddressSetting("#", settings);
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(configuration);
        broker.start();
        desk.put("broker", broker::stop);
        System.err.println("journal " + configuration.getJournalType() + ", " + timeout + " ns for a sync");
        Object port = configuration
                .getAcceptorConfigurations()
                .iterator()
                .next()
                .getParams()
                .get("port");
        return "tcp://127.0.0.1:" + port;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** How long the disk takes to write a block: what {@code artemis create} measures for the buffer's time-out. */
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
}
