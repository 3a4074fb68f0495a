package io.sqlmq.boot;

import io.sqlmq.embedded.SqlmqEmbedded;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** With {@code sqlmq.embedded=true} the application's database is an embedded PostgreSQL, which ends with the application. */
@AutoConfiguration(
        beforeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration"
        })
@ConditionalOnProperty(name = "sqlmq.embedded", havingValue = "true")
public final class SqlmqEmbeddedAutoConfiguration {

    private static final String EMBEDDED = "io.sqlmq.embedded.SqlmqEmbedded";

    /** With the artifact. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = EMBEDDED)
    static class Present {

        @Bean
        @ConditionalOnMissingBean
        OwnDatabase sqlmqOwnDatabase() {
            return new OwnDatabase(SqlmqEmbedded.named("default").jdbcUrl());
        }
    }

    /** Without it, which is said. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass(EMBEDDED)
    static class Missing {

        @Bean
        OwnDatabase sqlmqOwnDatabase() {
            throw new SqlmqStartException(
                    "sqlmq.embedded is true, but the embedded PostgreSQL is not on the class path.",
                    "Add the dependency io.sqlmq:sqlmq-embedded, or set sqlmq.embedded to false and spring.datasource.url.",
                    null);
        }
    }
}
