package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jms.JmsException;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.transaction.support.TransactionTemplate;

/** An application whose first JMS work is inside of a transaction gets its tables made and checked like any other. */
@Timeout(90)
class SchemaInTransactionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String schema = "s_" + UUID.randomUUID().toString().replace("-", "");
    private final HikariDataSource pool = new HikariDataSource();
    private SqlmqConnectionFactory factory;

    @BeforeEach
    void open() {
        pool.setJdbcUrl(SqlmqEmbedded.named("schemas").jdbcUrl());
        pool.setConnectionTimeout(20_000);
    }

    @AfterEach
    void close() {
        factory.close();
        pool.close();
        try (HikariDataSource other = new HikariDataSource()) {
            other.setJdbcUrl(pool.getJdbcUrl());
            new JdbcTemplate(other).execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
        }
    }

    private JmsTemplate jms(DataSource over, SchemaManagement management) {
        factory = new SqlmqConnectionFactory(over);
        factory.getOptions().setSchema(schema);
        factory.getOptions().setSchemaManagement(management);
        JmsTemplate jms = new JmsTemplate(factory);
        jms.setDefaultDestinationName("orders");
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        return jms;
    }

    static Stream<Arguments> pools() {
        return Stream.of(1, 2, 10).flatMap(size -> Stream.of(true, false).map(auto -> arguments(size, auto)));
    }

    @ParameterizedTest
    @MethodSource("pools")
    void theFirstSendInATransactionMigrates(int poolSize, boolean autoCommit) {
        pool.setMaximumPoolSize(poolSize);
        pool.setAutoCommit(autoCommit);
        JmsTemplate jms = jms(pool, SchemaManagement.MIGRATE);
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transaction.executeWithoutResult(status -> {
            jms.convertAndSend("gone");
            status.setRollbackOnly(); // takes no table along
        });
        transaction.executeWithoutResult(status -> jms.convertAndSend("kept"));
        assertThat(transaction.<Object>execute(status -> jms.receiveAndConvert()))
                .isEqualTo("kept");
        assertThat(transaction.<Object>execute(status -> jms.receiveAndConvert()))
                .isNull();
    }

    @ParameterizedTest
    @MethodSource("pools")
    void theFirstSendInATransactionValidates(int poolSize, boolean autoCommit) {
        pool.setMaximumPoolSize(poolSize);
        pool.setAutoCommit(autoCommit);
        JmsTemplate jms = jms(pool, SchemaManagement.VALIDATE);
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transaction.executeWithoutResult(status -> {
            assertThatThrownBy(() -> jms.convertAndSend("lost"))
                    .isInstanceOf(JmsException.class)
                    .hasStackTraceContaining("schemaManagement=migrate");
            // Nothing was done in the transaction, which goes on.
            new JdbcTemplate(pool).queryForObject("SELECT 1", Integer.class);
        });
    }

    @Test
    void proxiesOfThePoolMakeNoDifference() {
        pool.setMaximumPoolSize(1);
        for (DataSource around : List.of(
                new TransactionAwareDataSourceProxy(pool),
                new LazyConnectionDataSourceProxy(pool),
                new DelegatingDataSource(new TransactionAwareDataSourceProxy(pool)) {})) {
            JmsTemplate jms = jms(around, SchemaManagement.MIGRATE);
            new TransactionTemplate(new DataSourceTransactionManager(pool)).executeWithoutResult(status -> {
                jms.convertAndSend("gone");
                status.setRollbackOnly();
            });
            factory.close();
        }
    }

    @Test
    void allThreadsOfAFullPoolGetTheirTables() throws Exception {
        pool.setMaximumPoolSize(6);
        JmsTemplate jms = jms(pool, SchemaManagement.MIGRATE);
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<? extends Future<?>> sends = IntStream.range(0, 6)
                    .mapToObj(i -> threads.submit(
                            () -> transaction.executeWithoutResult(status -> jms.convertAndSend("m" + i))))
                    .toList();
            for (Future<?> send : sends) {
                send.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(new JdbcTemplate(pool).queryForObject("SELECT count(*) FROM " + schema + ".mq_msgs", Integer.class))
                .isEqualTo(6);
    }

    @Test
    void aContainerThatReceivesInTransactionsMakesTheTables() {
        jms(pool, SchemaManagement.MIGRATE);
        List<String> seen = new CopyOnWriteArrayList<>();
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setConnectionFactory(factory);
        container.setDestinationName("orders");
        container.setTransactionManager(new DataSourceTransactionManager(pool));
        container.setReceiveTimeout(500);
        container.setMessageListener((jakarta.jms.MessageListener)
                message -> seen.add(message.getClass().getSimpleName()));
        container.afterPropertiesSet();
        container.start();
        try {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(new JdbcTemplate(pool)
                                    .queryForObject("SELECT to_regclass(?)::text", String.class, schema + ".mq_msgs"))
                            .isNotNull());
            new JmsTemplate(factory).convertAndSend("orders", "m");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).hasSize(1));
        } finally {
            container.shutdown();
        }
    }

    /** A pool that waits for ever, as some do, and that cannot be copied. */
    @Test
    void aPoolWithoutAConnectionToSpareIsToldAboutAndServedLater() {
        DataSource strange = new PoolOfOne(pool);
        JmsTemplate jms = jms(strange, SchemaManagement.VALIDATE);
        factory.getOptions().setConnectionTimeout(500);
        new TransactionTemplate(new DataSourceTransactionManager(strange))
                .executeWithoutResult(status -> assertThatThrownBy(() -> jms.convertAndSend("lost"))
                        .isInstanceOf(JmsException.class)
                        .hasStackTraceContaining("make the first JMS connection outside of transactions"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(() -> jms.convertAndSend("lost"))
                        .hasStackTraceContaining("schemaManagement=migrate"));
    }

    private static final class PoolOfOne extends AbstractDataSource {
        private final Semaphore free = new Semaphore(1);
        private final DataSource target;

        PoolOfOne(DataSource target) {
            this.target = target;
        }

        @Override
        public Connection getConnection() throws SQLException {
            free.acquireUninterruptibly();
            Connection connection = target.getConnection();
            return (Connection) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("close") && !connection.isClosed()) {
                            free.release();
                        }
                        try {
                            return method.invoke(connection, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
        }
    }
}
