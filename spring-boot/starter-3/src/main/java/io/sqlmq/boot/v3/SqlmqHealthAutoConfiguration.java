package io.sqlmq.boot.v3;

import io.sqlmq.boot.SqlmqAutoConfiguration;
import io.sqlmq.boot.SqlmqHealth;
import io.sqlmq.jms.SqlmqConnectionFactory;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The health {@code sqlmq}, where there is an actuator. */
@AutoConfiguration(after = SqlmqAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnSingleCandidate(SqlmqConnectionFactory.class)
@ConditionalOnEnabledHealthIndicator("sqlmq")
public final class SqlmqHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = {"sqlmqHealthIndicator", "sqlmqHealthContributor"})
    HealthIndicator sqlmqHealthIndicator(SqlmqConnectionFactory factory, Environment environment) {
        return new SqlmqHealthIndicator(new SqlmqHealth(factory, environment));
    }
}
