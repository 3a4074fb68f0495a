package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.boot.test.AutoConfigureSqlmq;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.core.JmsTemplate;

/** Tests on databases of their own, of an application with a Flyway of its own. */
class SliceTest {
    private static final Set<String> DATABASES = new HashSet<>();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @SpringBootTest(
            classes = Application.class,
            webEnvironment = WebEnvironment.NONE,
            properties = {"spring.datasource.url=jdbc:postgresql://production/shop", "spring.liquibase.enabled=false"})
    @AutoConfigureSqlmq
    abstract static class Case {
        @Autowired
        JmsTemplate jms;

        @Autowired
        JdbcTemplate jdbc;

        @Autowired
        SqlmqConnectionFactory factory;

        String database() {
            return String.valueOf(jdbc.queryForObject("SELECT current_database()", String.class));
        }

        @Test
        void beginsEmpty(@Autowired Environment environment) throws JMSException {
            assertThat(factory.admin().queues()).isEmpty();
            jms.convertAndSend("in", "one");
            assertThat(jdbc.queryForObject("SELECT body FROM mq_messages", String.class))
                    .isEqualTo("one");
            DATABASES.add(database());
            assertThat(DATABASES).hasSize(1);
        }
    }

    @Nested
    class First extends Case {}

    @Nested
    class Second extends Case {}

    @Nested
    @AutoConfigureSqlmq
    @SpringBootTest(
            classes = Application.class,
            webEnvironment = WebEnvironment.NONE,
            properties = "spring.liquibase.enabled=false")
    class Other {
        @Test
        void hasItsOwn(@Autowired JdbcTemplate jdbc) {
            assertThat(jdbc.queryForList("SELECT description FROM flyway_schema_history", String.class))
                    .containsExactly("invoices");
            assertThat(jdbc.queryForList("SELECT version FROM mq_schema_history", String.class))
                    .contains("1");
            assertThat(DATABASES).doesNotContain(jdbc.queryForObject("SELECT current_database()", String.class));
        }
    }

    /** Tools that migrate as a role of their own, or by a URL of their own, are kept off what that leads to. */
    @Nested
    @AutoConfigureSqlmq
    @SpringBootTest(
            classes = Application.class,
            webEnvironment = WebEnvironment.NONE,
            properties = {
                "spring.flyway.user=owner",
                "spring.flyway.password=secret",
                "spring.flyway.baseline-on-migrate=true",
                "spring.flyway.baseline-version=0",
                "spring.liquibase.url=jdbc:postgresql://production/shop",
                "spring.liquibase.user=owner",
                "spring.liquibase.change-log=classpath:db/changelog/shop.sql"
            })
    class WithToolsThatConnectThemselves {
        @Test
        void areMigratedHere(@Autowired JdbcTemplate jdbc) {
            assertThat(jdbc.queryForList("SELECT description FROM flyway_schema_history", String.class))
                    .contains("invoices");
            assertThat(jdbc.queryForList("SELECT id FROM databasechangelog", String.class))
                    .containsExactly("1");
        }
    }

    /** What slices of Boot's take, which import nothing by themselves. */
    @Test
    void theAnnotationImportsWhatThereIs() {
        assertThat(ImportCandidates.load(AutoConfigureSqlmq.class, getClass().getClassLoader()))
                .hasSize(4)
                .allSatisfy(name -> assertThat(Class.forName(name)).isNotNull());
    }

    /** As applications with several do. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OwnDataSource {
        @Bean
        HikariDataSource orders(@Value("${orders.jdbc-url}") String url) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(url);
            return pool;
        }
    }

    @Nested
    @AutoConfigureSqlmq
    @SpringBootTest(
            classes = OwnDataSource.class,
            webEnvironment = WebEnvironment.NONE,
            properties = {
                "orders.jdbc-url=${sqlmq.test-url}",
                "spring.liquibase.enabled=false",
                "spring.flyway.enabled=false"
            })
    class WithADataSourceOfItsOwn {
        @Test
        void isInTheTestsDatabase(@Autowired JdbcTemplate jdbc, @Autowired OwnDatabase own) {
            assertThat(own.jdbcUrl())
                    .contains("/" + jdbc.queryForObject("SELECT current_database()", String.class) + "?");
        }
    }

    @AfterAll
    static void forget() {
        DATABASES.clear();
    }
}
