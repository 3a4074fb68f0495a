package io.sqlmq.camel;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.apache.camel.component.jms.DestinationEndpoint;

/** A temporary topic, which all producers and consumers of the endpoint share. */
public class SqlmqTemporaryTopicEndpoint extends SqlmqEndpoint implements DestinationEndpoint {
    private final TemporaryDestination topic = new TemporaryDestination(Session::createTemporaryTopic);

    /** An endpoint of the component; the name is only for the endpoint. */
    public SqlmqTemporaryTopicEndpoint(
            String uri, SqlmqComponent component, String name, SqlmqConfiguration configuration) {
        super(uri, component, name, true, configuration);
        setDestinationType("temp-topic");
    }

    @Override
    public Destination getJmsDestination(Session session) throws JMSException {
        return topic.get(session);
    }

    @Override
    TemporaryDestination temporary() {
        return topic;
    }
}
