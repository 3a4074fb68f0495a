package io.sqlmq.tck.provider;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.XAConnectionFactory;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQXAConnectionFactory;

/** ActiveMQ Artemis in this JVM, without a disk: a second opinion, so that a wrong test is found. */
public final class ArtemisProvider implements Provider {

    private static final String URL = "vm://0";

    private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
    private static final String OPTIONS =
            "?blockOnNonDurableSend=true&blockOnAcknowledge=true&minLargeMessageSize=100000000&callTimeout=10000";

    private final ActiveMQJMSConnectionFactory factory = new ActiveMQJMSConnectionFactory(URL + OPTIONS);
    private final ActiveMQXAConnectionFactory xaFactory = new ActiveMQXAConnectionFactory(URL + OPTIONS);

    @Override
    public String name() {
        return "artemis";
    }

    @Override
    public void start() throws Exception {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setPersistenceEnabled(false);
        configuration.setSecurityEnabled(false);
        configuration.setGracefulShutdownEnabled(false);
        configuration.setMessageExpiryScanPeriod(1_000);
        configuration.addAcceptorConfiguration("in-vm", URL);
        configuration.addAddressSetting("#", new AddressSettings().setRedeliveryDelay(0));
        broker.setConfiguration(configuration);
        broker.start();
    }

    @Override
    public ConnectionFactory connectionFactory() {
        return factory;
    }

    @Override
    public XAConnectionFactory xaConnectionFactory() {
        return xaFactory;
    }
}
