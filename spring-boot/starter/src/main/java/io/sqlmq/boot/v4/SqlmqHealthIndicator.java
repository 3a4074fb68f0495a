package io.sqlmq.boot.v4;

import io.sqlmq.boot.SqlmqHealth;
import jakarta.jms.JMSException;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Says whether the database takes work. */
final class SqlmqHealthIndicator extends AbstractHealthIndicator {
    private final SqlmqHealth health;

    SqlmqHealthIndicator(SqlmqHealth health) {
        super("sqlmq is not well");
        this.health = health;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) throws JMSException {
        builder.withDetails(health.reach());
        builder.up().withDetails(health.details());
    }
}
