package io.sqlmq.example.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.boot.test.AutoConfigureSqlmq;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;

/** What the README shows. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = "sqlmq.redelivery-delay=10ms")
@AutoConfigureSqlmq
class ShopTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @Autowired
    private Environment environment;

    @Autowired
    private PurchaseOrders orders;

    private String call(String method, String path) throws Exception {
        return call(method, path, "");
    }

    private String call(String method, String path, String json) throws Exception {
        URI uri = URI.create("http://localhost:" + environment.getProperty("local.server.port") + path);
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.ofString(json))
                        .header("Content-Type", "application/json")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 204);
        return response.body();
    }

    @Test
    void ordersArePackedOrDeadWithTheirError(@Autowired SqlmqConnectionFactory factory) throws Exception {
        call("POST", "/orders?article=apples&quantity=42");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(orders.findAll()).allMatch(PurchaseOrder::isPacked));
        call("POST", "/orders?article=pears&quantity=4200");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !factory.admin().deadLetters(null, 10).isEmpty());
        assertThat(call("GET", "/actuator/sqlmq")).contains("No parcel is large enough for 4200 pears");
        assertThat(call("GET", "/actuator/sqlmq/DLQ")).contains("large enough");
        assertThat(call("GET", "/actuator/health")).contains("UP");
        assertThat(call("POST", "/actuator/sqlmq/DLQ", "{\"all\": true}")).contains("\"retried\":1");
    }
}
