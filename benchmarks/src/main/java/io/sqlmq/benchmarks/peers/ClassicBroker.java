package io.sqlmq.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnector;
import org.apache.activemq.store.PersistenceAdapter;
import org.apache.activemq.store.jdbc.JDBCPersistenceAdapter;
import org.apache.activemq.store.jdbc.LeaseDatabaseLocker;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;
import org.apache.commons.dbcp2.BasicDataSource;
import org.jspecify.annotations.Nullable;

/**
 * Starts ActiveMQ Classic with its message store KahaDB as it is installed: every send and acknowledgement is synced; or
 * with its JDBC store.
 *
 * @param directory for its files
 * @param jdbcUrl where the JDBC store has its tables, or null for KahaDB
 */
record ClassicBroker(String directory, @Nullable String jdbcUrl) implements Task<String> {

    /** As in the manual's examples, but so that PostgreSQL's 300 connections go round. */
    private static final int CONNECTIONS = 100;

    /** The URL for clients. */
    @Override
    public String run(Desk desk) throws Exception {
        BrokerService broker = new BrokerService();
        broker.setBrokerName("classic");
        broker.setDataDirectory(directory);
        broker.setPersistenceAdapter(jdbcUrl == null ? kahadb() : jdbc(jdbcUrl));
        broker.setSchedulerSupport(true);
        broker.getManagementContext().setCreateConnector(false);
        TransportConnector connector =
                broker.addConnector("tcp://127.0.0.1:0?maximumConnections=1000&wireFormat.maxFrameSize=104857600");
        broker.start();
        if (!broker.waitUntilStarted()) {
            throw new IllegalStateException("ActiveMQ Classic did not start");
        }
        desk.put("broker", broker::stop);
        return "tcp://127.0.0.1:" + connector.getConnectUri().getPort();
    }

    private PersistenceAdapter kahadb() {
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(Path.of(directory, "kahadb").toFile());
        return store;
    }

    private static PersistenceAdapter jdbc(String url) throws IOException {
        BasicDataSource dataSource = new BasicDataSource();
        dataSource.setUrl(url);
        dataSource.setMaxTotal(CONNECTIONS);
        dataSource.setPoolPreparedStatements(true);
        JDBCPersistenceAdapter store = new JDBCPersistenceAdapter();
        store.setDataSource(dataSource);
        // The default keeps a transaction open, so that PostgreSQL can remove no dead rows, not even sqlmq's.
        store.setLocker(new LeaseDatabaseLocker());
        return store;
    }
}
