package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.servlet.ServletContext;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * The web console in the servlet container of the application and behind its security, unless {@code sqlmq.console.port} or {@code host} ask
 * for a port of its own.
 */
@AutoConfiguration(after = SqlmqAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(name = "io.sqlmq.console.MountedConsole")
@ConditionalOnSingleCandidate(SqlmqConnectionFactory.class)
@ConditionalOnProperty(prefix = ConsoleSettings.PREFIX, name = "enabled", havingValue = "true")
@ConditionalOnMissingBean(type = "io.sqlmq.console.SqlmqConsole")
@Conditional(SqlmqMountedConsoleAutoConfiguration.NoPlaceOfItsOwn.class)
public final class SqlmqMountedConsoleAutoConfiguration {

    @Bean
    MountedConsoleLifecycle sqlmqMountedConsole(
            SqlmqConnectionFactory factory, Environment environment, ServletContext server) {
        return new MountedConsoleLifecycle(factory, ConsoleSettings.of(environment), server.getContextPath());
    }

    /** Made before the server starts, and so before there are tables. */
    @Bean
    ServletRegistrationBean<ConsoleServlet> sqlmqConsoleServlet(
            ObjectProvider<MountedConsoleLifecycle> console, Environment environment) {
        ConsoleSettings settings = ConsoleSettings.of(environment);
        if (!settings.path().matches("(/[A-Za-z0-9._~-]+)+")) {
            throw new SqlmqStartException(
                    "The console of sqlmq cannot be at \"" + settings.path() + "\" in the application.",
                    "Set " + ConsoleSettings.PREFIX
                            + ".path to a path as /sqlmq, with a slash at its beginning and none at its end.",
                    null);
        }
        ServletRegistrationBean<ConsoleServlet> servlet =
                new ServletRegistrationBean<>(new ConsoleServlet(console, settings.roles()), settings.path() + "/*");
        servlet.setName("sqlmqConsole");
        return servlet;
    }

    static final class NoPlaceOfItsOwn extends NoneNestedConditions {
        NoPlaceOfItsOwn() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty(prefix = ConsoleSettings.PREFIX, name = "port")
        static final class Port {}

        @ConditionalOnProperty(prefix = ConsoleSettings.PREFIX, name = "host")
        static final class Host {}
    }
}
