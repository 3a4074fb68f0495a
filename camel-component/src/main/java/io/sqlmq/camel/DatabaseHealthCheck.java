package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.util.Map;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/** Whether the database takes work and has the tables: the readiness of all routes of the component. */
final class DatabaseHealthCheck implements HealthCheck {
    private final String id;
    private final SqlmqConnectionFactory factory;
    private volatile boolean enabled = true;

    DatabaseHealthCheck(String id, SqlmqConnectionFactory factory) {
        this.id = id;
        this.factory = factory;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public String getGroup() {
        return "camel";
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** A process whose database is away need not be started anew. */
    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public Result call(Map<String, Object> options) {
        HealthCheckResultBuilder result = HealthCheckResultBuilder.on(this);
        if (!enabled) {
            return result.message("Disabled").unknown().build();
        }
        try {
            factory.checkHealth();
            return result.up().build();
        } catch (JMSException e) {
            return result.down().message(e.getMessage()).error(e).build();
        }
    }
}
