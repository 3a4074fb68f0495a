package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sqlmq.jms.OptionDescription;
import io.sqlmq.jms.SqlmqOptions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What can be written and is of no use, and what is written in other ways. */
class PropertiesTest {

    /** What is refused is named, by exceptions that Boot explains with property, value and reason. */
    private static void refuses(String property, String value) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("application", Map.of(property, value)));
        Throwable thrown = catchThrowable(() -> {
            new SqlmqSettings(environment).options();
            JobSettings.of(environment);
        });
        String named = thrown instanceof InvalidConfigurationPropertyValueException invalid
                ? invalid.getName()
                : thrown instanceof BindException unbound
                        ? unbound.getProperty().getName().toString()
                        : String.valueOf(thrown);
        assertThat(named).as("%s=%s", property, value).isEqualTo(property);
    }

    @ParameterizedTest
    @CsvSource({
        "sqlmq.jobs.min-concurrency, 0",
        "sqlmq.jobs.min-concurrency, -1",
        "sqlmq.jobs.min-concurrency, 2147483648",
        "sqlmq.jobs.max-concurrency, 0",
        "sqlmq.jobs.max-concurrency, -1",
        "sqlmq.jobs.max-concurrency, 2147483648",
        "sqlmq.jobs.shutdown-timeout, -1s",
        "sqlmq.jobs.shutdown-timeout, -PT1S",
        "sqlmq.jobs.shutdown-timeout, soon",
        "sqlmq.jobs.shutdown-timeout, 99999999999999999999d",
        "sqlmq.console.port, -1",
        "sqlmq.console.port, 65536",
        "sqlmq.console.port, http",
        "sqlmq.console.idle-timeout, 0s",
        "sqlmq.console.idle-timeout, -30m",
        "sqlmq.console.idle-timeout, 36501d",
        "sqlmq.console.idle-timeout, 99999999999999999999d",
    })
    void ofTheStarter(String property, String value) {
        refuses(property, value);
    }

    /** Of each option that counts something: less than nothing (but for -1, which may be without limit), and more than there is. */
    @ParameterizedTest
    @MethodSource("counting")
    void ofOptions(OptionDescription option) {
        String property = "sqlmq." + SqlmqSettings.dashed(option.name());
        String unit = option.unit() == OptionDescription.Unit.MILLISECONDS
                ? "s"
                : option.unit() == OptionDescription.Unit.BYTES ? "KB" : "";
        for (String value :
                List.of("-7" + unit, "99999999999999999999" + unit, "-99999999999999999999" + unit, "some")) {
            refuses(property, value);
        }
    }

    static Stream<OptionDescription> counting() {
        return SqlmqSettings.available().stream()
                .filter(option -> Number.class.isAssignableFrom(option.type())
                        || List.of("int", "long", "double")
                                .contains(option.type().getName().toLowerCase(Locale.ROOT)));
    }

    private static SqlmqOptions options(PropertySource<?> source) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(source);
        return new SqlmqSettings(environment).options();
    }

    /** As orchestration writes them, with an underscore within a name or without. */
    @ParameterizedTest
    @ValueSource(strings = {"MAXIMUM_REDELIVERIES", "MAXIMUMREDELIVERIES"})
    void destinationsCanBeInTheEnvironment(String option) {
        SqlmqOptions options = options(new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of("SQLMQ_DESTINATIONS_0_NAME", "orders.>", "SQLMQ_DESTINATIONS_0_" + option, "2")));
        assertThat(options.getRedeliveryPolicies().get("orders.>").maximumRedeliveries())
                .isEqualTo(2);
    }

    /** It would otherwise say nothing of any of them. */
    @Test
    void destinationsAreAListAndNoMap() {
        assertThatThrownBy(() -> options(new MapPropertySource(
                        "application", Map.of("sqlmq.destinations.orders.maximum-redeliveries", "2"))))
                .hasStackTraceContaining("sqlmq.destinations.orders.maximum-redeliveries");
    }

    /** The second entry would otherwise undo the first. */
    @Test
    void aDestinationHasOneEntry() {
        assertThatThrownBy(() -> options(new MapPropertySource(
                        "application",
                        Map.of(
                                "sqlmq.destinations[0].name", "orders",
                                "sqlmq.destinations[0].maximum-redeliveries", "2",
                                "sqlmq.destinations[1].name", "orders",
                                "sqlmq.destinations[1].redelivery-delay", "5s"))))
                .hasMessageContaining("sqlmq.destinations[1]")
                .hasMessageContaining("belongs into one");
    }
}
