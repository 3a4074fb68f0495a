package io.sqlmq.tck.provider;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.XAConnectionFactory;

/** sqlmq on the database that {@code sqlmq.test.url} names, or an embedded PostgreSQL that ends with this JVM. */
public final class SqlmqProvider implements Provider {

    private final SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url());

    private static String url() {
        String own = System.getProperty("sqlmq.test.url", "");
        return own.isEmpty()
                ? "sqlmq:embedded"
                : own + (own.contains("?") ? "&" : "?") + "sqlmq.schemaManagement=migrate";
    }

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

    @Override
    public XAConnectionFactory xaConnectionFactory() {
        return factory;
    }
}
