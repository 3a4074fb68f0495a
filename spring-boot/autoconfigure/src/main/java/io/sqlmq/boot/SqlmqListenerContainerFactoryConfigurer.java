package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.jms.ConnectionFactoryUnwrapper;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Makes the listeners of a container factory work in the application's transactions. For factories of the application's own:
 *
 * <pre>{@code
 * @Bean
 * SpringListenerContainerFactory slowListenerContainerFactory(
 *         ConnectionFactory connections,
 *         DefaultJmsListenerContainerFactoryConfigurer boot,
 *         SqlmqListenerContainerFactoryConfigurer sqlmq) {
 *     SpringListenerContainerFactory containers = new SpringListenerContainerFactory();
 *     boot.configure(containers, connections);
 *     sqlmq.configure(containers);
 *     containers.setConcurrency("1");
 *     return containers;
 * }
 * }</pre>
 */
public final class SqlmqListenerContainerFactoryConfigurer {
    private final @Nullable SqlmqConnectionFactory factory;
    private final @Nullable PlatformTransactionManager transactionManager;
    private final boolean virtualThreads;

    SqlmqListenerContainerFactoryConfigurer(
            ConfigurableListableBeanFactory beans, SqlmqSettings settings, @Nullable SqlmqConnectionFactory factory) {
        this.factory = factory;
        this.transactionManager = factory == null ? null : new ListenerTransactions(beans, settings, factory).find();
        this.virtualThreads = settings.virtualThreads();
    }

    /** The connection factory of sqlmq that another is, or that is in its cache or pool; null if there is none that can be seen. */
    public static @Nullable SqlmqConnectionFactory own(ConnectionFactory outer) {
        return ConnectionFactoryUnwrapper.unwrap(outer) instanceof SqlmqConnectionFactory own ? own : null;
    }

    /** Null: the application has another provider only. */
    @Nullable
    SqlmqConnectionFactory connectionFactory() {
        return factory;
    }

    /** Null: sessions are transacted by themselves. */
    @Nullable
    PlatformTransactionManager transactionManager() {
        return transactionManager;
    }

    /**
     * Sets the transaction manager whose DataSource has the messages, after Boot's own configurer. Without such a manager the
     * sessions stay transacted by themselves, and {@code transactionDataSource()} of the connection factory is for SQL. With {@code
     * spring.threads.virtual.enabled} listeners run on virtual threads.
     */
    public void configure(DefaultJmsListenerContainerFactory containers) {
        if (transactionManager != null) {
            containers.setTransactionManager(transactionManager);
        }
        if (virtualThreads) {
            SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("jms-listener-");
            threads.setVirtualThreads(true);
            containers.setTaskExecutor(threads);
        }
    }
}
