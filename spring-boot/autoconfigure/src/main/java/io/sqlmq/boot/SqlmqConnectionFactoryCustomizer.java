package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;

/**
 * Changes the connection factory that is configured from the properties, before it is used. Beans of this type are called in
 * their order.
 */
@FunctionalInterface
public interface SqlmqConnectionFactoryCustomizer {

    /** Sets options, or the transaction binding. */
    void customize(SqlmqConnectionFactory connectionFactory);
}
