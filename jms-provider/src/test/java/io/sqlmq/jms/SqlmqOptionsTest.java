package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlmqOptionsTest {
    private static final String URL = "jdbc:postgresql://localhost/db";

    /** For each option a value that is not the default. */
    private static final Map<Class<?>, Object> OTHER_VALUES = Map.of(
            WhenFull.class,
            WhenFull.FAIL,
            DestinationNames.class,
            DestinationNames.LITERAL,
            String.class,
            "other",
            Boolean.class,
            true,
            Integer.class,
            3,
            Long.class,
            4000L,
            Double.class,
            1.0,
            List.class,
            List.of("a.b", "c"),
            SchemaManagement.class,
            SchemaManagement.MIGRATE,
            Listen.class,
            Listen.OFF);

    private static Object otherValue(SqlmqOption option) {
        Object value = OTHER_VALUES.get(option.type().javaType());
        assertThat(value).isNotNull();
        return value.equals(option.defaultValue()) ? false : value;
    }

    private static String accessor(String prefix, SqlmqOption option) {
        String name = option.optionName();
        return prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static Object read(SqlmqOptions options, SqlmqOption option) throws ReflectiveOperationException {
        String prefix = option.type().javaType() == Boolean.class ? "is" : "get";
        return SqlmqOptions.class.getMethod(accessor(prefix, option)).invoke(options);
    }

    private static Method setter(SqlmqOption option) {
        List<Method> setters = Arrays.stream(SqlmqOptions.class.getMethods())
                .filter(method -> method.getName().equals(accessor("set", option)))
                .filter(method -> method.getParameterTypes()[0] != Duration.class)
                .toList();
        assertThat(setters).as(option.optionName()).hasSize(1);
        return setters.get(0);
    }

    @ParameterizedTest
    @EnumSource(SqlmqOption.class)
    void tableUrlAndBeanAgree(SqlmqOption option) throws ReflectiveOperationException {
        assertThat(read(new SqlmqOptions(), option)).isEqualTo(option.defaultValue());

        Object value = otherValue(option);
        SqlmqOptions bySetter = new SqlmqOptions();
        setter(option).invoke(bySetter, value);
        assertThat(read(bySetter, option)).isEqualTo(value).isNotEqualTo(option.defaultValue());

        SqlmqOptions byUrl = SqlmqOptions.parse(URL + "?sqlmq." + option.optionName() + "=" + option.format(value));
        assertThat(read(byUrl, option)).isEqualTo(value);
        assertThat(byUrl.getUrl()).isEqualTo(URL);

        assertThat(byUrl.get(option.optionName())).isEqualTo(option.isSecret() ? null : option.format(value));
    }

    @ParameterizedTest
    @EnumSource(SqlmqOption.class)
    void whatIsInMillisecondsCanBeADuration(SqlmqOption option) throws ReflectiveOperationException {
        boolean time = option.type().title().startsWith("milliseconds");
        List<Method> setters = Arrays.stream(SqlmqOptions.class.getMethods())
                .filter(method -> method.getName().equals(accessor("set", option)))
                .filter(method -> method.getParameterTypes()[0] == Duration.class)
                .toList();
        assertThat(setters).hasSize(time ? 1 : 0);
        if (time) {
            SqlmqOptions options = new SqlmqOptions();
            setters.get(0).invoke(options, Duration.ofSeconds(4));
            assertThat(read(options, option)).isEqualTo(4000L);
            setters.get(0).invoke(options, (Object) null);
            assertThat(read(options, option)).isEqualTo(option.defaultValue());
        }
    }

    @Test
    void theBeanHasNoSetterThatTheTableDoesNotHave() {
        Set<String> expected = Arrays.stream(SqlmqOption.values())
                .map(option -> accessor("set", option))
                .collect(Collectors.toSet());
        assertThat(Arrays.stream(SqlmqOptions.class.getMethods())
                        .map(Method::getName)
                        .collect(Collectors.toSet()))
                .filteredOn(name -> name.startsWith("set") && name.length() > 3)
                .filteredOn(name -> !Set.of("setUrl", "setRedeliveryPolicy", "setDepthLimit")
                        .contains(name))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @EnumSource(SqlmqOption.class)
    void nothingCanBeSetOnceInUse(SqlmqOption option) {
        SqlmqOptions options = new SqlmqOptions();
        options.seal();
        assertThatIllegalStateException()
                .isThrownBy(() -> options.set(option.optionName(), option.format(otherValue(option))))
                .withMessageContaining(option.optionName())
                .withMessageContaining("in use");
        SqlmqOptions copy = options.copy();
        copy.set(option.optionName(), option.format(otherValue(option)));
    }

    @ParameterizedTest
    @CsvSource({
        "shema, schema",
        "maxPoolSize, maximumPoolSize",
        "redeliverydelay, redeliveryDelay",
        "clientId, clientID",
        "pgbouncer, pgBouncer",
        "backoffMultiplyer, backOffMultiplier"
    })
    void anUnknownOptionIsRefusedWithTheNearestName(String wrong, String right) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SqlmqOptions.parse(URL + "?sqlmq." + wrong + "=1"))
                .withMessage("There is no option \"" + wrong + "\"; did you mean \"" + right + "\"?");
    }

    @Test
    void anOptionUnlikeAnyOtherIsRefusedWithoutAGuess() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SqlmqOptions().set("xyzzy", "1"))
                .withMessageContaining("docs/configuration.md");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "maximumPoolSize=0 | integer from 1 to 10000 is needed",
                "maximumPoolSize=many | integer from 1 to 10000 is needed",
                "schemaManagement=create | one of migrate, validate, none is needed",
                "pgBouncer=yes | true or false is needed",
                "leaseTime=5s | milliseconds, from 1000 to 2147483647 is needed",
                "collisionAvoidanceFactor=1.5 | number from 0.0 to 1.0 is needed",
                "backOffMultiplier=NaN | number from 1.0 to 1000.0 is needed",
                "maxMessageSize=2000000000 | bytes, from 1 to 1000000000 is needed",
                "schema= | text is needed"
            })
    void aBadValueIsRefusedWithWhatIsPossible(String pair, String expected) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SqlmqOptions.parse(URL + "?sqlmq." + pair))
                .withMessageStartingWith("Option " + pair + " is not possible: " + expected);
    }

    @Test
    void aSetterRefusesWhatTheUrlRefuses() {
        SqlmqOptions options = new SqlmqOptions();
        assertThatIllegalArgumentException().isThrownBy(() -> options.setMaximumPoolSize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> options.setLeaseTime(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> options.setDeadLetterQueue("x".repeat(256)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sqlmq.deadLetterQueue=A&sqlmq.deadLetterQueuePrefix=DLQ.",
                "sqlmq.redeliveryDelay=600000",
                "sqlmq.leaseAfter=5000&sqlmq.leaseTime=5000",
                "sqlmq.password=sesame",
                "sqlmq.user=a&user=b",
                "sqlmq.user=a&sqlmq.password=sesame&password=sesame",
                "sqlmq.applicationName=a&ApplicationName=b",
                "autosave=always"
            })
    void contradictionsAreRefused(String query) {
        SqlmqOptions options = SqlmqOptions.parse(URL + "?" + query);
        assertThatIllegalArgumentException().isThrownBy(options::validate).withMessageNotContaining("sesame");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sqlmq.deadLetterQueuePrefix=DLQ.",
                "sqlmq.redeliveryDelay=600000&sqlmq.useExponentialBackOff=false",
                "sqlmq.password=sesame&user=a",
                "user=a&password=sesame&autosave=conservative"
            })
    void whatFitsTogetherIsAccepted(String query) {
        SqlmqOptions.parse(URL + "?" + query).validate();
    }

    @Test
    void nullBringsBackTheDefault() {
        SqlmqOptions options = new SqlmqOptions();
        options.setDeadLetterQueue("A");
        options.setDeadLetterQueue(null);
        options.setDeadLetterQueuePrefix("DLQ.");
        options.validate();
        assertThat(options.getDeadLetterQueue()).isEqualTo("DLQ");
    }

    @Test
    void passwordsAreNotShown() {
        SqlmqOptions options = SqlmqOptions.parse(URL + "?user=a&password=sesame1&sqlmq.clientID=me");
        options.setPassword(" sesame2 ");
        assertThat(options.getPassword()).isEqualTo(" sesame2 ");
        assertThat(options.toString()).doesNotContain("sesame").contains("clientID=me", "localhost");
    }

    @Test
    void theMostTellingPatternDecidesThePolicy() {
        SqlmqOptions options = new SqlmqOptions();
        options.setMaximumRedeliveries(1);
        int number = 1;
        for (String pattern : List.of(">", "orders.>", "orders.*", "*.eu", "orders.eu", "orders.*.cold")) {
            options.setRedeliveryPolicy(
                    pattern,
                    RedeliveryPolicy.builder().maximumRedeliveries(++number).build());
        }
        assertThat(List.of("bills", "orders", "orders.us", "bills.eu", "orders.eu", "orders.eu.cold", "orders.eu.hot"))
                .extracting(name -> options.getRedeliveryPolicy(name).maximumRedeliveries())
                .containsExactly(2, 3, 4, 5, 6, 7, 3);
        options.setRedeliveryPolicy(">", null);
        assertThat(options.getRedeliveryPolicy("bills").maximumRedeliveries()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.setRedeliveryPolicy("a.>.b", RedeliveryPolicy.DEFAULT))
                .withMessageContaining("not at the end");
    }

    @Test
    void aPolicySetAtOnceIsThePolicyOfTheOptions() {
        RedeliveryPolicy policy = RedeliveryPolicy.builder()
                .redeliveryDelay(5)
                .maximumRedeliveries(-1)
                .build();
        SqlmqOptions options = new SqlmqOptions();
        options.setRedeliveryPolicy(policy);
        assertThat(options.getRedeliveryPolicy()).isEqualTo(policy);
        assertThat(options.getRedeliveryDelay()).isEqualTo(5);
    }

    @Test
    void aDurationLongerThanMillisecondsCanSayIsOutOfRangeAndNoMore() {
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        for (Duration duration : List.of(longest, longest.negated())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SqlmqOptions().setLeaseTime(duration))
                    .withMessageContaining("leaseTime");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RedeliveryPolicy.builder().redeliveryDelay(duration))
                    .withMessageContaining("redeliveryDelay");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new QueueLimit(null, 5, duration))
                    .withMessageContaining("A period lasts from 1 ms");
        }
    }
}
