package io.sqlmq.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.MessageListenerContainer;

/** Compares what listeners need with what the pool has: a listener takes one connection while it works. */
final class ListenerConcurrency implements ApplicationListener<ContextRefreshedEvent> {
    private static final Logger log = LoggerFactory.getLogger(ListenerConcurrency.class);

    private final SqlmqConnectionFactory factory;
    private final ObjectProvider<JmsListenerEndpointRegistry> registries;

    ListenerConcurrency(SqlmqConnectionFactory factory, ObjectProvider<JmsListenerEndpointRegistry> registries) {
        this.factory = factory;
        this.registries = registries;
    }

    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
        HikariDataSource pool = pool(factory.getDataSource());
        int listeners = registries.stream()
                .flatMap(registry -> registry.getListenerContainers().stream())
                .mapToInt(this::listeners)
                .sum();
        if (pool != null && listeners > pool.getMaximumPoolSize()) {
            log.warn(
                    "The listeners of this application work on up to {} messages at once, and take a connection each, but"
                            + " the pool {} has {}: the others wait for one. Set spring.datasource.hikari.maximum-pool-size"
                            + " to more than {}, or lower spring.jms.listener.max-concurrency or the concurrency of listeners",
                    listeners,
                    pool.getPoolName(),
                    pool.getMaximumPoolSize(),
                    listeners);
        }
    }

    private int listeners(MessageListenerContainer container) {
        return container instanceof DefaultMessageListenerContainer known && known.getConnectionFactory() == factory
                ? known.getMaxConcurrentConsumers()
                : 0;
    }

    private static @Nullable HikariDataSource pool(DataSource dataSource) {
        try {
            return dataSource.isWrapperFor(HikariDataSource.class) ? dataSource.unwrap(HikariDataSource.class) : null;
        } catch (SQLException e) {
            return null;
        }
    }
}
