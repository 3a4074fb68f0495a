package io.sqlmq.camel;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqResource;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.LambdaRouteBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** A context for each test whose registry has the DataSource of the class's database, and nothing else. */
@SqlmqTest(purge = Purge.Time.EACH_TEST)
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CamelTest {
    static final long WAIT_MILLIS = 30_000;

    @JdbcUrl
    String url;

    /** A factory of the test's own, beside that of the component. */
    @SqlmqResource
    SqlmqConnectionFactory outside;

    HikariDataSource dataSource;
    /** Outside of all transactions, also on the thread of a route. */
    JdbcTemplate sql;

    DefaultCamelContext context;
    ProducerTemplate template;

    @BeforeAll
    void pool() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(20);
        dataSource = new HikariDataSource(config);
        PGSimpleDataSource beside = new PGSimpleDataSource();
        beside.setUrl(url);
        sql = new JdbcTemplate(beside);
    }

    @AfterAll
    void closePool() {
        dataSource.close();
    }

    @BeforeEach
    void context() {
        context = new DefaultCamelContext();
        if (!isManaged()) {
            context.disableJMX();
        }
        context.getRegistry().bind("dataSource", dataSource);
        context.getShutdownStrategy().setTimeout(20);
        // A container that stops waits for the receive that it is in.
        context.getComponent("sqlmq", SqlmqComponent.class).setReceiveTimeout(100);
        template = context.createProducerTemplate();
    }

    /** Whether JMX shows the context. */
    boolean isManaged() {
        return false;
    }

    @AfterEach
    void stop() {
        template.stop();
        context.stop();
    }

    void start(LambdaRouteBuilder routes) throws Exception {
        RouteBuilder.addRoutes(context, routes);
        context.start();
        template.start();
    }

    MockEndpoint mock(String name) {
        return context.getEndpoint("mock:" + name, MockEndpoint.class);
    }

    /** Fails unless all mocks of the context get what they expect. */
    void satisfied() throws InterruptedException {
        satisfied(context);
    }

    static void satisfied(CamelContext context) throws InterruptedException {
        MockEndpoint.assertIsSatisfied(context, WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    long count(String queue) throws JMSException {
        return outside.admin().count(queue);
    }
}
