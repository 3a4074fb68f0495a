package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import java.lang.reflect.Proxy;
import javax.sql.DataSource;
import org.apache.camel.builder.LambdaRouteBuilder;
import org.apache.camel.spring.spi.SpringTransactionPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** What a route does outside of its transaction is said when it starts. */
class TransactionWarningsTest extends CamelTest {
    private Logged logged;

    @BeforeEach
    void capture() {
        logged = new Logged();
    }

    @AfterEach
    void release() {
        logged.end();
    }

    private String warnings(LambdaRouteBuilder routes) throws Exception {
        start(routes);
        return logged.text();
    }

    @Test
    void nothingIsSaidOfARouteOnOneDataSource() throws Exception {
        context.getRegistry().bind("lazy", new LazyConnectionDataSourceProxy(dataSource));
        assertThat(warnings(routes -> routes.from("sqlmq:in")
                        .to("sql:SELECT 1?dataSource=#dataSource")
                        .to("sql:SELECT 2?dataSource=#lazy")
                        .to("sqlmq:out")))
                .isEmpty();
    }

    @Test
    void sqlOnAnotherDataSource() throws Exception {
        DataSource other = new PGSimpleDataSource();
        context.getRegistry().bind("other", other);
        context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(dataSource);
        assertThat(warnings(routes -> {
                    routes.from("direct:deep").to("sql:SELECT 1?dataSource=#other");
                    routes.from("sqlmq:in")
                            .choice()
                            .when(routes.simple("${body} == 'a'"))
                            .to("direct:deep")
                            .end();
                }))
                .contains("is done on another DataSource");
    }

    @Test
    void camelJdbcWithConnectionsOfItsOwn() throws Exception {
        assertThat(warnings(routes -> routes.from("sqlmq:in").to("jdbc:dataSource?resetAutoCommit=false")))
                .contains("takes a connection of its own");
    }

    @Test
    void messagesOfAnotherConnectionFactory() throws Exception {
        context.getRegistry().bind("outside", outside);
        context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(dataSource);
        assertThat(warnings(routes -> routes.from("sqlmq:in").to("sqlmq:out?connectionFactory=#outside")))
                .contains("sends by another connection factory");
    }

    @Test
    void transactedByAnotherManager() throws Exception {
        JmsTransactionManager other = new JmsTransactionManager(outside);
        assertThat(transactedBy(other))
                .contains("its transacted() begins another by " + JmsTransactionManager.class.getName());
    }

    @Test
    void transactedByAManagerOfTheSameDataSourceTakesPart() throws Exception {
        assertThat(transactedBy(new DataSourceTransactionManager(dataSource))).isEmpty();
    }

    private String transactedBy(PlatformTransactionManager manager) throws Exception {
        context.getRegistry().bind("transactions", new SpringTransactionPolicy(manager));
        return warnings(routes -> routes.from("sqlmq:in")
                .transacted("transactions")
                .to("sql:SELECT 1")
                .to("sqlmq:out"));
    }

    @Test
    void aFactoryThatHidesOursMeansATransactionOfMessagesOnly() throws Exception {
        context.getRegistry().bind("hidden", (ConnectionFactory) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ConnectionFactory.class},
                (proxy, method, args) -> method.getName().equals("hashCode")
                        ? System.identityHashCode(proxy)
                        : method.invoke(outside, args)));
        assertThat(warnings(routes ->
                        routes.from("sqlmq:in?connectionFactory=#hidden").to("sqlmq:out")))
                .contains("is not one of sqlmq");
    }

    @Test
    void aConsumerWithoutTransactionsOfSpring() throws Exception {
        assertThat(warnings(
                        routes -> routes.from("sqlmq:in?consumerType=Simple").to("sql:SELECT 1")))
                .contains("no SQL, because of consumerType=Simple");
    }

    @Test
    void aManagerThatDoesNotWorkOnTheDatabaseMeansTwoTransactions() throws Exception {
        context.getRegistry().bind("messagesOnly", new JmsTransactionManager(outside));
        assertThat(warnings(routes ->
                        routes.from("sqlmq:in?transactionManager=#messagesOnly").to("sqlmq:out")))
                .contains("those of " + JmsTransactionManager.class.getName())
                .contains("committed apart");
    }

    @Test
    void aManagerOfTheApplicationKnowsItsDataSourceByOneProxyOnly() throws Exception {
        context.getRegistry().bind("own", new DataSourceTransactionManager(dataSource));
        context.getRegistry().bind("lazy", new LazyConnectionDataSourceProxy(dataSource));
        context.getRegistry().bind("aware", new TransactionAwareDataSourceProxy(dataSource));
        assertThat(warnings(routes -> routes.from("sqlmq:in?transactionManager=#own")
                        .to("sql:SELECT 1?dataSource=#dataSource")
                        .to("sql:SELECT 2?dataSource=#aware")
                        .to("sql:SELECT 3?dataSource=#lazy")))
                .doesNotContain("SELECT%201")
                .doesNotContain("SELECT%202")
                .contains("SELECT%203");
    }
}
