package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.jms.core.JmsTemplate;

/**
 * A connection factory over the application's DataSource, where there is none of another provider. Boot's auto-configuration for
 * JMS finds it, and makes everything that it makes for others.
 *
 * <p>The tables are looked after when the factory is made: after the application's own migrations (Flyway, Liquibase, scripts),
 * and before any listener starts.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration",
            "org.springframework.boot.jms.autoconfigure.JndiConnectionFactoryAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.XADataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.jms.JndiConnectionFactoryAutoConfiguration"
        },
        beforeName = {
            "org.springframework.boot.activemq.autoconfigure.ActiveMQAutoConfiguration",
            "org.springframework.boot.artemis.autoconfigure.ArtemisAutoConfiguration",
            "org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration",
            "org.springframework.boot.autoconfigure.jms.activemq.ActiveMQAutoConfiguration",
            "org.springframework.boot.autoconfigure.jms.artemis.ArtemisAutoConfiguration",
            "org.springframework.boot.autoconfigure.jms.JmsAutoConfiguration"
        })
@ConditionalOnClass({SqlmqConnectionFactory.class, JmsTemplate.class})
@ConditionalOnProperty(name = "sqlmq.enabled", havingValue = "true", matchIfMissing = true)
@ConditionalOnBean(DataSource.class)
@ImportRuntimeHints(SqlmqRuntimeHints.class)
public final class SqlmqAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean(ConnectionFactory.class)
    @DependsOnDatabaseInitialization
    SqlmqConnectionFactory jmsConnectionFactory(
            ConfigurableListableBeanFactory beans,
            Environment environment,
            ObjectProvider<SqlmqConnectionFactoryCustomizer> customizers) {
        return new ConnectionFactoryStart(
                        beans,
                        new SqlmqSettings(environment),
                        customizers.orderedStream().toList())
                .start();
    }
}
