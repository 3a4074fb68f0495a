package io.sqlmq.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import org.apache.camel.catalog.EndpointValidationResult;
import org.apache.camel.catalog.impl.DefaultRuntimeCamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Camel's tools get to know of the component by the description in its jar. */
class CatalogTest {
    private DefaultCamelContext context;
    private DefaultRuntimeCamelCatalog catalog;

    @BeforeEach
    void catalog() {
        context = new DefaultCamelContext();
        catalog = new DefaultRuntimeCamelCatalog();
        catalog.setCamelContext(context);
        catalog.start();
    }

    @AfterEach
    void close() throws Exception {
        catalog.stop();
        context.close();
    }

    @Test
    void optionsOfEndpointsAreChecked() throws Exception {
        EndpointValidationResult right = catalog.validateProperties(
                "sqlmq",
                catalog.endpointProperties(
                        "sqlmq:topic:prices?selector=a=1&batchSize=10&redelivery.maximumRedeliveries=3"));
        assertThat(right.isSuccess()).as(right.toString()).isTrue();
        EndpointValidationResult wrong = catalog.validateEndpointProperties("sqlmq:orders?batchSize=many&colour=red");
        assertThat(wrong.getInvalidInteger()).containsKey("batchSize");
        assertThat(wrong.getUnknown()).containsExactly("colour");
    }

    @Test
    void urisAreTakenApart() throws Exception {
        assertThat(catalog.endpointProperties("sqlmq:topic:prices?durableRedelivery=true"))
                .containsEntry("destinationType", "topic")
                .containsEntry("destinationName", "prices")
                .containsEntry("durableRedelivery", "true");
    }

    /** What a CamelCatalog is given by addComponent. */
    @Test
    void theDescriptionIsWhereDocumentationSaysThatItIs() throws Exception {
        try (InputStream json = SqlmqComponent.class.getResourceAsStream("/META-INF/io/sqlmq/camel/sqlmq.json")) {
            assertThat(new String(json.readAllBytes(), UTF_8))
                    .contains("\"javaType\": \"" + SqlmqComponent.class.getName() + "\"")
                    .isEqualTo(context.getComponentParameterJsonSchema("sqlmq"));
        }
    }
}
