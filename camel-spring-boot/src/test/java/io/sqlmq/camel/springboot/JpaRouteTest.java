package io.sqlmq.camel.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqResource;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** Routes with JPA are one transaction, that of the application's JpaTransactionManager, which nobody has to name. */
@SqlmqTest(purge = Purge.Time.EACH_TEST)
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JpaRouteTest {
    private static final int IDLE = 3;

    @JdbcUrl
    String url;

    @SqlmqResource
    SqlmqConnectionFactory outside;

    private JdbcTemplate sql;

    @BeforeEach
    void tables() {
        PGSimpleDataSource beside = new PGSimpleDataSource();
        beside.setUrl(url);
        sql = new JdbcTemplate(beside);
        sql.execute("CREATE TABLE IF NOT EXISTS parcel (content text PRIMARY KEY)");
        sql.execute("CREATE TABLE IF NOT EXISTS written (what text, in_transaction text)");
        sql.execute("TRUNCATE parcel, written");
    }

    @Entity(name = "parcel")
    static class Parcel {
        @Id
        private String content;

        Parcel() {}

        Parcel(String content) {
            this.content = content;
        }
    }

    /** What routes call. */
    static class Packing {
        private final EntityManager entities;
        private final JdbcTemplate jdbc;
        private final AtomicInteger runs = new AtomicInteger();

        Packing(EntityManager entities, JdbcTemplate jdbc) {
            this.entities = entities;
            this.jdbc = jdbc;
        }

        @Transactional
        public void pack(String body) {
            entities.persist(new Parcel(body));
            entities.flush();
            jdbc.update("INSERT INTO written SELECT 'entity', xmin::text FROM parcel");
        }

        public void failOnce() {
            if (runs.getAndIncrement() == 0) {
                throw new IllegalStateException("once");
            }
        }

        public int runs() {
            return runs.get();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Shop {
        @Bean
        Packing packing(EntityManager entities, JdbcTemplate jdbc) {
            return new Packing(entities, jdbc);
        }

        @Bean
        RouteBuilder orders(Packing packing) {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("sqlmq:in")
                            .process(exchange ->
                                    packing.pack(exchange.getMessage().getBody(String.class)))
                            .to("sql:INSERT INTO written VALUES ('row', pg_catalog.pg_current_xact_id()::text)")
                            .to("sqlmq:out")
                            .process(exchange -> packing.failOnce());
                    for (int i = 0; i < IDLE; i++) {
                        from("sqlmq:idle" + i).to("sqlmq:out");
                    }
                }
            };
        }
    }

    /** Otherwise it would fail every five seconds. */
    @Test
    void aRouteInWhoseTransactionsNothingCanBeReceivedDoesNotStart() {
        for (String setting : new String[] {"transaction-isolation=TRANSACTION_SERIALIZABLE", "read-only=true"}) {
            assertThatThrownBy(() -> new SpringApplicationBuilder(Shop.class)
                            .web(WebApplicationType.NONE)
                            .properties(
                                    "spring.main.banner-mode=off",
                                    "logging.level.root=off",
                                    "spring.datasource.url=" + url,
                                    "spring.datasource.hikari." + setting,
                                    "camel.component.sqlmq.receive-timeout=100")
                            .run()
                            .close())
                    .hasStackTraceContaining("JpaTransactionManager, which are "
                            + (setting.startsWith("read") ? "read-only" : "SERIALIZABLE"));
        }
    }

    /** Four routes that wait, with a pool of 2; then one of them works. */
    @Test
    void messageEntityRowAndReplyAreOneAndRoutesThatWaitHoldNoConnection() throws JMSException {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(Shop.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.main.banner-mode=off",
                        "logging.level.root=warn",
                        "spring.datasource.url=" + url,
                        "spring.datasource.hikari.maximum-pool-size=2",
                        "camel.component.sqlmq.receive-timeout=100") // a stop waits for it
                .run()) {
            HikariDataSource pool = application.getBean(HikariDataSource.class);
            await().atMost(Duration.ofSeconds(60))
                    .during(Duration.ofSeconds(1))
                    .until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
            application.getBean(ProducerTemplate.class).sendBody("sqlmq:in", "a");
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(outside.admin().count("out")).isEqualTo(1));
            assertThat(outside.admin().count("in")).isZero();
            assertThat(application.getBean(Packing.class).runs()).isEqualTo(2);
            assertThat(sql.queryForList("SELECT content FROM parcel", String.class))
                    .containsExactly("a");
            assertThat(sql.queryForList("SELECT what FROM written ORDER BY 1", String.class))
                    .containsExactly("entity", "row");
            assertThat(sql.queryForList("SELECT DISTINCT in_transaction FROM written", String.class))
                    .hasSize(1);
        }
    }
}
