package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jms.config.JmsListenerEndpointRegistry;

/** What the starters' container factories have in common. */
@Configuration(proxyBeanMethods = false)
public final class SqlmqListenerConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SqlmqListenerContainerFactoryConfigurer sqlmqListenerContainerFactoryConfigurer(
            ConfigurableListableBeanFactory beans, Environment environment, SqlmqConnectionFactory factory) {
        return new SqlmqListenerContainerFactoryConfigurer(beans, new SqlmqSettings(environment), factory);
    }

    @Bean
    static ListenerStart sqlmqListenerStart(
            SqlmqConnectionFactory factory,
            SqlmqListenerContainerFactoryConfigurer listeners,
            ObjectProvider<JmsListenerEndpointRegistry> registries) {
        return new ListenerStart(factory, listeners, registries);
    }
}
