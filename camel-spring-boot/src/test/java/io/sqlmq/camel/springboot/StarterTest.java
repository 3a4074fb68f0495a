package io.sqlmq.camel.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.sqlmq.camel.SqlmqComponent;
import io.sqlmq.camel.SqlmqEndpoint;
import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqResource;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** Applications of Spring Boot with the component. */
@SqlmqTest(purge = Purge.Time.EACH_TEST)
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StarterTest {
    private static final String WITHOUT_DATA_SOURCE =
            "spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration";

    @JdbcUrl
    String url;

    @SqlmqResource
    SqlmqConnectionFactory outside;

    private JdbcTemplate sql;

    @BeforeEach
    void table() {
        PGSimpleDataSource beside = new PGSimpleDataSource();
        beside.setUrl(url);
        sql = new JdbcTemplate(beside);
        sql.execute("CREATE TABLE IF NOT EXISTS orders (body text)");
        sql.execute("TRUNCATE orders");
    }

    /** An application with nothing but what Spring Boot makes by itself. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    private static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.main.banner-mode=off",
                        "logging.level.root=warn",
                        "spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
                .run(Stream.of(properties).map(property -> "--" + property).toArray(String[]::new));
    }

    private String database() {
        return "spring.datasource.url=" + url;
    }

    private static SqlmqEndpoint endpoint(ConfigurableApplicationContext application) {
        return application.getBean(CamelContext.class).getEndpoint("sqlmq:in", SqlmqEndpoint.class);
    }

    private static SqlmqComponent component(ConfigurableApplicationContext application) {
        return application.getBean(CamelContext.class).getComponent("sqlmq", SqlmqComponent.class);
    }

    /** What the route does besides, with the application's own means. */
    static class Bookkeeping {
        private final JdbcTemplate jdbc;
        private final AtomicInteger runs = new AtomicInteger();

        Bookkeeping(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Transactional
        public void enter(String body) {
            jdbc.update("INSERT INTO orders VALUES (?)", "entered " + body);
        }

        public int runs() {
            return runs.get();
        }

        public void failOnce() {
            if (runs.getAndIncrement() == 0) {
                throw new IllegalStateException("once");
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Shop {
        @Bean
        Bookkeeping bookkeeping(JdbcTemplate jdbc) {
            return new Bookkeeping(jdbc);
        }

        @Bean
        RouteBuilder orders(Bookkeeping bookkeeping) {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("sqlmq:in")
                            .to("sql:INSERT INTO orders VALUES (:#${body})")
                            .process(exchange ->
                                    bookkeeping.enter(exchange.getMessage().getBody(String.class)))
                            .to("sqlmq:out")
                            .process(exchange -> bookkeeping.failOnce());
                }
            };
        }
    }

    @Test
    void withTheApplicationsDataSourceARouteIsOneTransactionAndNothingHasToBeConfigured() {
        try (ConfigurableApplicationContext application = start(Shop.class, database())) {
            application.getBean(ProducerTemplate.class).sendBody("sqlmq:in", "a");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(outside.admin().count("out")).isEqualTo(1));
            assertThat(application.getBean(Bookkeeping.class).runs()).isEqualTo(2);
            assertThat(sql.queryForList("SELECT body FROM orders ORDER BY 1", String.class))
                    .containsExactly("a", "entered a");
        }
    }

    @Test
    void propertiesAreOptionsOfTheComponentInAnySpellingOfSpringBoot() {
        try (ConfigurableApplicationContext application = start(
                Application.class,
                WITHOUT_DATA_SOURCE,
                "camel.component.sqlmq.jdbc-url=" + url,
                "camel.component.sqlmq.schemaManagement=none",
                "camel.component.sqlmq.dead_letter_queue=failed",
                "camel.component.sqlmq.concurrent-consumers=3",
                "camel.component.sqlmq.request-timeout=5s",
                "camel.component.sqlmq.replyToType=Exclusive",
                "camel.component.sqlmq.options.maximum-redeliveries=2",
                "camel.component.sqlmq.options[redeliveryDelay]=7")) {
            SqlmqEndpoint endpoint = endpoint(application);
            SqlmqConnectionFactory factory = (SqlmqConnectionFactory) endpoint.getConnectionFactory();
            assertThat(url).startsWith(endpoint.getServiceUrl());
            assertThat(factory.getOptions().getDeadLetterQueue()).isEqualTo("failed");
            assertThat(factory.getOptions().getMaximumRedeliveries()).isEqualTo(2);
            assertThat(factory.getOptions().getRedeliveryDelay()).isEqualTo(7);
            assertThat(component(application).getSchemaManagement()).isEqualTo("none");
            assertThat(endpoint.getConcurrentConsumers()).isEqualTo(3);
            assertThat(endpoint.getRequestTimeout()).isEqualTo(5000);
            assertThat(endpoint.getReplyToType()).isEqualTo("Exclusive");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class TwoFactories {
        @Bean
        SqlmqConnectionFactory first() {
            return new SqlmqConnectionFactory("jdbc:postgresql://localhost:1/first");
        }

        @Bean
        SqlmqConnectionFactory second() {
            return new SqlmqConnectionFactory("jdbc:postgresql://localhost:1/second");
        }
    }

    @Test
    void beansAreNamedByReference() {
        try (ConfigurableApplicationContext application = start(
                TwoFactories.class, WITHOUT_DATA_SOURCE, "camel.component.sqlmq.connection-factory=#bean:second")) {
            assertThat(endpoint(application).getConnectionFactory()).isSameAs(application.getBean("second"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OwnFactory {
        @Bean
        SqlmqConnectionFactory connectionFactory(javax.sql.DataSource dataSource) {
            return new SqlmqConnectionFactory(dataSource);
        }
    }

    @Test
    void aConnectionFactoryOfTheApplicationIsUsed() {
        try (ConfigurableApplicationContext application = start(OwnFactory.class, database())) {
            assertThat(endpoint(application).getConnectionFactory())
                    .isSameAs(application.getBean(SqlmqConnectionFactory.class));
        }
    }

    @Test
    void aMisspeltPropertyIsAnErrorAtTheStart() {
        assertThatThrownBy(() -> {
                    try (ConfigurableApplicationContext application =
                            start(Application.class, database(), "camel.component.sqlmq.concurent-consumers=3")) {
                        component(application);
                    }
                })
                .hasStackTraceContaining("concurentConsumers");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Consuming {
        @Bean
        RouteBuilder consuming() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("sqlmq:in").to("direct:nowhere");
                }
            };
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | The component sqlmq has no database. | a DataSource in the registry, or the option dataSource; the option jdbcUrl",
                "camel.component.sqlmq.schema=elsewhere | There are no sqlmq tables in schema \"elsewhere\" | Set camel.component.sqlmq.schema-management=migrate",
                "camel.component.sqlmq.options.redeliveryDelay=soon | redeliveryDelay | Change its options (camel.component.sqlmq)",
                "camel.component.sqlmq.selector=a = = b | Invalid message selector | those of an endpoint are in its URI",
                "camel.component.sqlmq.reply-to=in | ReplyTo=in cannot be the same | Set another replyTo.",
            })
    void anApplicationThatCannotStartSaysWhatIsWrongAndWhatToChange(String property, String problem, String action) {
        String[] properties = property.isEmpty()
                ? new String[] {WITHOUT_DATA_SOURCE}
                : new String[] {WITHOUT_DATA_SOURCE, "camel.component.sqlmq.jdbc-url=" + url, property};
        Throwable failure =
                catchThrowable(() -> start(Consuming.class, properties).close());
        // As Spring Boot finds and asks them.
        FailureAnalysis analysis = SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, FailureHandler.handleMessage((message, e) -> {}))
                .stream()
                .filter(StartFailureAnalyzer.class::isInstance)
                .map(analyzer -> analyzer.analyze(failure))
                .findAny()
                .orElseThrow();
        assertThat(analysis.getDescription()).contains(problem);
        assertThat(analysis.getAction()).contains(action);
    }

    @Test
    void itCanBeSwitchedOff() {
        for (String off : new String[] {"enabled", "customizer.enabled"}) {
            try (ConfigurableApplicationContext application = start(
                    Application.class,
                    database(),
                    "camel.component.sqlmq." + off + "=false",
                    "camel.component.sqlmq.jdbc-url=jdbc:postgresql://localhost:1/none")) {
                assertThat(component(application).getJdbcUrl()).as(off).isNull();
            }
        }
    }

    @Test
    void itIsForApplicationsWithCamelOnly() {
        try (ConfigurableApplicationContext application = start(
                Application.class,
                database(),
                "spring.autoconfigure.exclude=" + CamelAutoConfiguration.class.getName())) {
            assertThat(application.getBeanNamesForType(SqlmqComponentAutoConfiguration.class))
                    .isEmpty();
        }
    }
}
