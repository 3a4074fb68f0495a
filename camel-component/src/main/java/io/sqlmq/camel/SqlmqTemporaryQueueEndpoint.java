package io.sqlmq.camel;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.apache.camel.component.jms.DestinationEndpoint;
import org.apache.camel.component.jms.QueueBrowseStrategy;

/** A temporary queue, which all producers and consumers of the endpoint share. */
public class SqlmqTemporaryQueueEndpoint extends SqlmqQueueEndpoint implements DestinationEndpoint {
    private final TemporaryDestination queue = new TemporaryDestination(Session::createTemporaryQueue);

    /** An endpoint of the component; the name is only for the endpoint. */
    public SqlmqTemporaryQueueEndpoint(
            String uri,
            SqlmqComponent component,
            String name,
            SqlmqConfiguration configuration,
            QueueBrowseStrategy browsing) {
        super(uri, component, name, configuration, browsing);
        setDestinationType("temp-queue");
    }

    @Override
    public Destination getJmsDestination(Session session) throws JMSException {
        return queue.get(session);
    }

    @Override
    TemporaryDestination temporary() {
        return queue;
    }
}
