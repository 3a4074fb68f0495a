package io.sqlmq.boot;

import io.sqlmq.console.SqlmqConsole;
import io.sqlmq.jms.SqlmqConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The web console on a port of its own, where {@code sqlmq.console.enabled} asks for it and the application has no server to mount it in. */
@AutoConfiguration(after = {SqlmqAutoConfiguration.class, SqlmqMountedConsoleAutoConfiguration.class})
@ConditionalOnSingleCandidate(SqlmqConnectionFactory.class)
@ConditionalOnProperty(prefix = ConsoleSettings.PREFIX, name = "enabled", havingValue = "true")
public final class SqlmqConsoleAutoConfiguration {
    private static final String CONSOLE = "io.sqlmq.console.SqlmqConsole";

    /** With the artifact. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = CONSOLE)
    static class Present {
        private static final Logger LOG = LoggerFactory.getLogger(SqlmqConsole.class);

        @Bean(destroyMethod = "close")
        @ConditionalOnMissingBean(type = {CONSOLE, "io.sqlmq.boot.MountedConsoleLifecycle"})
        SqlmqConsole sqlmqConsole(SqlmqConnectionFactory factory, Environment environment) {
            ConsoleSettings settings = ConsoleSettings.of(environment);
            SqlmqConsole console = settings.builder(factory)
                    .host(settings.host())
                    .port(settings.port())
                    .start();
            LOG.info("The console is at {}", settings.token() == null ? console.loginUrl() : console.url());
            return console;
        }
    }

    /** Without it, which is said. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass(CONSOLE)
    static class Missing {

        @Bean
        InitializingBean sqlmqConsoleMissing() {
            return () -> {
                throw new SqlmqStartException(
                        ConsoleSettings.PREFIX + ".enabled is true, but the console of sqlmq is not on the class path.",
                        "Add the dependency io.sqlmq:sqlmq-console, or set " + ConsoleSettings.PREFIX
                                + ".enabled to false.",
                        null);
            };
        }
    }
}
