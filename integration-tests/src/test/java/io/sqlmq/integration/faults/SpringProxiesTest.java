package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTransactionManager;
import jakarta.jms.Queue;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jms.JmsException;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A connection factory and a transaction manager that have the same pool commit and roll back together, whatever is
 * around the pool on either side.
 */
@Tag("slow")
@Timeout(60)
class SpringProxiesTest {
    private static final ThreadLocal<String> TARGET = new ThreadLocal<>();
    private static final Map<Around, LocalContainerEntityManagerFactoryBean> HIBERNATES = new EnumMap<>(Around.class);
    private static HikariDataSource pool;

    private final Queue queue = new SqlmqQueue("proxied-" + UUID.randomUUID());
    private SqlmqConnectionFactory factory;

    /** What is around the pool. */
    enum Around {
        NOTHING,
        TRANSACTION_AWARE,
        LAZY,
        DELEGATING,
        OWN_DELEGATING,
        ROUTING,
        JDK_PROXY,
        THREE_DEEP,
        LAZY_ROUTING,
        OWN_OVER_TRANSACTION_AWARE;

        DataSource of(DataSource pool) {
            return switch (this) {
                case NOTHING -> pool;
                case TRANSACTION_AWARE -> new TransactionAwareDataSourceProxy(pool);
                case LAZY -> new LazyConnectionDataSourceProxy(pool);
                case DELEGATING -> new DelegatingDataSource(pool);
                case OWN_DELEGATING -> new DelegatingDataSource(pool) {};
                case ROUTING -> routing(pool);
                case JDK_PROXY -> proxied(pool);
                case THREE_DEEP ->
                    proxied(new LazyConnectionDataSourceProxy(TRANSACTION_AWARE.of(DELEGATING.of(pool))));
                case LAZY_ROUTING -> new LazyConnectionDataSourceProxy(routing(pool));
                case OWN_OVER_TRANSACTION_AWARE -> new DelegatingDataSource(TRANSACTION_AWARE.of(pool)) {};
            };
        }
    }

    private static DataSource routing(DataSource usual) {
        return routing(usual, Map.of());
    }

    private static DataSource routing(DataSource usual, Map<Object, Object> others) {
        AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
            @Override
            protected Object determineCurrentLookupKey() {
                return TARGET.get();
            }
        };
        if (usual != null) {
            routing.setDefaultTargetDataSource(usual);
        }
        routing.setTargetDataSources(others);
        routing.afterPropertiesSet();
        return routing;
    }

    /** As a bean post-processor makes it. */
    private static DataSource proxied(DataSource target) {
        return (DataSource) Proxy.newProxyInstance(
                SpringProxiesTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @BeforeAll
    static void openPool() {
        pool = pool("proxies");
        new JdbcTemplate(pool).execute("CREATE TABLE placed (id text PRIMARY KEY)");
    }

    private static HikariDataSource pool(String database) {
        HikariDataSource opened = new HikariDataSource();
        opened.setJdbcUrl(SqlmqEmbedded.named(database).jdbcUrl());
        opened.setMaximumPoolSize(8);
        opened.setConnectionTimeout(10_000);
        return opened;
    }

    @AfterAll
    static void closePool() {
        HIBERNATES.values().forEach(LocalContainerEntityManagerFactoryBean::destroy);
        HIBERNATES.clear();
        new JdbcTemplate(pool).execute("DROP TABLE placed");
        pool.close();
    }

    @BeforeEach
    void emptyTable() {
        TARGET.remove();
        new JdbcTemplate(pool).update("DELETE FROM placed");
    }

    @AfterEach
    void closeFactory() {
        TARGET.remove();
        if (factory != null) {
            factory.close();
        }
    }

    private JmsTemplate jms(DataSource over) {
        factory = new SqlmqConnectionFactory(over);
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        JmsTemplate jms = new JmsTemplate(factory);
        jms.setDefaultDestination(queue);
        jms.setReceiveTimeout(10_000);
        return jms;
    }

    private static PlatformTransactionManager jpa(Around around) {
        return new JpaTransactionManager(
                HIBERNATES.computeIfAbsent(around, SpringProxiesTest::hibernate).getObject());
    }

    private static LocalContainerEntityManagerFactoryBean hibernate(Around around) {
        LocalContainerEntityManagerFactoryBean bean = new LocalContainerEntityManagerFactoryBean();
        bean.setDataSource(around.of(pool));
        bean.setPersistenceUnitName(around.name());
        bean.setPackagesToScan("io.sqlmq.none");
        bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
        bean.afterPropertiesSet();
        return bean;
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Around.values())
                .flatMap(ours -> Stream.of(Around.values()).map(theirs -> arguments(ours, theirs)));
    }

    /** Each wrapper on each side at least once with each of the wrappers that Spring brings. */
    static Stream<Arguments> jpaPairs() {
        List<Around> theirs =
                List.of(Around.NOTHING, Around.TRANSACTION_AWARE, Around.LAZY, Around.DELEGATING, Around.ROUTING);
        return theirs.stream().flatMap(their -> Stream.of(Around.values()).map(our -> arguments(our, their)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void rowsAndMessagesAreOneInJdbcTransactions(Around ours, Around theirs) {
        DataSource managed = theirs.of(pool);
        assertOne(ours == theirs ? managed : ours.of(pool), managed, new DataSourceTransactionManager(managed));
    }

    @ParameterizedTest
    @MethodSource("jpaPairs")
    void rowsAndMessagesAreOneInJpaTransactions(Around ours, Around theirs) {
        PlatformTransactionManager manager = jpa(theirs);
        assertOne(ours.of(pool), ((JpaTransactionManager) manager).getDataSource(), manager);
    }

    /** Alike, and each with none on the other side: our transactions ask the factory's DataSource for its pool only. */
    static Stream<Arguments> ourPairs() {
        return Stream.of(Around.values())
                .flatMap(around -> around == Around.NOTHING
                        ? Stream.of(arguments(around, around))
                        : Stream.of(
                                arguments(around, around),
                                arguments(around, Around.NOTHING),
                                arguments(Around.NOTHING, around)));
    }

    /** Of ours, which has the factory's DataSource and whatever the application's SQL goes through. */
    @ParameterizedTest
    @MethodSource("ourPairs")
    void rowsAndMessagesAreOneInOurTransactions(Around ours, Around theirs) {
        DataSource managed = theirs.of(pool);
        JmsTemplate jms = jms(ours == theirs ? managed : ours.of(pool));
        assertOne(jms, managed, new SqlmqTransactionManager(factory, managed));
    }

    /** JdbcTemplate on the DataSource, and on what is beneath or around it; DataSourceUtils; a transaction-aware proxy. */
    @ParameterizedTest
    @EnumSource(Around.class)
    void sqlIsInOurTransactionWhicheverWayItComes(Around ours) throws Exception {
        DataSource managed = ours.of(pool);
        JmsTemplate jms = jms(managed);
        TransactionTemplate transaction = new TransactionTemplate(new SqlmqTransactionManager(factory));
        DataSource aware = new TransactionAwareDataSourceProxy(managed);
        transaction.executeWithoutResult(status -> {
            jms.convertAndSend("gone");
            for (DataSource way : List.of(managed, pool, aware, factory.transactionDataSource())) {
                new JdbcTemplate(way).update("INSERT INTO placed VALUES (gen_random_uuid()::text)");
            }
            try (Connection connection = aware.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO placed VALUES ('aware')");
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
            Connection borrowed = DataSourceUtils.getConnection(managed);
            try (Statement statement = borrowed.createStatement()) {
                assertThat(DataSourceUtils.isConnectionTransactional(borrowed, managed))
                        .isTrue();
                statement.execute("INSERT INTO placed VALUES ('borrowed')");
            } catch (SQLException e) {
                throw new AssertionError(e);
            } finally {
                DataSourceUtils.releaseConnection(borrowed, managed);
            }
            assertThat(new JdbcTemplate(managed).queryForObject("SELECT count(*) FROM placed", Integer.class))
                    .isEqualTo(6);
            assertThat(placedBeside()).isZero();
            status.setRollbackOnly();
        });
        assertThat(placed()).isEmpty();
        assertThat(jmsNow().receiveAndConvert()).isNull();
    }

    /** On a connection that nobody has bound. */
    private static int placedBeside() {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM placed")) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ourTransactionOnAnotherTargetOfARoutingDataSourceIsRefused() {
        try (HikariDataSource other = pool("proxies-other")) {
            DataSource routing = routing(pool, Map.of("other", other));
            JmsTemplate jms = jms(routing);
            TransactionTemplate transaction = new TransactionTemplate(new SqlmqTransactionManager(factory));
            TARGET.set("other");
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> jms.convertAndSend("refused")))
                    .isInstanceOf(CannotCreateTransactionException.class)
                    .hasMessageContaining("another target");
            TARGET.remove();
            transaction.executeWithoutResult(status -> jms.convertAndSend("kept"));
            assertThat(jms.receiveAndConvert()).isEqualTo("kept");
        }
    }

    @Test
    void aJpaTransactionWithinOursIsRefused() {
        JmsTemplate jms = jms(pool);
        TransactionTemplate jpa = new TransactionTemplate(jpa(Around.NOTHING));
        TransactionTemplate transaction = new TransactionTemplate(new SqlmqTransactionManager(factory));
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jms.convertAndSend("gone");
                    jpa.executeWithoutResult(inner -> {});
                }))
                .isInstanceOf(IllegalTransactionStateException.class)
                .hasMessageContaining("Pre-bound JDBC Connection");
        assertThatThrownBy(() -> jpa.executeWithoutResult(status -> {
                    jms.convertAndSend("gone");
                    transaction.executeWithoutResult(inner -> {});
                }))
                .isInstanceOf(IllegalTransactionStateException.class)
                .hasMessageContaining("JpaTransactionManager");
        assertThat(jmsNow().receiveAndConvert()).isNull();
    }

    private void assertOne(DataSource ours, DataSource theirs, PlatformTransactionManager manager) {
        assertOne(jms(ours), theirs, manager);
    }

    private static void assertOne(JmsTemplate jms, DataSource theirs, PlatformTransactionManager manager) {
        JdbcTemplate jdbc = new JdbcTemplate(theirs);
        TransactionTemplate transaction = new TransactionTemplate(manager);
        transaction.executeWithoutResult(status -> {
            jdbc.update("INSERT INTO placed VALUES ('gone')");
            jms.convertAndSend("gone");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> {
            jms.convertAndSend("kept");
            jdbc.update("INSERT INTO placed VALUES ('kept')");
        });
        assertThat(placed()).containsExactly("kept");
        transaction.executeWithoutResult(status -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("kept");
            jdbc.update("INSERT INTO placed VALUES ('received, gone')");
            status.setRollbackOnly();
        });
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(status -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("kept");
            jdbc.update("INSERT INTO placed VALUES ('received')");
            inner.executeWithoutResult(other -> {
                jms.convertAndSend("inner");
                other.setRollbackOnly();
            });
        });
        assertThat(placed()).containsExactly("kept", "received");
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertThat(jms.receiveAndConvert()).isNull();
    }

    private static List<String> placed() {
        return new JdbcTemplate(pool).queryForList("SELECT id FROM placed ORDER BY id", String.class);
    }

    @ParameterizedTest
    @EnumSource(Around.class)
    void aFactoryMadeWithinATransactionJoinsIt(Around ours) {
        DataSource managed = ours.of(pool);
        new TransactionTemplate(new DataSourceTransactionManager(managed)).executeWithoutResult(status -> {
            new JdbcTemplate(managed).update("INSERT INTO placed VALUES ('gone')");
            jms(managed).convertAndSend("gone");
            status.setRollbackOnly();
        });
        assertThat(placed()).isEmpty();
        assertThat(jmsNow().receiveAndConvert()).isNull();
    }

    private JmsTemplate jmsNow() {
        JmsTemplate jms = new JmsTemplate(factory);
        jms.setDefaultDestination(queue);
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        return jms;
    }

    @Test
    void aManagerThatKeepsItsTransactionsToItselfIsJoined() {
        DataSourceTransactionManager silent = new DataSourceTransactionManager(new DelegatingDataSource(pool));
        silent.setTransactionSynchronization(DataSourceTransactionManager.SYNCHRONIZATION_NEVER);
        JmsTemplate jms = jms(pool);
        TransactionTemplate transaction = new TransactionTemplate(silent);
        transaction.executeWithoutResult(status -> {
            jms.convertAndSend("gone");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> jms.convertAndSend("kept"));
        assertThat(jms.receiveAndConvert()).isEqualTo("kept");
        assertThat(jmsNow().receiveAndConvert()).isNull();
    }

    @Test
    void aTransactionOnAnotherTargetOfOurRoutingDataSourceIsRefused() {
        try (HikariDataSource other = pool("proxies-other")) {
            DataSource routing = routing(pool, Map.of("other", other));
            JmsTemplate jms = jms(routing);
            TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(routing));
            TARGET.set("other");
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> jms.convertAndSend("lost")))
                    .isInstanceOf(JmsException.class)
                    .hasMessageContaining("a connection factory for each target");
            // Outside of transactions, the thread's target is nobody's business but the application's.
            jms.convertAndSend("m");
            TARGET.remove();
            assertThat(jms.receiveAndConvert()).isEqualTo("m");
        }
    }

    @Test
    void aRoutingDataSourceWithoutDefaultIsRefused() {
        DataSource routing = routing(null, Map.of("one", pool));
        assertThatThrownBy(() -> jms(routing).convertAndSend("lost"))
                .isInstanceOf(JmsException.class)
                .hasMessageContaining("defaultTargetDataSource");
    }

    @Test
    void aTransactionOnAnotherPoolIsToldOnceByName() {
        try (HikariDataSource other = pool("proxies-other")) {
            other.setPoolName("the other pool");
            JmsTemplate jms = jms(pool);
            TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(other));
            String said = said(() -> {
                for (int i = 0; i < 2; i++) {
                    transaction.executeWithoutResult(status -> {
                        // A connection of our pool, kept for the length of that transaction, does not make it ours.
                        new JdbcTemplate(pool).queryForObject("SELECT 1", Integer.class);
                        jms.convertAndSend("m");
                        status.setRollbackOnly();
                    });
                }
            });
            assertThat(said).containsOnlyOnce("outside of that transaction").contains("the other pool", "HikariPool-");
            assertThat(jms.receiveAndConvert()).isEqualTo("m");
            assertThat(jms.receiveAndConvert()).isEqualTo("m");
        }
    }

    private static String said(Runnable action) {
        PrintStream usual = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setErr(usual);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
