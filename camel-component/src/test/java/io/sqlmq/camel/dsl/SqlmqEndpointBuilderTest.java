package io.sqlmq.camel.dsl;

import static io.sqlmq.camel.dsl.SqlmqEndpointBuilder.sqlmq;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.camel.SqlmqComponent;
import io.sqlmq.camel.SqlmqEndpoint;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.component.jms.ReplyToType;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SqlmqEndpointBuilderTest {

    private static Map<String, JsonObject> options() throws Exception {
        try (InputStream json =
                SqlmqEndpointBuilderTest.class.getResourceAsStream("/META-INF/io/sqlmq/camel/sqlmq.json")) {
            return ((JsonObject) Jsoner.deserialize(new String(json.readAllBytes(), UTF_8))).getMap("properties");
        }
    }

    @ParameterizedTest
    @EnumSource
    void optionsAreThoseOfTheDescription(OptionMethods.Side side) throws Exception {
        Path file = Path.of(System.getProperty("basedir", ""))
                .resolve("src/main/java/io/sqlmq/camel/dsl/" + side.interfaceName() + ".java");
        String source = OptionMethods.source(side, options());
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.writeString(file, source);
        }
        assertThat(file)
                .as("out of date; run again with -Dsqlmq.docs.update=true")
                .hasContent(source);
    }

    @Test
    void everyOptionHasAMethodOnTheSidesThatHaveIt() throws Exception {
        options().forEach((name, option) -> {
            if (OptionMethods.isParameter(option)) {
                OptionMethods.Side side = OptionMethods.Side.of(option);
                assertThat(has(SqlmqEndpointBuilder.class, name)).as(name).isTrue();
                assertThat(has(SqlmqConsumerBuilder.class, name))
                        .as(name)
                        .isEqualTo(side != OptionMethods.Side.PRODUCER);
                assertThat(has(SqlmqProducerBuilder.class, name))
                        .as(name)
                        .isEqualTo(side != OptionMethods.Side.CONSUMER);
            }
        });
    }

    private static boolean has(Class<?> builder, String option) {
        return Arrays.stream(builder.getMethods())
                .anyMatch(method -> method.getName().equals(option));
    }

    @Test
    void whatWasSetBeforeAnOptionOfOneSideIsKept() {
        SqlmqConsumerBuilder consumer = sqlmq("orders")
                .clientId("shop")
                .redelivery("maximumRedeliveries", 3)
                .concurrentConsumers(4)
                .durableSubscriptionName("{{name}}")
                .redelivery(Map.of("redeliveryDelay", 50));
        assertThat(consumer.getRawUri())
                .startsWith("sqlmq://orders?")
                .contains("clientId=shop")
                .contains("redelivery.maximumRedeliveries=3")
                .contains("redelivery.redeliveryDelay=50")
                .contains("concurrentConsumers=4")
                .contains("durableSubscriptionName={{name}}");
    }

    @Test
    void endpointsAreTheComponents() throws Exception {
        try (CamelContext context = new DefaultCamelContext();
                SqlmqConnectionFactory factory = new SqlmqConnectionFactory("jdbc:postgresql://localhost:1/none")) {
            SqlmqComponent other = new SqlmqComponent();
            other.getConfiguration().setConnectionFactory(factory);
            context.addComponent("mq", other);
            context.getPropertiesComponent().addInitialProperty("size", "7");
            context.start();

            SqlmqEndpoint endpoint = sqlmq("mq", "topic:prices")
                    .advanced()
                    .transacted(false)
                    .batchSize("{{size}}")
                    .destinationOptions("consumer.exclusive", true)
                    .resolve(context, SqlmqEndpoint.class);
            assertThat(endpoint.getDestinationName()).isEqualTo("prices");
            assertThat(endpoint.isPubSubDomain()).isTrue();
            assertThat(endpoint.isTransacted()).isFalse();
            assertThat(endpoint.getConfiguration().getBatchSize()).isEqualTo(7);
            assertThat(endpoint.getDestinationOptions()).containsEntry("consumer.exclusive", "true");

            SqlmqEndpoint sending = sqlmq("mq", "orders")
                    .connectionFactory(factory)
                    .group("${header.customer}")
                    .replyToType(ReplyToType.Exclusive)
                    .resolve(context, SqlmqEndpoint.class);
            assertThat(sending.getConnectionFactory()).isSameAs(factory);
            assertThat(sending.getConfiguration().getGroup()).isEqualTo("${header.customer}");
            assertThat(sending.getReplyToType()).isEqualTo("Exclusive");
        }
    }
}
