package io.sqlmq.quickstart;

import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * The one database of this application: its tables and its messages are in the schema {@value #SCHEMA}.
 *
 * @param url of the PostgreSQL driver
 */
record Database(String url) {
    static final String SCHEMA = "sqlmq_quickstart";

    /** Drops what an earlier run left behind and creates the tables. */
    void create(SqlmqConnectionFactory factory) throws SQLException, jakarta.jms.JMSException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET client_min_messages TO warning");
            statement.execute("DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE");
            statement.execute("CREATE SCHEMA " + SCHEMA);
            statement.execute(tables());
            insertProducts(connection);
        }
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        factory.createConnection().close(); // the first connection creates the tables of sqlmq
    }

    /** A factory for messages in this database. The caller closes it. */
    SqlmqConnectionFactory connectionFactory() {
        SqlmqConnectionFactory factory = new SqlmqConnectionFactory(urlWithSchema());
        factory.getOptions().setSchema(SCHEMA);
        factory.getOptions().setRedeliveryPolicy(OrderQueue.REDELIVERY);
        return factory;
    }

    /** A new connection, in auto-commit mode, for plain SQL. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(urlWithSchema());
    }

    private String urlWithSchema() {
        return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA;
    }

    private static void insertProducts(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO products VALUES (?, ?, ?)")) {
            for (Catalogue.Product product : Catalogue.PRODUCTS) {
                insert.setString(1, product.sku());
                insert.setString(2, product.name());
                insert.setBigDecimal(3, product.price());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static String tables() {
        try (InputStream in = Objects.requireNonNull(Database.class.getResourceAsStream("tables.sql"), "tables.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
