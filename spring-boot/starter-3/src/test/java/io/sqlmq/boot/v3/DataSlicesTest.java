package io.sqlmq.boot.v3;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.boot.test.AutoConfigureSqlmq;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureTestDatabase;
import org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureTestDatabase.Replace;
import org.springframework.boot.test.autoconfigure.jdbc.JdbcTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestPropertySource;

/** Slices of Boot's on databases of their own; their transactions, which roll back, have messages, too. */
class DataSlicesTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    /** Of an application that is configured for its database, and a test that must not come near that. */
    @Retention(RetentionPolicy.RUNTIME)
    @ContextConfiguration(classes = Application.class)
    @TestPropertySource(
            properties = {
                "spring.datasource.url=jdbc:postgresql://production/shop",
                "spring.flyway.enabled=false",
                "spring.liquibase.enabled=false"
            })
    @AutoConfigureSqlmq
    @interface OfTheShop {}

    private static void sends(JdbcTemplate jdbc, JmsTemplate jms) {
        jms.convertAndSend("in", "one");
        assertThat(jdbc.queryForList("SELECT body FROM mq_messages", String.class))
                .containsExactly("one");
    }

    @Nested
    @OfTheShop
    @JdbcTest
    class ByItself {
        @Test
        void sendsInItsTransaction(@Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            sends(jdbc, jms);
        }

        @Test
        void sendsInAnotherTransaction(@Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            sends(jdbc, jms);
        }
    }

    @Nested
    @OfTheShop
    @JdbcTest
    @AutoConfigureTestDatabase(replace = Replace.NONE)
    class OnTheApplicationsDataSource {
        @Test
        void sendsInItsTransaction(@Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            sends(jdbc, jms);
        }
    }
}
