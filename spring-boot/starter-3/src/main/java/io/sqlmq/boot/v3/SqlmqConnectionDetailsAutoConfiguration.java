package io.sqlmq.boot.v3;

import io.sqlmq.boot.OwnDatabase;
import io.sqlmq.boot.SqlmqEmbeddedAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.flyway.FlywayConnectionDetails;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.boot.autoconfigure.liquibase.LiquibaseConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Leads the application's DataSource to the database that was made for it, and the tools that migrate it: these may have a URL or a user of
 * their own, and would otherwise change what they find there.
 */
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

    /** For Flyway, where it has a URL or a user of its own. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(FlywayConnectionDetails.class)
    static class OfFlyway {

        @Bean
        @ConditionalOnMissingBean(FlywayConnectionDetails.class)
        FlywayConnectionDetails sqlmqFlywayConnectionDetails(OwnDatabase database, Environment environment) {
            return new FlywayDetails(environment.containsProperty("spring.flyway.url") ? database.jdbcUrl() : null);
        }

        private record FlywayDetails(@Nullable String getJdbcUrl) implements FlywayConnectionDetails {

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

    /** For Liquibase, where it has a URL or a user of its own. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(LiquibaseConnectionDetails.class)
    static class OfLiquibase {

        @Bean
        @ConditionalOnMissingBean(LiquibaseConnectionDetails.class)
        LiquibaseConnectionDetails sqlmqLiquibaseConnectionDetails(OwnDatabase database, Environment environment) {
            return new LiquibaseDetails(
                    environment.containsProperty("spring.liquibase.url") ? database.jdbcUrl() : null);
        }

        private record LiquibaseDetails(@Nullable String getJdbcUrl) implements LiquibaseConnectionDetails {

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
}
