package io.sqlmq.tck.provider;

import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.testing.Hostility;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.XAConnectionFactory;

/** sqlmq over a pool of the application that has configured its connections for everything but queues. */
public final class HostileProvider implements Provider {

    private SqlmqConnectionFactory factory;

    @Override
    public String name() {
        return "hostile";
    }

    @Override
    public void start() throws Exception {
        SqlmqOptions options = new SqlmqOptions();
        options.setSchemaManagement(SchemaManagement.MIGRATE);
        String own = System.getProperty("sqlmq.test.url", "");
        String url = own.isEmpty() ? SqlmqEmbedded.start().jdbcUrl() : own;
        factory = new SqlmqConnectionFactory(Hostility.pool(url, Hostility.TOGETHER), options);
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
