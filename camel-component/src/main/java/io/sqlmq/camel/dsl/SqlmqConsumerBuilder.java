package io.sqlmq.camel.dsl;

import java.util.Map;
import org.apache.camel.builder.EndpointConsumerBuilder;
import org.apache.camel.builder.endpoint.AbstractEndpointBuilder;

/** A {@code sqlmq:} endpoint to receive from. Begin with {@link SqlmqEndpointBuilder#sqlmq(String)}. Not thread-safe. */
public final class SqlmqConsumerBuilder extends AbstractEndpointBuilder
        implements CommonOptions<SqlmqConsumerBuilder>, ConsumerOptions<SqlmqConsumerBuilder>, EndpointConsumerBuilder {

    SqlmqConsumerBuilder(
            String componentName,
            String path,
            Map<String, Object> properties,
            Map<String, Map<String, Object>> multiValues) {
        super(componentName, path);
        this.properties.putAll(properties);
        multiValues.forEach((name, values) -> doSetMultiValueProperties(name, "", values));
    }

    @Override
    public SqlmqConsumerBuilder advanced() {
        return this;
    }

    @Override
    public SqlmqConsumerBuilder consumer() {
        return this;
    }
}
