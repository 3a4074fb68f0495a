package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.jndi.SqlmqObjectFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever can be set of a factory is still set after it went through a naming service, or was serialized (§5.1). */
class OptionsSurviveTest {
    private static final String URL = "jdbc:postgresql://localhost/db";

    private static final Map<Class<?>, Object> VALUES = Map.ofEntries(
            Map.entry(String.class, "some.>"),
            Map.entry(boolean.class, true),
            Map.entry(int.class, 3),
            Map.entry(long.class, 4000L),
            Map.entry(double.class, 1.0),
            Map.entry(Duration.class, Duration.ofSeconds(5)),
            Map.entry(List.class, List.of("a.b", "c")),
            Map.entry(
                    RedeliveryPolicy.class,
                    RedeliveryPolicy.builder().maximumRedeliveries(2).build()),
            Map.entry(DepthLimit.class, new DepthLimit(7, WhenFull.FAIL)),
            Map.entry(WhenFull.class, WhenFull.FAIL),
            Map.entry(Listen.class, Listen.OFF),
            Map.entry(DestinationNames.class, DestinationNames.LITERAL),
            Map.entry(SchemaManagement.class, SchemaManagement.NONE));

    static Stream<Method> setters() {
        return Arrays.stream(SqlmqOptions.class.getMethods())
                .filter(method -> method.getName().startsWith("set"))
                .filter(method -> !List.of("set", "setUrl").contains(method.getName()));
    }

    @ParameterizedTest
    @MethodSource("setters")
    void noOptionIsLost(Method setter) throws Exception {
        SqlmqOptions options = new SqlmqOptions();
        Object[] values = Arrays.stream(setter.getParameterTypes())
                .map(type -> {
                    assertThat(VALUES).as("a value for the test").containsKey(type);
                    return VALUES.get(type);
                })
                .toArray();
        setter.invoke(options, values);
        if (setter.getName().equals("setPassword")) {
            options.setUser("a");
        }
        Map<String, String> set = options.texts();
        assertThat(set).isNotEmpty();

        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(URL, options);
                SqlmqConnectionFactory named = (SqlmqConnectionFactory)
                        new SqlmqObjectFactory().getObjectInstance(factory.getReference(), null, null, null);
                SqlmqConnectionFactory read = serialized(factory)) {
            for (SqlmqConnectionFactory again : List.of(factory, named, read)) {
                assertThat(again.getUrl()).isEqualTo(URL);
                assertThat(again.getOptions().texts()).isEqualTo(set);
                assertThat(again.getOptions().getDepthLimit("some.queue"))
                        .isEqualTo(options.getDepthLimit("some.queue"));
            }
        }
    }

    private static SqlmqConnectionFactory serialized(SqlmqConnectionFactory factory) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(factory);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (SqlmqConnectionFactory) in.readObject();
        }
    }
}
