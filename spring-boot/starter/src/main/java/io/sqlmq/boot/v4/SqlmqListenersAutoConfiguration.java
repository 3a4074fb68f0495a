package io.sqlmq.boot.v4;

import io.sqlmq.boot.SqlmqAutoConfiguration;
import io.sqlmq.boot.SqlmqListenerConfiguration;
import io.sqlmq.boot.SqlmqListenerContainerFactoryConfigurer;
import io.sqlmq.jms.SpringListenerContainerFactory;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.jms.ConnectionFactoryUnwrapper;
import org.springframework.boot.jms.autoconfigure.DefaultJmsListenerContainerFactoryConfigurer;
import org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.jms.annotation.EnableJms;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;

/**
 * Listeners whose message is in one transaction with what they do in the database: Boot's settings ({@code spring.jms.*}), and the
 * application's transaction manager. The factory that {@code @JmsListener} takes by itself, and others for topics.
 */
@AutoConfiguration(after = SqlmqAutoConfiguration.class, before = JmsAutoConfiguration.class)
@ConditionalOnClass(EnableJms.class)
@ConditionalOnProperty(name = "sqlmq.enabled", havingValue = "true", matchIfMissing = true)
@ConditionalOnSingleCandidate(ConnectionFactory.class)
@Import(SqlmqListenerConfiguration.class)
public final class SqlmqListenersAutoConfiguration {
    private final ObjectProvider<DefaultJmsListenerContainerFactoryConfigurer> boot;
    private final SqlmqListenerContainerFactoryConfigurer sqlmq;

    SqlmqListenersAutoConfiguration(
            ObjectProvider<DefaultJmsListenerContainerFactoryConfigurer> boot,
            SqlmqListenerContainerFactoryConfigurer sqlmq) {
        this.boot = boot;
        this.sqlmq = sqlmq;
    }

    private SpringListenerContainerFactory containers(SqlmqConnectionFactory connections) {
        SpringListenerContainerFactory containers = new SpringListenerContainerFactory();
        configure(containers, connections);
        sqlmq.configure(containers);
        return containers;
    }

    /** As Boot does, if its auto-configuration for JMS is not excluded. */
    private void configure(DefaultJmsListenerContainerFactory containers, ConnectionFactory from) {
        containers.setConnectionFactory(from);
        boot.ifAvailable(configurer -> configurer.configure(containers, from));
    }

    /**
     * What {@code @JmsListener} takes: queues, unless {@code spring.jms.*} says otherwise. Where a connection factory of another provider
     * is the primary one, which {@code JmsTemplate} has, that is it for listeners, too, as it would be without sqlmq. Around one of sqlmq
     * caches and pools have no purpose here: a listener that waits for messages behind one holds a connection.
     */
    @Bean
    @ConditionalOnMissingBean(name = "jmsListenerContainerFactory")
    DefaultJmsListenerContainerFactory jmsListenerContainerFactory(ConnectionFactory primary, Environment environment) {
        SqlmqConnectionFactory own = SqlmqListenerContainerFactoryConfigurer.own(primary);
        if (own != null) {
            SpringListenerContainerFactory containers = containers(own);
            if (!environment.getProperty("spring.jms.subscription-durable", Boolean.class, false)) {
                // It can be that of one connection at a time, and each listener has one.
                containers.setClientId(null);
            }
            return containers;
        }
        DefaultJmsListenerContainerFactory others = new DefaultJmsListenerContainerFactory();
        configure(others, ConnectionFactoryUnwrapper.unwrapCaching(primary));
        return others;
    }

    /** Queues, whatever {@code spring.jms.pub-sub-domain} says. */
    @Bean(defaultCandidate = false)
    @ConditionalOnBean(SqlmqConnectionFactory.class)
    @ConditionalOnMissingBean(name = "jmsQueueListenerContainerFactory")
    SpringListenerContainerFactory jmsQueueListenerContainerFactory(SqlmqConnectionFactory connections) {
        SpringListenerContainerFactory containers = containers(connections);
        containers.setPubSubDomain(false);
        containers.setSubscriptionDurable(false);
        containers.setClientId(null);
        return containers;
    }

    /** Topics: what is published while the listener is there. */
    @Bean(defaultCandidate = false)
    @ConditionalOnBean(SqlmqConnectionFactory.class)
    @ConditionalOnMissingBean(name = "jmsTopicListenerContainerFactory")
    SpringListenerContainerFactory jmsTopicListenerContainerFactory(SqlmqConnectionFactory connections) {
        return topics(connections, false, false);
    }

    /** Durable subscriptions of one process, with {@code spring.jms.client-id}. */
    @Bean(defaultCandidate = false)
    @ConditionalOnBean(SqlmqConnectionFactory.class)
    @ConditionalOnMissingBean(name = "jmsDurableTopicListenerContainerFactory")
    SpringListenerContainerFactory jmsDurableTopicListenerContainerFactory(SqlmqConnectionFactory connections) {
        return topics(connections, true, false);
    }

    /** Subscriptions that listeners of all processes share, as long as one is there. */
    @Bean(defaultCandidate = false)
    @ConditionalOnBean(SqlmqConnectionFactory.class)
    @ConditionalOnMissingBean(name = "jmsSharedTopicListenerContainerFactory")
    SpringListenerContainerFactory jmsSharedTopicListenerContainerFactory(SqlmqConnectionFactory connections) {
        return topics(connections, false, true);
    }

    /** Durable subscriptions that listeners of all processes share. */
    @Bean(defaultCandidate = false)
    @ConditionalOnBean(SqlmqConnectionFactory.class)
    @ConditionalOnMissingBean(name = "jmsSharedDurableTopicListenerContainerFactory")
    SpringListenerContainerFactory jmsSharedDurableTopicListenerContainerFactory(SqlmqConnectionFactory connections) {
        return topics(connections, true, true);
    }

    private SpringListenerContainerFactory topics(SqlmqConnectionFactory connections, boolean durable, boolean shared) {
        SpringListenerContainerFactory containers = containers(connections);
        containers.setPubSubDomain(true);
        containers.setSubscriptionDurable(durable);
        containers.setSubscriptionShared(shared);
        if (shared || !durable) {
            // It can be that of one connection at a time, and would part those who are to share.
            containers.setClientId(null);
        }
        return containers;
    }
}
