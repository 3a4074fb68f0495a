package io.sqlmq.boot;

import io.sqlmq.embedded.SqlmqEmbedded;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** With {@code sqlmq.embedded=true} the application's database is an embedded PostgreSQL, which ends with the application. */
@AutoConfiguration(
        beforeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration"
        })
@ConditionalOnClass(SqlmqEmbedded.class)
@ConditionalOnProperty(name = "sqlmq.embedded", havingValue = "true")
public final class SqlmqEmbeddedAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    OwnDatabase sqlmqOwnDatabase() {
        return new OwnDatabase(SqlmqEmbedded.named("default").jdbcUrl());
    }
}
