package io.sqlmq.benchmarks.peers;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.Serializable;

/**
 * Where messages go: some queues, or a topic.
 *
 * @param name of the one, or what the names of several begin with
 * @param topic a topic rather than a queue
 * @param count how many destinations
 */
record Place(String name, boolean topic, int count) implements Serializable {

    static Place queue(String name) {
        return new Place(name, false, 1);
    }

    /** One of the destinations; further ones than there are begin anew. */
    Destination destination(Session session, int index) throws JMSException {
        String full = count == 1 ? name : name + "." + index % count;
        return topic ? session.createTopic(full) : session.createQueue(full);
    }
}
