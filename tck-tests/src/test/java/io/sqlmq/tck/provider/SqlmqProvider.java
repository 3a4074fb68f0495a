package io.sqlmq.tck.provider;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.XAConnectionFactory;

/**
 * sqlmq on the database that {@code sqlmq.test.url} names, or an embedded PostgreSQL that ends with this JVM; with the
 * options that {@code tck.options} gives as the URL would: {@code sqlmq.listen=off&prepareThreshold=0}.
 */
public final class SqlmqProvider implements Provider {

    private final SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url());

    private static String url() {
        String own = System.getProperty("sqlmq.test.url", "");
        String url = own.isEmpty() ? "sqlmq:embedded" : with(own, "sqlmq.schemaManagement=migrate");
        return with(url, System.getProperty("tck.options", ""));
    }

    private static String with(String url, String options) {
        return options.isEmpty() ? url : url + (url.contains("?") ? "&" : "?") + options;
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
