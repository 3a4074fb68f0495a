package io.sqlmq.benchmarks.peers;

import java.nio.file.Path;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnector;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/**
 * Starts ActiveMQ Classic with its message store KahaDB as it is installed: every send and acknowledgement is synced.
 *
 * @param directory for its files
 */
record ClassicBroker(String directory) implements Task<String> {

    /** The URL for clients. */
    @Override
    public String run(Desk desk) throws Exception {
        BrokerService broker = new BrokerService();
        broker.setBrokerName("classic");
        broker.setDataDirectory(directory);
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(Path.of(directory, "kahadb").toFile());
        broker.setPersistenceAdapter(store);
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
}
