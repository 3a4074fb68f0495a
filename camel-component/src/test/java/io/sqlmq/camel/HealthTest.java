package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.impl.health.DefaultHealthCheckRegistry;
import org.junit.jupiter.api.Test;

class HealthTest extends CamelTest {

    @Test
    void readinessIsThatOfTheDatabase() throws Exception {
        HealthCheckRegistry health = new DefaultHealthCheckRegistry(context);
        context.getCamelContextExtension().addContextPlugin(HealthCheckRegistry.class, health);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setConnectionTimeout(1000);
        try (HikariDataSource own = new HikariDataSource(config)) {
            context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(own);
            start(routes -> routes.from("sqlmq:in").to("mock:out"));
            HealthCheck check = HealthCheckHelper.getHealthCheck(context, "sqlmq");
            assertThat(check.callReadiness().getState()).isEqualTo(HealthCheck.State.UP);
            assertThat(check.isLiveness()).isFalse();
            assertThat(HealthCheckHelper.invokeReadiness(context))
                    .extracting(result -> result.getCheck().getId())
                    .contains("sqlmq");
            context.getRouteController().stopAllRoutes();
            own.close();
            HealthCheck.Result result = check.callReadiness();
            assertThat(result.getState()).isEqualTo(HealthCheck.State.DOWN);
            assertThat(result.getMessage()).isPresent();
        }
        context.stop();
        assertThat(health.getCheck("sqlmq")).isEmpty();
    }
}
