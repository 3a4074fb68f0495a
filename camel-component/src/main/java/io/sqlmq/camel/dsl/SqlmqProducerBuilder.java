package io.sqlmq.camel.dsl;

import java.util.Map;
import org.apache.camel.builder.EndpointProducerBuilder;
import org.apache.camel.builder.endpoint.AbstractEndpointBuilder;

/** A {@code sqlmq:} endpoint to send to. Begin with {@link SqlmqEndpointBuilder#sqlmq(String)}. Not thread-safe. */
public final class SqlmqProducerBuilder extends AbstractEndpointBuilder
        implements CommonOptions<SqlmqProducerBuilder>, ProducerOptions<SqlmqProducerBuilder>, EndpointProducerBuilder {

    SqlmqProducerBuilder(
            String componentName,
            String path,
            Map<String, Object> properties,
            Map<String, Map<String, Object>> multiValues) {
        super(componentName, path);
        this.properties.putAll(properties);
        multiValues.forEach((name, values) -> doSetMultiValueProperties(name, "", values));
    }

    @Override
    public SqlmqProducerBuilder advanced() {
        return this;
    }

    @Override
    public SqlmqProducerBuilder producer() {
        return this;
    }
}
