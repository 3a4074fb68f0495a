package io.sqlmq.tck.provider;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;

/** sqlmq on an embedded PostgreSQL that ends with this JVM. */
public final class SqlmqProvider implements Provider {

    private final SqlmqConnectionFactory factory = new SqlmqConnectionFactory("sqlmq:embedded");

    @Override
    public String name() {
        return "sqlmq";
    }

    @Override
    public void start() throws Exception {
        factory.createConnection().close();
    }

    @Override
    public ConnectionFactory connectionFactory() {
        return factory;
    }
}
