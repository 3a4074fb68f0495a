package io.sqlmq.camel.dsl;

import org.apache.camel.builder.EndpointConsumerBuilder;
import org.apache.camel.builder.EndpointProducerBuilder;
import org.apache.camel.builder.endpoint.AbstractEndpointBuilder;

/**
 * A {@code sqlmq:} endpoint: {@code from(sqlmq("orders").concurrentConsumers(4))}. After an option that only consumers have, it is one
 * to receive from, and after an option that only producers have, one to send to. Not thread-safe.
 */
public final class SqlmqEndpointBuilder extends AbstractEndpointBuilder
        implements CommonOptions<SqlmqEndpointBuilder>,
                ConsumerOptions<SqlmqConsumerBuilder>,
                ProducerOptions<SqlmqProducerBuilder>,
                EndpointConsumerBuilder,
                EndpointProducerBuilder {

    private SqlmqEndpointBuilder(String componentName, String path) {
        super(componentName, path);
    }

    /**
     * An endpoint of the component {@code sqlmq}.
     *
     * @param path the destination: {@code orders} and {@code queue:orders} are a queue, {@code topic:prices} is a topic, {@code
     *     temp-queue:x} and {@code temp-topic:x} are temporary ones
     */
    public static SqlmqEndpointBuilder sqlmq(String path) {
        return sqlmq("sqlmq", path);
    }

    /**
     * An endpoint of another component of the same kind.
     *
     * @param componentName its name in Camel's registry
     * @param path as in {@link #sqlmq(String)}
     */
    public static SqlmqEndpointBuilder sqlmq(String componentName, String path) {
        return new SqlmqEndpointBuilder(componentName, path);
    }

    @Override
    public SqlmqEndpointBuilder advanced() {
        return this;
    }

    @Override
    public SqlmqConsumerBuilder consumer() {
        return new SqlmqConsumerBuilder(scheme, path, properties, multiValues);
    }

    @Override
    public SqlmqProducerBuilder producer() {
        return new SqlmqProducerBuilder(scheme, path, properties, multiValues);
    }
}
