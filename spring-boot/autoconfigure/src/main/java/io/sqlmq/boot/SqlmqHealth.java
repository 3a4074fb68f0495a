package io.sqlmq.boot;

import io.sqlmq.jms.DatabaseReach;
import io.sqlmq.jms.QueueDepth;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.core.env.Environment;

/** What the health indicators of Boot 4 and Boot 3 say. */
public final class SqlmqHealth {
    /** Whether the health tells how many messages there are. */
    static final String QUEUES = "management.health.sqlmq.queues";

    private final SqlmqConnectionFactory factory;
    private final boolean queues;

    /** The health of a connection factory. */
    public SqlmqHealth(SqlmqConnectionFactory factory, Environment environment) {
        this.factory = factory;
        this.queues = environment.getProperty(QUEUES, Boolean.class, false);
    }

    /**
     * How the database is reached, also while it is away. Asks nothing.
     *
     * @return details
     */
    public Map<String, Object> reach() throws JMSException {
        DatabaseReach reach = factory.reach();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("listen", reach.listening().name().toLowerCase(Locale.ROOT));
        details.put("ownConnections", reach.ownConnections());
        Instant since = reach.downSince();
        if (since != null) {
            details.put("downSince", since);
            details.put("downBecause", String.valueOf(reach.downBecause()));
        }
        return details;
    }

    /**
     * Asks the database, and waits for a few seconds at most.
     *
     * @return details
     * @throws JMSException if it does not take work
     */
    public Map<String, Object> details() throws JMSException {
        factory.checkHealth();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("schema", factory.getOptions().getSchema());
        String version = factory.schemaVersion();
        if (version != null) {
            details.put("version", version);
        }
        if (queues) {
            details.put("queues", byName());
        }
        return details;
    }

    private Map<String, Object> byName() throws JMSException {
        Map<String, Object> byName = new LinkedHashMap<>();
        for (QueueDepth depth : factory.admin().queues()) {
            Map<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("messages", depth.total());
            Instant oldest = depth.oldest();
            if (oldest != null) {
                numbers.put(
                        "oldestSeconds", Duration.between(oldest, Instant.now()).toSeconds());
            }
            byName.put(depth.queue(), numbers);
        }
        return byName;
    }
}
