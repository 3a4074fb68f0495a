package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
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
            ConfigurableListableBeanFactory beans,
            Environment environment,
            ConnectionFactory primary,
            ObjectProvider<SqlmqConnectionFactory> declared) {
        SqlmqConnectionFactory own = SqlmqListenerContainerFactoryConfigurer.own(primary);
        return new SqlmqListenerContainerFactoryConfigurer(
                beans, new SqlmqSettings(environment), own == null ? declared.getIfAvailable() : own);
    }

    @Bean
    static ListenerStart sqlmqListenerStart(
            SqlmqListenerContainerFactoryConfigurer listeners, ObjectProvider<JmsListenerEndpointRegistry> registries) {
        return new ListenerStart(listeners, registries);
    }

    /** Where no bean is declared as a connection factory of sqlmq, though one may be: most of sqlmq is not configured, which is said. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(SqlmqConnectionFactory.class)
    static class Undeclared {
        private static final Logger LOG = LoggerFactory.getLogger(SqlmqConnectionFactory.class);

        @Bean
        SmartInitializingSingleton sqlmqUndeclared(ConfigurableListableBeanFactory beans, ConnectionFactory primary) {
            return () -> {
                String name =
                        BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, ConnectionFactory.class)
                                .entrySet()
                                .stream()
                                .filter(bean -> bean.getValue() == primary)
                                .map(Map.Entry::getKey)
                                .findFirst()
                                .orElse("connectionFactory");
                LOG.warn(
                        SqlmqListenerContainerFactoryConfigurer.own(primary) == null
                                ? "sqlmq is not configured, because the application has the connection factory {} ({}), which is"
                                        + " not of sqlmq, or hides that it is: listeners work outside of the data's transaction."
                                        + " Remove it, so that sqlmq makes one from the DataSource, or declare it as"
                                        + " SqlmqConnectionFactory. If it is meant to be of another provider, set"
                                        + " sqlmq.enabled=false"
                                : "The connection factory {} ({}) is not declared as SqlmqConnectionFactory, so that Spring does"
                                        + " not see that it is one, or has one inside. Listeners are in the data's transaction, but jobs,"
                                        + " health, metrics, the endpoint, the console and container factories for topics are"
                                        + " not configured. Declare it as SqlmqConnectionFactory, which needs no cache and no"
                                        + " pool around it",
                        name,
                        primary.getClass().getName());
            };
        }
    }
}
