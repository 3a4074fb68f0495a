package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.impl.console.DefaultDevConsoleRegistry;
import org.apache.camel.util.json.JsonObject;
import org.junit.jupiter.api.Test;

class DevConsoleTest extends CamelTest {

    @Test
    void theConsoleShowsDatabasesQueuesAndConsumers() throws Exception {
        DevConsoleRegistry consoles = new DefaultDevConsoleRegistry(context);
        context.getCamelContextExtension().addContextPlugin(DevConsoleRegistry.class, consoles);
        start(routes -> {
            routes.from("sqlmq:in?concurrentConsumers=2").routeId("worker").to("mock:out");
            routes.from("direct:start").to("sqlmq:waiting").toD("sqlmq:${header.another}");
            routes.from("sqlmq:temp-queue:mine").autoStartup(false).to("mock:out");
        });
        template.sendBodyAndHeader("direct:start", "a", "another", "elsewhere");
        consoles.loadDevConsoles();
        DevConsole console = consoles.resolveById("sqlmq");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonObject json = (JsonObject) console.call(DevConsole.MediaType.JSON);
            List<JsonObject> databases = List.copyOf(json.getCollection("databases"));
            assertThat(databases).hasSize(1);
            assertThat(databases.get(0)).containsEntry("up", true);
            assertThat(databases.get(0).getJsonObject("queues").keySet())
                    .containsExactlyInAnyOrder("DLQ", "in", "waiting");
            assertThat(databases.get(0).getJsonObject("queues")).containsEntry("waiting", 1L);
            List<JsonObject> consumers = List.copyOf(json.getCollection("consumers"));
            assertThat(consumers).hasSize(2);
            assertThat(consumers.get(0))
                    .containsEntry("routeId", "worker")
                    .containsEntry("state", "Started")
                    .containsEntry("consumers", 2);
            assertThat(consumers.get(1)).containsEntry("state", "Stopped").containsEntry("consumers", 0);
        });
        assertThat((String) console.call(DevConsole.MediaType.TEXT))
                .contains(
                        "(up)",
                        "waiting: 1 messages",
                        "Route worker: sqlmq://in?concurrentConsumers=2 (Started, 2 consumers)");
    }
}
