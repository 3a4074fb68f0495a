package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Session;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether the role of a connection factory may receive; otherwise routes would fail every five seconds, and look as if they worked.
 * Thread-safe.
 */
final class ReceivingRight {
    /** Those not to be asked again: where the database is away, a pool may wait long before it says so. */
    private final Set<SqlmqConnectionFactory> asked = ConcurrentHashMap.newKeySet();

    /**
     * Receives where nothing is, which needs the same rights. Without a database the answer is left to the consumers, which wait for it.
     *
     * @throws IllegalArgumentException if the role may not
     */
    void require(SqlmqEndpoint from, SqlmqConnectionFactory factory) {
        if (asked.contains(factory)) {
            return;
        }
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            session.createConsumer(session.createTemporaryQueue()).receiveNoWait();
        } catch (JMSSecurityException e) {
            throw new IllegalArgumentException(
                    "The route from " + from + " cannot receive. " + e.getMessage()
                            + "; or connect as a role that may receive, or do not start the route here (autoStartup)",
                    e);
        } catch (JMSException e) {
            // It passes.
        }
        asked.add(factory);
    }
}
