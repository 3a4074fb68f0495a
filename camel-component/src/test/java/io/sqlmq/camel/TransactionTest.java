package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Processor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionTemplate;

/** A route is one transaction of the database, with the DataSource in the registry as all that is configured. */
class TransactionTest extends CamelTest {
    private static final String INSERT = "sql:INSERT INTO orders (body) VALUES (:#${body})";

    @BeforeEach
    void orders() {
        sql.execute("CREATE TABLE IF NOT EXISTS orders (body text PRIMARY KEY)");
        sql.execute("TRUNCATE orders");
    }

    private int stored() {
        return sql.queryForObject("SELECT count(*) FROM orders", Integer.class);
    }

    private enum Point {
        BEFORE_SQL,
        AFTER_SQL,
        AFTER_SEND,
        AT_COMMIT
    }

    /** Fails the first time that the route comes by, having looked what others see then. */
    private Processor fails(Point here, Point when, AtomicInteger failures) {
        return exchange -> {
            assertThat(stored()).isZero();
            assertThat(count("out")).isZero();
            if (here == when && failures.getAndIncrement() == 0) {
                throw new IllegalStateException("at " + here);
            }
        };
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void whereverARouteFailsNothingOfItIsLeft(Point when) throws Exception {
        AtomicInteger failures = new AtomicInteger();
        AtomicInteger runs = new AtomicInteger();
        if (when == Point.AT_COMMIT) {
            sql.execute("DROP TABLE IF EXISTS allowed");
            sql.execute("CREATE TABLE allowed (body text PRIMARY KEY)");
            sql.execute("ALTER TABLE orders ADD CONSTRAINT known FOREIGN KEY (body) REFERENCES allowed"
                    + " DEFERRABLE INITIALLY DEFERRED");
        }
        try {
            start(routes -> routes.from("sqlmq:in")
                    .process(exchange -> runs.incrementAndGet())
                    .process(fails(Point.BEFORE_SQL, when, failures))
                    .to(INSERT)
                    .process(fails(Point.AFTER_SQL, when, failures))
                    .to("sqlmq:out")
                    .process(fails(Point.AFTER_SEND, when, failures)));
            template.sendBody("sqlmq:in", "a");
            if (when == Point.AT_COMMIT) {
                await().atMost(Duration.ofSeconds(30)).until(() -> runs.get() >= 2);
                sql.update("INSERT INTO allowed VALUES ('a')");
            }
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(count("out")).isEqualTo(1));
            assertThat(stored()).isEqualTo(1);
            assertThat(count("in")).isZero();
            assertThat(runs.get()).isGreaterThan(1);
        } finally {
            sql.execute("ALTER TABLE orders DROP CONSTRAINT IF EXISTS known");
        }
    }

    @Test
    void whatAStatementOfTheRouteBreaksIsRolledBackWithIt() throws Exception {
        sql.update("INSERT INTO orders (body) VALUES ('a')");
        start(routes -> routes.from("sqlmq:in?redelivery.maximumRedeliveries=1&redelivery.redeliveryDelay=1")
                .to("sqlmq:out")
                .to(INSERT));
        template.sendBody("sqlmq:in", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("DLQ")).isEqualTo(1));
        assertThat(count("out")).isZero();
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void jdbcTemplatesAndTransactionalBeansOfTheApplicationTakePart() throws Exception {
        JdbcTemplate own = new JdbcTemplate(dataSource);
        TransactionTemplate transactional = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
        AtomicInteger runs = new AtomicInteger();
        start(routes -> routes.from("sqlmq:in").process(exchange -> {
            own.update("INSERT INTO orders (body) VALUES (?)", "template");
            transactional.executeWithoutResult(
                    status -> own.update("INSERT INTO orders (body) VALUES (?)", "transactional"));
            if (runs.getAndIncrement() == 0) {
                assertThat(stored()).isZero();
                throw new IllegalStateException("once");
            }
        }));
        template.sendBody("sqlmq:in", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(stored()).isEqualTo(2));
        assertThat(runs).hasValue(2);
    }

    @Test
    void routesCalledByDirectAreInTheTransaction() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        start(routes -> {
            routes.from("direct:store").to(INSERT).to("sqlmq:out");
            routes.from("sqlmq:in").to("direct:store").process(exchange -> {
                if (runs.getAndIncrement() == 0) {
                    throw new IllegalStateException("once");
                }
            });
        });
        template.sendBody("sqlmq:in", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("out")).isEqualTo(1));
        assertThat(stored()).isEqualTo(1);
        assertThat(runs).hasValue(2);
    }

    @Test
    void camelJdbcThatWouldCommitIsRefusedAtTheStart() {
        assertThatThrownBy(() -> start(routes -> {
                    routes.from("direct:store").to("jdbc:dataSource");
                    routes.from("sqlmq:in").to("direct:store");
                }))
                .hasMessageContaining("jdbc://dataSource commits what it does")
                .hasMessageContaining("resetAutoCommit=false");
    }

    @Test
    void camelJdbcTakesPartOverATransactionAwareDataSource() throws Exception {
        context.getRegistry().bind("aware", new TransactionAwareDataSourceProxy(dataSource));
        AtomicInteger runs = new AtomicInteger();
        start(routes -> routes.from("sqlmq:in")
                .setBody(routes.constant("INSERT INTO orders (body) VALUES ('a')"))
                .to("jdbc:aware?resetAutoCommit=false")
                .process(exchange -> {
                    assertThat(stored()).isZero();
                    if (runs.getAndIncrement() == 0) {
                        throw new IllegalStateException("once");
                    }
                }));
        template.sendBody("sqlmq:in", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(stored()).isEqualTo(1));
        assertThat(runs).hasValue(2);
    }

    @Test
    void withoutATransactionCamelJdbcMayCommit() throws Exception {
        start(routes -> routes.from("sqlmq:in?transacted=false")
                .setBody(routes.constant("INSERT INTO orders (body) VALUES ('a')"))
                .to("jdbc:dataSource"));
        template.sendBody("sqlmq:in", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(stored()).isEqualTo(1));
    }

    @Test
    void aRequestWithinARouteIsAnsweredBeforeItsEndAndTheRouteGoesOnInItsTransaction() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        start(routes -> {
            routes.from("sqlmq:service").setBody(routes.simple("answer to ${body}"));
            routes.from("sqlmq:in")
                    .to("sqlmq:queue:service?exchangePattern=InOut&requestTimeout=20000")
                    .to(INSERT)
                    .process(exchange -> {
                        if (runs.getAndIncrement() == 0) {
                            throw new IllegalStateException("once");
                        }
                    })
                    .to("sqlmq:out");
        });
        // With an identifier, which must not be that of the two requests.
        template.sendBodyAndHeader("sqlmq:in", "a", SqlmqConstants.DEDUPLICATION_ID, "1");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("out")).isEqualTo(1));
        assertThat(sql.queryForObject("SELECT body FROM orders", String.class)).isEqualTo("answer to a");
        assertThat(runs).hasValue(2);
    }

    @Test
    void theReplyIsPartOfTheTransaction() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        start(routes -> routes.from("sqlmq:service").to(INSERT).process(exchange -> {
            if (runs.getAndIncrement() == 0) {
                throw new IllegalStateException("once");
            }
        }));
        assertThat(template.requestBody("sqlmq:service", "a", String.class)).isNotNull();
        assertThat(runs).hasValue(2);
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void waitingConsumersHoldNoConnection() throws Exception {
        start(routes -> {
            for (int i = 0; i < 10; i++) {
                routes.from("sqlmq:idle" + i).to(INSERT);
            }
        });
        template.sendBody("sqlmq:idle1", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(stored()).isEqualTo(1));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(dataSource.getHikariPoolMXBean().getActiveConnections())
                        .isLessThanOrEqualTo(3));
    }
}
