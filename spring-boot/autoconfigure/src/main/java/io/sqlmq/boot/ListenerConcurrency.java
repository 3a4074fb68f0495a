package io.sqlmq.boot;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/** Compares what listeners need with what the pool has: a listener takes one connection while it works. */
final class ListenerConcurrency {
    private static final Logger log = LoggerFactory.getLogger(ListenerConcurrency.class);

    private ListenerConcurrency() {}

    static void compare(List<DefaultMessageListenerContainer> containers, DataSource dataSource) {
        HikariDataSource pool = HikariPool.of(dataSource);
        int listeners = containers.stream()
                .mapToInt(DefaultMessageListenerContainer::getMaxConcurrentConsumers)
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
}
