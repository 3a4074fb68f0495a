package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** The endpoint, where there is an actuator. */
@AutoConfiguration(after = SqlmqAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnSingleCandidate(SqlmqConnectionFactory.class)
@ConditionalOnAvailableEndpoint(SqlmqEndpoint.class)
public final class SqlmqEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SqlmqEndpoint sqlmqEndpoint(SqlmqConnectionFactory factory) {
        return new SqlmqEndpoint(factory);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(SqlmqEndpoint.class)
    SqlmqEndpointWebExtension sqlmqEndpointWebExtension(SqlmqEndpoint endpoint) {
        return new SqlmqEndpointWebExtension(endpoint);
    }

    @Bean
    @ConditionalOnBean(SqlmqEndpoint.class)
    SqlmqEndpointWebExtension.KnownOnly sqlmqEndpointKnownOnly() {
        return new SqlmqEndpointWebExtension.KnownOnly();
    }
}
