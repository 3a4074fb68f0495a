package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import jakarta.jms.ConnectionFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.config.SimpleJmsListenerEndpoint;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;

/** What happens, and what is said, before an application works. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class StartTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain {}

    /** Its first statement sends: the tables have to be there before. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Listening {
        @JmsListener(destination = "in", concurrency = "15")
        void hear(String text) {}
    }

    abstract static class Several {
        @Bean
        HikariDataSource orders() {
            return pool(ordersUrl);
        }

        @Bean
        HikariDataSource audit() {
            return pool(auditUrl);
        }

        static HikariDataSource pool(String url) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(url);
            pool.setMaximumPoolSize(4);
            return pool;
        }
    }

    /** As {@code spring.datasource.connection-fetch=lazy} does in Boot 4.1, and one more. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BehindProxies {
        final AtomicInteger attempts = new AtomicInteger();

        @Autowired
        JdbcTemplate jdbc;

        @Autowired
        JmsTemplate jms;

        @Bean
        static BeanPostProcessor proxies() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof HikariDataSource pool
                            ? new TransactionAwareDataSourceProxy(new LazyConnectionDataSourceProxy(pool))
                            : bean;
                }
            };
        }

        @JmsListener(destination = "in")
        void hear(String text) {
            jdbc.update("INSERT INTO heard VALUES (?)", text);
            jms.convertAndSend("out", text);
            if (attempts.incrementAndGet() == 1) {
                throw new IllegalArgumentException("on purpose, the first time");
            }
        }
    }

    private static String ordersUrl;
    private static String auditUrl;

    private static void createTwo() {
        ordersUrl = Databases.createEmpty();
        auditUrl = Databases.createEmpty();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class TwoDataSources extends Several {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class TwoDataSourcesOneTransactionManager extends Several {
        @Bean
        DataSourceTransactionManager transactions(HikariDataSource audit) {
            return new DataSourceTransactionManager(audit);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class ElsewhereThanMade extends Several {
        @Bean
        OwnDatabase made() {
            return new OwnDatabase(auditUrl);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class TwoTransactionManagers {
        @Bean
        DataSourceTransactionManager one(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }

        @Bean
        DataSourceTransactionManager other(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OfAnotherProvider {
        @Bean
        @Primary
        ConnectionFactory other() {
            return (ConnectionFactory) java.lang.reflect.Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {ConnectionFactory.class},
                    (self, method, arguments) -> method.getName().equals("hashCode")
                            ? 1
                            : method.getName().equals("toString") ? "other" : null);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BesideAnotherProvider extends OfAnotherProvider {
        @Bean
        SqlmqConnectionFactory sqlmq(DataSource dataSource) {
            return new SqlmqConnectionFactory(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class DurableWithoutClient {
        @JmsListener(
                destination = "prices",
                subscription = "mine",
                containerFactory = "jmsDurableTopicListenerContainerFactory")
        void hear(String text) {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class DurableTwice extends DurableWithoutClient {
        @JmsListener(
                destination = "rates",
                subscription = "mine too",
                containerFactory = "jmsDurableTopicListenerContainerFactory")
        void hearToo(String text) {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WrongSelector {
        @JmsListener(destination = "in", selector = "size = = 3")
        void hear(String text) {}
    }

    /** Wrappers that can only be asked for connections. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BehindWhatThrows {
        @Bean
        static BeanPostProcessor proxies() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof HikariDataSource pool ? new Opaque(pool) : bean;
                }
            };
        }

        @JmsListener(destination = "in")
        void hear(String text) {}
    }

    private static final class Opaque extends DelegatingDataSource {
        Opaque(DataSource target) {
            super(target);
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            throw new UnsupportedOperationException("unwrap");
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            throw new UnsupportedOperationException("isWrapperFor");
        }
    }

    /** As where each request has a tenant, and nobody else may ask. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class TenantsOnly {
        @Bean
        DataSource tenants(@Value("${tenants.usual:#{null}}") String usual, @Value("${tenants.url}") String url) {
            AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
                @Override
                protected Object determineCurrentLookupKey() {
                    throw new IllegalStateException("no tenant");
                }
            };
            DataSource pool = Several.pool(url);
            routing.setTargetDataSources(Map.of("one", pool));
            if (usual != null) {
                routing.setDefaultTargetDataSource(pool);
            }
            return routing;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OfJms {
        @Bean
        JmsTransactionManager messagesOnly(ConnectionFactory connections) {
            return new JmsTransactionManager(connections);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OneIsAFallback {
        @Bean
        DataSourceTransactionManager usual(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }

        @Bean
        @Fallback
        DataSourceTransactionManager other(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }
    }

    /** As a chain of transaction managers does. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class ThePrimaryOneHidesItsDataSource {
        @Bean
        DataSourceTransactionManager known(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }

        @Bean
        @Primary
        PlatformTransactionManager chain(DataSourceTransactionManager known) {
            return new PlatformTransactionManager() {
                @Override
                public TransactionStatus getTransaction(TransactionDefinition definition) {
                    return known.getTransaction(definition);
                }

                @Override
                public void commit(TransactionStatus status) {
                    known.commit(status);
                }

                @Override
                public void rollback(TransactionStatus status) {
                    known.rollback(status);
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Parent {
        @Bean
        DataSource dataSource(@Value("${parent.url}") String url) {
            return Several.pool(url);
        }

        @Bean
        DataSourceTransactionManager ofParent(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Customized {
        @Bean
        SqlmqConnectionFactoryCustomizer customizer() {
            return factory -> factory.getOptions().setMaximumRedeliveries(1);
        }
    }

    private void fails(CapturedOutput output, Class<?> application, String... properties) {
        assertThatThrownBy(() -> App.start(application, properties).close()).isNotNull();
        assertThat(output).contains("APPLICATION FAILED TO START");
    }

    @Test
    void aNewDatabaseThatIsEmbeddedGetsItsTables() throws Exception {
        try (ConfigurableApplicationContext app =
                App.start(Plain.class, App.url(Databases.createEmpty()), App.NO_JPA)) {
            SqlmqConnectionFactory factory = app.getBean(SqlmqConnectionFactory.class);
            assertThat(factory.getOptions().getSchemaManagement()).isEqualTo(SchemaManagement.MIGRATE);
            JmsTemplate jms = app.getBean(JmsTemplate.class);
            jms.convertAndSend("in", "one");
            assertThat(factory.admin().queues()).singleElement().satisfies(depth -> {
                assertThat(depth.queue()).isEqualTo("in");
                assertThat(depth.ready()).isEqualTo(1);
            });
            assertThat(jms.receiveAndConvert("in")).isEqualTo("one");
        }
    }

    /** By whatever it is reached. */
    @Test
    void aNewDatabaseThatIsEmbeddedGetsItsTablesWithoutHikari() throws Exception {
        String type = "spring.datasource.type=" + SimpleDriverDataSource.class.getName();
        try (ConfigurableApplicationContext app =
                App.start(Plain.class, App.url(Databases.createEmpty()), App.NO_JPA, type)) {
            assertThat(app.getBean(DataSource.class)).isInstanceOf(SimpleDriverDataSource.class);
            assertThat(app.getBean(SqlmqConnectionFactory.class).admin().queues())
                    .isEmpty();
        }
    }

    /** Twice, since a migration tool may refuse a schema in which it finds tables. */
    @Test
    void liquibaseAndSqlmqMigrateBesideEachOther() {
        String url = Databases.createEmpty();
        for (int i = 0; i < 2; i++) {
            App.start(
                            Plain.class,
                            App.url(url),
                            App.NO_JPA,
                            "spring.liquibase.enabled=true",
                            "spring.liquibase.change-log=classpath:db/changelog/shop.sql")
                    .close();
        }
        assertThat(Databases.query(url, "SELECT id FROM databasechangelog")).containsExactly("1");
        assertThat(Databases.query(url, "SELECT name FROM customers")).isEmpty();
        assertThat(Databases.query(url, "SELECT version FROM mq_schema_history"))
                .contains("1");
        assertThat(Databases.query(url, "SELECT relname FROM pg_class WHERE relname LIKE 'flyway%'"))
                .isEmpty();
    }

    @Test
    void missingTablesStopTheStartWithThePropertyToSet(CapturedOutput output) {
        fails(
                output,
                Listening.class,
                App.url(Databases.createEmpty()),
                App.NO_JPA,
                "sqlmq.schema-management=validate");
        assertThat(output).contains("sqlmq.schema-management=migrate").doesNotContain("Setup of JMS message listener");
    }

    @Test
    void anUnreachableDatabaseStopsTheStart(CapturedOutput output) {
        fails(
                output,
                Listening.class,
                App.NO_JPA,
                "spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none",
                "spring.datasource.hikari.connection-timeout=300");
        assertThat(output).contains("spring.datasource.url").contains("sqlmq cannot work");
    }

    @Test
    void anEmbeddedDatabaseThatIsNotThereIsNamed() {
        new ApplicationContextRunner()
                .withClassLoader(new FilteredClassLoader("io.sqlmq.embedded"))
                .withUserConfiguration(Plain.class)
                .withPropertyValues("sqlmq.embedded=true", App.NO_JPA)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("the embedded PostgreSQL is not on the class path"));
    }

    @Test
    void severalDataSourcesAreToBeToldApart(CapturedOutput output) throws Exception {
        createTwo();
        fails(output, TwoDataSources.class, App.NO_JPA);
        assertThat(output).contains("sqlmq.data-source").contains("orders, audit");
        fails(output, TwoDataSources.class, App.NO_JPA, "sqlmq.data-source=order");
        assertThat(output).contains("names the DataSource order, which does not exist");

        try (ConfigurableApplicationContext app =
                App.start(TwoDataSources.class, App.NO_JPA, "sqlmq.data-source=orders")) {
            app.getBean(JmsTemplate.class).convertAndSend("in", "one");
            assertThat(Databases.query(ordersUrl, "SELECT queue FROM mq_messages"))
                    .containsExactly("in");
            assertThat(Databases.query(auditUrl, "SELECT relname FROM pg_class WHERE relname LIKE 'mq\\_%'"))
                    .isEmpty();
        }
    }

    /** As in a test that is to have a database of its own: nothing may happen to the application's. */
    @Test
    void aDataSourceThatIsNotInTheDatabaseMadeForItStopsTheStart(CapturedOutput output) {
        createTwo();
        fails(output, ElsewhereThanMade.class, App.NO_JPA, "sqlmq.data-source=orders");
        assertThat(output).contains("….jdbc-url=${sqlmq.test-url}").contains("and not in the database that was made");
        assertThat(Databases.query(ordersUrl, "SELECT relname FROM pg_class WHERE relname LIKE 'mq\\_%'"))
                .isEmpty();
    }

    @Test
    void aTransactionManagerOnAnotherDatabaseIsNotTakenForOurs(CapturedOutput output) {
        createTwo();
        fails(output, TwoDataSourcesOneTransactionManager.class, App.NO_JPA, "sqlmq.data-source=orders");
        assertThat(output)
                .contains("None of the transaction managers (transactions)")
                .contains("sqlmq.data-source");
        App.start(
                        TwoDataSourcesOneTransactionManager.class,
                        App.NO_JPA,
                        "sqlmq.data-source=orders",
                        "sqlmq.transaction-manager=none")
                .close();
        App.start(TwoDataSourcesOneTransactionManager.class, App.NO_JPA, "sqlmq.data-source=audit")
                .close();
    }

    @Test
    void severalTransactionManagersAreToBeToldApart(CapturedOutput output) {
        String url = App.url(Databases.create());
        fails(output, TwoTransactionManagers.class, url, App.NO_JPA);
        assertThat(output).contains("sqlmq.transaction-manager").contains("one, other");
        App.start(TwoTransactionManagers.class, url, App.NO_JPA, "sqlmq.transaction-manager=other")
                .close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spring.datasource.hikari.transaction-isolation=TRANSACTION_REPEATABLE_READ | ALTER DATABASE %s RESET ALL"
                        + " | are REPEATABLE READ, and messages can only be received at READ COMMITTED",
                "spring.datasource.hikari.read-only=true | ALTER DATABASE %s RESET ALL | are read-only, and to receive a message is to write",
                "spring.application.name=x | ALTER DATABASE %s SET default_transaction_isolation = serializable"
                        + " | are SERIALIZABLE, and messages can only be received at READ COMMITTED",
            })
    void transactionsInWhichNothingCanBeReceivedStopTheStartOfListeners(
            String property, String database, String expected, CapturedOutput output) {
        String url = Databases.create();
        Databases.execute(
                url,
                database.formatted(
                        URI.create(url.substring("jdbc:".length())).getPath().substring(1)));
        fails(output, Listening.class, App.url(url), App.NO_JPA, property);
        assertThat(output).contains(expected).doesNotContain("Setup of JMS message listener invoker failed");
        App.start(Plain.class, App.url(url), App.NO_JPA, property).close(); // it may send
    }

    /** Otherwise each of them logs an error every five seconds. */
    @Test
    void listenersThatCannotReceiveStopTheStart(CapturedOutput output) {
        String url = Databases.create();
        fails(output, DurableWithoutClient.class, App.url(url), App.NO_JPA);
        assertThat(output).contains("The listener of prices cannot receive").contains("Set spring.jms.client-id");
        fails(output, DurableTwice.class, App.url(url), App.NO_JPA, "spring.jms.client-id=shop");
        assertThat(output)
                .contains("have the client identifier shop, which only one of them can have")
                .contains("jmsSharedDurableTopicListenerContainerFactory");
        fails(output, WrongSelector.class, App.url(url), App.NO_JPA);
        assertThat(output).contains("Correct the selector");
        fails(output, Listening.class, App.url(url), App.NO_JPA, "sqlmq.auto-create=false");
        assertThat(output).contains("The listener of in cannot receive").contains("declareQueue");
        Databases.createSender(url, "boot_sender");
        String sender = App.url(url.replaceFirst("user=\\w+", "user=boot_sender"));
        fails(output, Listening.class, sender, App.NO_JPA);
        assertThat(output)
                .contains("SELECT mq_grant('role', 'receive')")
                .contains("spring.jms.listener.auto-startup=false")
                .doesNotContain("Setup of JMS message listener");
        try (ConfigurableApplicationContext app =
                App.start(Listening.class, sender, App.NO_JPA, "spring.jms.listener.auto-startup=false")) {
            app.getBean(JmsTemplate.class).convertAndSend("in", "one");
        }
        assertThat(Databases.query(url, "SELECT body FROM mq_messages")).containsExactly("one");
    }

    @Test
    void whatCannotBeUnwrappedIsNoReasonNotToStart(CapturedOutput output) {
        String url = Databases.create();
        String ofBoot = "management.health.db.enabled=false"; // which asks as well
        App.start(BehindWhatThrows.class, App.url(url), App.NO_JPA, ofBoot).close();
        App.start(TenantsOnly.class, App.NO_JPA, ofBoot, "tenants.url=" + url, "tenants.usual=one")
                .close();
        fails(output, TenantsOnly.class, App.NO_JPA, "tenants.url=" + url);
        assertThat(output).contains("Set defaultTargetDataSource").contains("sqlmq.data-source");
    }

    private static PlatformTransactionManager ofListeners(ConfigurableApplicationContext app) {
        return app.getBean(SqlmqListenerContainerFactoryConfigurer.class).transactionManager();
    }

    @Test
    void theTransactionManagerIsTheOneThatOthersWouldGet(CapturedOutput output) {
        String url = Databases.create();
        try (ConfigurableApplicationContext app = App.start(OneIsAFallback.class, App.url(url), App.NO_JPA)) {
            assertThat(ofListeners(app)).isSameAs(app.getBean("usual"));
        }
        try (ConfigurableApplicationContext app = new SpringApplicationBuilder(Parent.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "parent.url=" + url,
                        "spring.flyway.enabled=false",
                        "spring.liquibase.enabled=false",
                        App.NO_JPA)
                .child(Plain.class)
                .web(WebApplicationType.NONE)
                .run()) {
            assertThat(ofListeners(app)).isSameAs(app.getBean("ofParent"));
        }
        fails(output, OfJms.class, App.url(url), App.NO_JPA);
        assertThat(output).contains("JmsTransactionManager (messagesOnly) have messages only");
        fails(output, Plain.class, App.url(url), App.NO_JPA, "sqlmq.transaction-manager=dataSource");
        assertThat(output).contains("the transaction manager dataSource, which is none");
    }

    @Test
    void aReadOnlyDatabaseIsExplained(CapturedOutput output) {
        String url = Databases.create();
        String name = URI.create(url.substring("jdbc:".length())).getPath().substring(1);
        Databases.execute(url, "ALTER DATABASE " + name + " SET default_transaction_read_only = on");
        fails(output, Plain.class, App.url(url), App.NO_JPA);
        assertThat(output)
                .contains("targetServerType=primary to it; or remove the default_transaction_read_only of the role");
    }

    @Test
    void thatThePrimaryTransactionManagerMayBeMeantIsSaid(CapturedOutput output) {
        String url = App.url(Databases.create());
        String warning = "Set sqlmq.transaction-manager to the name of the one that is meant";
        String named = "sqlmq.transaction-manager=chain";
        try (ConfigurableApplicationContext app =
                App.start(ThePrimaryOneHidesItsDataSource.class, url, App.NO_JPA, named)) {
            assertThat(ofListeners(app)).isSameAs(app.getBean("chain"));
        }
        assertThat(output).doesNotContain(warning);
        try (ConfigurableApplicationContext app = App.start(ThePrimaryOneHidesItsDataSource.class, url, App.NO_JPA)) {
            assertThat(ofListeners(app)).isSameAs(app.getBean("known"));
        }
        assertThat(output).contains(warning);
    }

    /** What {@code JmsTemplate} has is what {@code @JmsListener} has. */
    @Test
    void besideAnotherProviderListenersHaveThePrimaryOne() {
        try (ConfigurableApplicationContext app =
                App.start(BesideAnotherProvider.class, App.url(Databases.create()), App.NO_JPA)) {
            assertThat(connectionFactory(app, "jmsListenerContainerFactory")).isSameAs(app.getBean("other"));
            assertThat(connectionFactory(app, "jmsQueueListenerContainerFactory"))
                    .isSameAs(app.getBean("sqlmq"));
        }
    }

    private static ConnectionFactory connectionFactory(ConfigurableApplicationContext app, String containers) {
        SimpleJmsListenerEndpoint endpoint = new SimpleJmsListenerEndpoint();
        endpoint.setDestination("in");
        endpoint.setMessageListener(message -> {});
        return app.getBean(containers, DefaultJmsListenerContainerFactory.class)
                .createListenerContainer(endpoint)
                .getConnectionFactory();
    }

    @Test
    void theApplicationsOwnConnectionFactoryStays() {
        try (ConfigurableApplicationContext app =
                App.start(OfAnotherProvider.class, App.url(Databases.create()), App.NO_JPA)) {
            assertThat(app.getBeansOfType(SqlmqConnectionFactory.class)).isEmpty();
        }
        try (ConfigurableApplicationContext app =
                App.start(Plain.class, App.url(Databases.create()), App.NO_JPA, "sqlmq.enabled=false")) {
            assertThat(app.getBeansOfType(ConnectionFactory.class)).isEmpty();
        }
    }

    @Test
    void propertiesAreOptions() {
        try (ConfigurableApplicationContext app = App.start(
                Customized.class,
                App.url(Databases.create()),
                App.NO_JPA,
                "sqlmq.schema=mq",
                "sqlmq.leaseAfter=3s",
                "sqlmq.max-message-size=2KB",
                "sqlmq.populate-jmsx-user-id=true",
                "sqlmq.trusted-packages[0]=a.b",
                "sqlmq.trusted-packages[1]=c",
                "sqlmq.destinations[0].name=orders.>",
                "sqlmq.destinations[0].maximum-redeliveries=2",
                "sqlmq.destinations[0].redeliveryDelay=5s",
                "sqlmq.destinations[0].max-depth=1000",
                "sqlmq.dead-letter-queue=dead")) {
            SqlmqOptions options = app.getBean(SqlmqConnectionFactory.class).getOptions();
            assertThat(options.getSchema()).isEqualTo("mq");
            assertThat(options.getLeaseAfter()).isEqualTo(3000);
            assertThat(options.getMaxMessageSize()).isEqualTo(2048);
            assertThat(options.isPopulateJMSXUserID()).isTrue();
            assertThat(options.getTrustedPackages()).containsExactly("a.b", "c");
            assertThat(options.getDeadLetterQueue()).isEqualTo("dead");
            assertThat(options.getMaximumRedeliveries()).isEqualTo(1);
            assertThat(options.getRedeliveryPolicies().get("orders.>"))
                    .isEqualTo(RedeliveryPolicy.builder()
                            .maximumRedeliveries(2)
                            .redeliveryDelay(5000)
                            .build());
            assertThat(options.getDepthLimits().get("orders.>").maxDepth()).isEqualTo(1000);
            assertThat(app.getBean(JdbcTemplate.class).queryForObject("SELECT count(*) FROM mq.mq_msgs", Integer.class))
                    .isZero();
        }
    }

    @Test
    void whatIsMisspeltOrImpossibleStopsTheStart(CapturedOutput output) {
        String url = App.url(Databases.create());
        fails(output, Plain.class, url, App.NO_JPA, "sqlmq.maximum-redelivery=2");
        assertThat(output).contains("did you mean").contains("maximumRedeliver");
        fails(output, Plain.class, url, App.NO_JPA, "sqlmq.lease-after=soon");
        assertThat(output).contains("sqlmq.lease-after");
        fails(output, Plain.class, url, App.NO_JPA, "sqlmq.maximum-pool-size=3");
        assertThat(output).contains("here the DataSource has them");
        fails(output, Plain.class, url, App.NO_JPA, "sqlmq.destinations[0].name=a", "sqlmq.destinations[0].max=1");
        assertThat(output).contains("sqlmq.destinations[0].max");
        fails(output, Plain.class, url, App.NO_JPA, "sqlmq.console.enable=true");
        assertThat(output).contains("sqlmq.console.enable");
    }

    @Test
    void proxiesAroundTheDataSourceKeepMessageAndDataTogether() {
        String url = Databases.create();
        Databases.execute(url, "CREATE TABLE heard (text text)");
        try (ConfigurableApplicationContext app =
                App.start(BehindProxies.class, App.url(url), App.NO_JPA, "sqlmq.initial-redelivery-delay=10ms")) {
            app.getBean(JmsTemplate.class).convertAndSend("in", "one");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .containsExactly("out"));
            assertThat(Databases.query(url, "SELECT text FROM heard")).containsExactly("one");
            assertThat(app.getBean(BehindProxies.class).attempts).hasValue(2);
        }
    }

    /** As Spring Boot's documentation makes container factories. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OwnContainerFactories {
        @Bean
        static DefaultJmsListenerContainerFactory apart(ConnectionFactory connections) {
            DefaultJmsListenerContainerFactory containers = new DefaultJmsListenerContainerFactory();
            containers.setConnectionFactory(connections);
            containers.setSessionTransacted(true);
            return containers;
        }

        @Bean
        static DefaultJmsListenerContainerFactory together(
                ConnectionFactory connections, SqlmqListenerContainerFactoryConfigurer sqlmq) {
            DefaultJmsListenerContainerFactory containers = apart(connections);
            sqlmq.configure(containers);
            return containers;
        }

        @JmsListener(destination = "orders", containerFactory = "apart")
        @JmsListener(destination = "bills", containerFactory = "together")
        @JmsListener(destination = "mails")
        void hear(String text) {}
    }

    @Test
    void listenersThatAreNotInTheTransactionOfTheDataAreNamed(CapturedOutput output) {
        App.start(OwnContainerFactories.class, App.url(Databases.create()), App.NO_JPA)
                .close();
        assertThat(output.getAll().lines().filter(line -> line.contains("is not in the transaction of its message")))
                .singleElement()
                .asString()
                .contains("the listener of orders")
                .contains("SqlmqListenerContainerFactoryConfigurer.configure");
    }

    /** Once, also where the actuator has a context of its own. */
    @Test
    void moreListenersThanConnectionsAreNamedWithBothNumbers(CapturedOutput output) {
        App.start(
                        WebApplicationType.SERVLET,
                        Listening.class,
                        App.url(Databases.create()),
                        App.NO_JPA,
                        "server.port=0",
                        "management.server.port=0")
                .close();
        assertThat(output.getAll().split("up to 15 messages at once", -1)).hasSize(2);
        assertThat(output)
                .contains("up to 15 messages at once")
                .contains("has 10")
                .contains("spring.datasource.hikari.maximum-pool-size");
    }

    @Test
    void anOrderlyStopIsSilent(CapturedOutput output) {
        ConfigurableApplicationContext app = App.start(Listening.class, App.url(Databases.create()), App.NO_JPA);
        for (int i = 0; i < 100; i++) {
            app.getBean(JmsTemplate.class).convertAndSend("in", "one");
        }
        app.close();
        App.start(Listening.class, App.url(Databases.create()), App.NO_JPA, "sqlmq.schema=again")
                .close();
        assertThat(output.getAll().lines().filter(line -> line.contains(" ERROR ") || line.contains("Exception")))
                .isEmpty();
        assertThat(output.getAll()
                        .lines()
                        .filter(line -> line.contains(" WARN ") && !line.contains("up to 15 messages")))
                .isEmpty();
    }
}
