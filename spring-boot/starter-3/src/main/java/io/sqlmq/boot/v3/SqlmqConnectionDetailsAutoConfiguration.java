package io.sqlmq.boot.v3;

import io.sqlmq.boot.OwnDatabase;
import io.sqlmq.boot.SqlmqEmbeddedAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;

/** Leads the application's DataSource to the database that was made for it. */
@AutoConfiguration(after = SqlmqEmbeddedAutoConfiguration.class, before = DataSourceAutoConfiguration.class)
@ConditionalOnBean(OwnDatabase.class)
public final class SqlmqConnectionDetailsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(JdbcConnectionDetails.class)
    JdbcConnectionDetails sqlmqConnectionDetails(OwnDatabase database) {
        return new Details(database.jdbcUrl());
    }

    private record Details(String getJdbcUrl) implements JdbcConnectionDetails {

        /** It is in the URL, and so is the password. */
        @Override
        public @Nullable String getUsername() {
            return null;
        }

        @Override
        public @Nullable String getPassword() {
            return null;
        }
    }
}
