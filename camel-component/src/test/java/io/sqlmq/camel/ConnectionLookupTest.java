package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.ConnectionFactory;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jms.connection.CachingConnectionFactory;

class ConnectionLookupTest extends CamelTest {

    private SqlmqConnectionFactory used(String uri) {
        return ConnectionFactories.own(
                context.getEndpoint(uri, SqlmqEndpoint.class).getConnectionFactory());
    }

    @Test
    void theOnlyDataSourceOfTheRegistryIsEnough() throws Exception {
        mock("out").expectedBodiesReceived("hello");
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        template.sendBody("sqlmq:in", "hello");
        satisfied();
        assertThat(used("sqlmq:in").getDataSource()).isSameAs(dataSource);
    }

    @Test
    void allEndpointsShareOneFactoryWhichEndsWithTheContext() throws Exception {
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        SqlmqConnectionFactory factory = used("sqlmq:in");
        assertThat(used("sqlmq:topic:other")).isSameAs(factory);
        SqlmqComponent component = context.getComponent("sqlmq", SqlmqComponent.class);
        assertThat(component.getConfiguration().getConnectionFactory()).isSameAs(factory);
        context.stop();
        assertThat(factory.isClosed()).isTrue();
        assertThat(component.getConfiguration().getConnectionFactory()).isNull();
        assertThat(dataSource.isClosed()).isFalse();
    }

    /** As it is left over where only the component's class was changed. */
    @Test
    void aConfigurationOfAnotherComponentIsRefused() {
        SqlmqComponent component = context.getComponent("sqlmq", SqlmqComponent.class);
        SqlmqEndpoint endpoint = context.getEndpoint("sqlmq:in", SqlmqEndpoint.class);
        assertThatThrownBy(() -> component.setConfiguration(new JmsConfiguration()))
                .hasMessageContaining("is a SqlmqConfiguration, not a JmsConfiguration");
        assertThatThrownBy(() -> endpoint.setConfiguration(new JmsConfiguration()))
                .hasMessageContaining("is a SqlmqConfiguration, not a JmsConfiguration");
    }

    @Test
    void aFactoryOfTheRegistryIsUsedAndStaysOpen() throws Exception {
        context.getRegistry().bind("factory", outside);
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        assertThat(used("sqlmq:in")).isSameAs(outside);
        context.stop();
        assertThat(outside.isClosed()).isFalse();
    }

    @Test
    void aCacheAroundTheFactoryIsPassedBy() throws Exception {
        context.getRegistry().bind("factory", new CachingConnectionFactory(outside));
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        assertThat(context.getEndpoint("sqlmq:in", SqlmqEndpoint.class).getConnectionFactory())
                .isSameAs(outside);
    }

    @Test
    void factoriesOfOtherProvidersAreNotMeant() throws Exception {
        context.getRegistry().bind("artemis", another());
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        assertThat(used("sqlmq:in").getDataSource()).isSameAs(dataSource);
    }

    private static ConnectionFactory another() {
        return (ConnectionFactory) Proxy.newProxyInstance(
                ConnectionLookupTest.class.getClassLoader(),
                new Class<?>[] {ConnectionFactory.class},
                (proxy, method, args) -> method.getName().equals("hashCode") ? (Object) 1 : null);
    }

    @Test
    void anEndpointMayHaveItsOwnFactory() throws Exception {
        context.getRegistry().bind("special", outside);
        context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(dataSource);
        start(routes -> routes.from("sqlmq:in?connectionFactory=#special").to("mock:out"));
        assertThat(used("sqlmq:in?connectionFactory=#special")).isSameAs(outside);
        assertThat(used("sqlmq:in")).isNotSameAs(outside);
    }

    @Test
    void anEndpointMayHaveItsOwnRole() throws Exception {
        sql.execute("DROP ROLE IF EXISTS camel_reader");
        sql.execute("CREATE ROLE camel_reader LOGIN SUPERUSER PASSWORD 'x'");
        context.getComponent("sqlmq", SqlmqComponent.class).setJdbcUrl(url.replaceFirst("[?].*", ""));
        context.getComponent("sqlmq", SqlmqComponent.class).getConfiguration().setUsername("postgres");
        context.getComponent("sqlmq", SqlmqComponent.class).getConfiguration().setPassword("x");
        mock("out").expectedBodiesReceived("hello");
        String uri = "sqlmq:in?username=camel_reader&password=x";
        start(routes -> routes.from(uri)
                .process(exchange -> exchange.getMessage()
                        .setHeader(
                                "role",
                                SqlmqTransactions.connection(exchange.getMessage(JmsMessage.class)
                                                .getJmsMessage())
                                        .getMetaData()
                                        .getUserName()))
                .to("mock:out"));
        template.sendBody("sqlmq:in", "hello");
        satisfied();
        assertThat(mock("out").getReceivedExchanges().get(0).getMessage().getHeader("role"))
                .isEqualTo("camel_reader");
        assertThat(used(uri)).isNotSameAs(used("sqlmq:in"));
    }

    @Test
    void aDataSourceHasItsRole() {
        assertThatThrownBy(() -> start(routes ->
                        routes.from("sqlmq:in?username=postgres&password=x").to("mock:out")))
                .rootCause()
                .hasMessageContaining("which has its user");
    }

    @Test
    void aFactoryOfTheRegistryHasItsRole() {
        context.getRegistry().bind("factory", outside);
        assertThatThrownBy(() -> start(routes ->
                        routes.from("sqlmq:in?username=postgres&password=x").to("mock:out")))
                .rootCause()
                .hasMessageContaining("which has its user");
    }

    @Test
    void withoutAnyDatabaseTheContextDoesNotStartAndTheThreeWaysAreNamed() throws Exception {
        try (DefaultCamelContext empty = new DefaultCamelContext()) {
            empty.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:start").to("sqlmq:out");
                }
            });
            assertThatThrownBy(empty::start)
                    .rootCause()
                    .hasMessageContaining("a DataSource in the registry")
                    .hasMessageContaining("camel.component.sqlmq.jdbcUrl=")
                    .hasMessageContaining("a SqlmqConnectionFactory in the registry");
        }
    }

    /** A test of a route, without a database. */
    @Test
    void anEndpointThatIsMockedAndSkippedNeedsNoDatabase() throws Exception {
        try (DefaultCamelContext empty = new DefaultCamelContext()) {
            empty.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("sqlmq:in")
                            .routeId("tested")
                            .to("sqlmq:out?priority=7")
                            .toD("sqlmq:out.${body}")
                            .enrich("sqlmq:out.all");
                }
            });
            AdviceWith.adviceWith(empty, "tested", route -> {
                route.replaceFromWith("direct:start");
                route.mockEndpointsAndSkip("sqlmq:out*");
            });
            empty.start();
            MockEndpoint out = empty.getEndpoint("mock:sqlmq:out", MockEndpoint.class);
            out.expectedBodiesReceived("hello");
            empty.createProducerTemplate().sendBody("direct:start", "hello");
            satisfied(empty);
            assertThatThrownBy(() -> empty.createProducerTemplate().sendBody("sqlmq:elsewhere", "hello"))
                    .rootCause()
                    .hasMessageContaining("a DataSource in the registry");
        }
    }

    @Test
    void ofSeveralDataSourcesOneHasToBeNamed() {
        context.getRegistry().bind("archive", new PGSimpleDataSource());
        assertThatThrownBy(() -> start(routes -> routes.from("sqlmq:in").to("mock:out")))
                .rootCause()
                .hasMessageContaining("archive, dataSource")
                .hasMessageContaining("camel.component.sqlmq.dataSource=#bean:");
    }

    @Test
    void optionsForAFactoryThatIsThereAreRefused() {
        context.getRegistry().bind("factory", outside);
        context.getComponent("sqlmq", SqlmqComponent.class).setSchema("mq");
        assertThatThrownBy(() -> start(routes -> routes.from("sqlmq:in").to("mock:out")))
                .rootCause()
                .hasMessageContaining("schema");
    }

    @Test
    void theUrlThatCamelShowsHasNoPassword() throws Exception {
        SqlmqComponent component = context.getComponent("sqlmq", SqlmqComponent.class);
        String secret = url + (url.contains("?") ? "&" : "?") + "password=secret";
        component.setJdbcUrl(secret);
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        SqlmqEndpoint endpoint = context.getEndpoint("sqlmq:in", SqlmqEndpoint.class);
        assertThat(endpoint.getServiceUrl()).startsWith("jdbc:postgresql://").doesNotContain("secret", "?");
    }

    @Test
    void aMainApplicationIsConfiguredByProperties() throws Exception {
        Main main = new Main();
        main.setOverrideProperties(properties(Map.of(
                "camel.component.sqlmq.jdbc-url", url,
                "camel.component.sqlmq.dead-letter-queue", "failed",
                "camel.component.sqlmq.options[maximumPoolSize]", "3",
                "camel.component.sqlmq.options.maximumRedeliveries", "0",
                "camel.main.routes-include-pattern", "routes/main.yaml")));
        main.start();
        try {
            CamelContext started = main.getCamelContext();
            SqlmqConnectionFactory factory = ConnectionFactories.own(
                    started.getEndpoint("sqlmq:in", SqlmqEndpoint.class).getConnectionFactory());
            assertThat(factory.getOptions().getDeadLetterQueue()).isEqualTo("failed");
            assertThat(factory.getOptions().getMaximumPoolSize()).isEqualTo(3);
            assertThat(factory.getOptions().getRedeliveryPolicy().maximumRedeliveries())
                    .isZero();

            MockEndpoint out = started.getEndpoint("mock:out", MockEndpoint.class);
            out.expectedBodiesReceived("by YAML");
            main.getCamelTemplate().sendBody("sqlmq:queue:in", "by YAML");
            satisfied(started);
        } finally {
            main.stop();
        }
    }

    private static Properties properties(Map<String, String> values) {
        Properties properties = new Properties();
        properties.putAll(values);
        return properties;
    }
}
