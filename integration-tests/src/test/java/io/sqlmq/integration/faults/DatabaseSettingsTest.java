package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.schema.Migrator;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Databases that somebody has set up in his own way: everything works on them. */
@Tag("slow")
@Timeout(60)
class DatabaseSettingsTest {

    private static final int MESSAGES = 100;

    private static SqlmqEmbedded server;
    private static int databases;

    @BeforeAll
    static void start() {
        server = SqlmqEmbedded.start(EmbeddedOptions.defaults().setting("wal_level", "logical"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A database with these settings; its URL. */
    private static String database(String... settings) throws Exception {
        String name = "settings_" + ++databases;
        Ledger.execute(server.jdbcUrl(), "CREATE DATABASE " + name);
        for (String setting : settings) {
            Ledger.execute(server.jdbcUrl(), "ALTER DATABASE " + name + " SET " + setting);
        }
        return server.jdbcUrl(name) + "&sqlmq.schemaManagement=migrate";
    }

    private static String option(String name, String value) {
        return "&sqlmq." + name + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Something of everything, with several consumers at a time. */
    private static void work(String url) throws Exception {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url);
                Connection connection = factory.createConnection()) {
            connection.start();
            for (int mode : new int[] {Session.SESSION_TRANSACTED, 1, 2, 3, 4}) {
                consumersShareAQueue(connection, mode);
            }
            failuresAreDeadLettered(factory, connection);
            aListenerIsWoken(connection);
            selectorsSelect(connection);
            delayedAndExpiring(connection);
        }
    }

    private static void consumersShareAQueue(Connection connection, int mode) throws Exception {
        String queue = "shared-" + mode;
        CompletableFuture<Boolean> sent = Async.run(() -> {
            Session session = connection.createSession(mode);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            for (int i = 0; i < MESSAGES; i++) {
                producer.setDeliveryMode(i % 4 == 0 ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
                producer.send(session.createTextMessage(Integer.toString(i)));
                if (mode == Session.SESSION_TRANSACTED) {
                    session.commit();
                }
            }
        });
        Set<String> received = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Boolean>> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Session session = connection.createSession(mode);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            consumers.add(Async.run(() -> {
                while (received.size() < MESSAGES) {
                    Message message = consumer.receive(100);
                    if (message != null) {
                        assertThat(received.add(message.getBody(String.class))).isTrue();
                        message.acknowledge();
                        if (mode == Session.SESSION_TRANSACTED) {
                            session.commit();
                        }
                    }
                }
                session.close();
            }));
        }
        sent.get(20, TimeUnit.SECONDS);
        for (CompletableFuture<Boolean> consumer : consumers) {
            consumer.get(20, TimeUnit.SECONDS);
        }
        assertThat(received).hasSize(MESSAGES);
    }

    private static void failuresAreDeadLettered(SqlmqConnectionFactory factory, Connection connection)
            throws Exception {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("failing"));
        Message message = session.createTextMessage("bad");
        message.setStringProperty("JMS_SQLMQ_REDELIVERY", "maximumRedeliveries=1");
        producer.send(message);
        session.commit();
        MessageConsumer consumer = session.createConsumer(session.createQueue("failing"));
        for (int delivery = 1; delivery <= 2; delivery++) {
            Message received = consumer.receive(5_000);
            assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(delivery);
            try (Statement statement = SqlmqTransactions.connection(session).createStatement()) {
                statement.execute("CREATE TEMPORARY TABLE undone (id int)");
            }
            session.rollback();
        }
        assertThat(consumer.receiveNoWait()).isNull();
        session.close();
        assertThat(factory.admin().retry("DLQ")).isEqualTo(1);
        assertThat(factory.admin().browse("failing", 10)).hasSize(1);
        assertThat(factory.admin().purge("failing")).isEqualTo(1);
    }

    private static void aListenerIsWoken(Connection connection) throws Exception {
        Set<String> heard = ConcurrentHashMap.newKeySet();
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue("heard"))
                .setMessageListener(message -> heard.add(Async.unchecked(() -> message.getBody(String.class))));
        Session sender = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        sender.createProducer(sender.createQueue("heard")).send(sender.createTextMessage("hello"));
        await().until(() -> heard.contains("hello"));
    }

    private static void selectorsSelect(Connection connection) throws Exception {
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("selected"));
        for (int amount = 1; amount <= 3; amount++) {
            Message message = session.createTextMessage(Integer.toString(amount));
            message.setDoubleProperty("amount", amount + 0.5);
            message.setStringProperty("name", "it's 100% \\ fine");
            producer.send(message);
        }
        MessageConsumer consumer =
                session.createConsumer(session.createQueue("selected"), "amount > 2.25 AND name LIKE 'it''s 100%'");
        assertThat(consumer.receive(5_000).getBody(String.class)).isEqualTo("2");
        assertThat(consumer.receive(5_000).getBody(String.class)).isEqualTo("3");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    private static void delayedAndExpiring(Connection connection) throws Exception {
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("timed"));
        producer.setTimeToLive(1);
        Message expired = session.createTextMessage("expired");
        producer.send(expired);
        await().until(() -> System.currentTimeMillis() > expired.getJMSExpiration() + 10);
        producer.setTimeToLive(0);
        producer.setDeliveryDelay(300);
        long start = System.nanoTime();
        producer.send(session.createTextMessage("delayed"));
        Message message = session.createConsumer(session.createQueue("timed")).receive(5_000);
        assertThat(message.getBody(String.class)).isEqualTo("delayed");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isGreaterThanOrEqualTo(299);
    }

    @ParameterizedTest
    @ValueSource(strings = {"serializable", "repeatable read"})
    void aDatabaseWithAnotherDefaultIsolation(String isolation) throws Exception {
        String url = database("default_transaction_isolation = '" + isolation + "'");
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url)) {
            factory.createConnection().close(); // creates the tables
        }
        Ledger.requireReadCommitted(url);
        work(url);
    }

    @Test
    void aDatabaseInAnotherTimeZoneAndLanguage() throws Exception {
        work(database(
                "default_transaction_isolation = 'read uncommitted'",
                "TimeZone = 'Asia/Kolkata'",
                "DateStyle = 'German'",
                "IntervalStyle = 'sql_standard'",
                "bytea_output = 'escape'",
                "standard_conforming_strings = on",
                "search_path = 'nowhere'"));
    }

    @Test
    void aDatabaseWithShortTimeOuts() throws Exception {
        work(database(
                "idle_session_timeout = 300",
                "idle_in_transaction_session_timeout = 300",
                "statement_timeout = 300",
                "lock_timeout = 100"));
    }

    @Test
    void aMigrationOutlivesShortTimeOuts() throws Exception {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(database("idle_session_timeout = 500", "idle_in_transaction_session_timeout = 500"));
        Migrator migrator = new Migrator(
                new DelegatingDataSource(dataSource) {
                    @Override
                    public java.sql.Connection getConnection() throws SQLException {
                        return hesitating(super.getConnection());
                    }
                },
                Migrator.DEFAULT_SCHEMA);
        migrator.migrate();
        migrator.validate();
    }

    /** Idle for longer than those times before its first commit, in a transaction, and after its first rollback, in none. */
    private static java.sql.Connection hesitating(java.sql.Connection connection) {
        Set<String> ends = new HashSet<>(Set.of("commit", "rollback"));
        return (java.sql.Connection) Proxy.newProxyInstance(
                DatabaseSettingsTest.class.getClassLoader(),
                new Class<?>[] {java.sql.Connection.class},
                (proxy, method, arguments) -> {
                    boolean first = ends.remove(method.getName());
                    if (first && method.getName().equals("commit")) {
                        Thread.sleep(750);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        if (first && method.getName().equals("rollback")) {
                            Thread.sleep(750);
                        }
                    }
                });
    }

    @Test
    void aMigrationLeavesTheConnectionsOfAPoolAsTheyWere() throws Exception {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(database());
            pool.setMinimumIdle(4);
            pool.setMaximumPoolSize(4);
            pool.setConnectionInitSql("SET idle_session_timeout = '1h'; SET idle_in_transaction_session_timeout = '2h';"
                    + " SET search_path = mine, public");
            new Migrator(pool, Migrator.DEFAULT_SCHEMA).migrate();
            List<java.sql.Connection> all = new ArrayList<>();
            try {
                for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
                    java.sql.Connection connection = pool.getConnection();
                    all.add(connection);
                    try (Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(
                                    "SELECT current_setting('idle_session_timeout'),"
                                            + " current_setting('idle_in_transaction_session_timeout'), current_setting('search_path')")) {
                        row.next();
                        assertThat(List.of(row.getString(1), row.getString(2), row.getString(3)))
                                .containsExactly("1h", "2h", "mine, public");
                    }
                }
            } finally {
                for (java.sql.Connection connection : all) {
                    connection.close();
                }
            }
        }
    }

    @Test
    void aDatabaseThatPublishesAllTables() throws Exception {
        String url = database();
        Ledger.execute(url.replaceFirst("&sqlmq.*", ""), "CREATE PUBLICATION everything FOR ALL TABLES");
        work(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Quoted \"name\" at o'clock", "ümlaut; drop percent%20$1"})
    void aSchemaWithAnOddName(String schema) throws Exception {
        work(database() + option("schema", schema));
    }

    @Test
    void withoutListen() throws Exception {
        work(database() + option("listen", "off"));
    }

    @Test
    void asBehindPgBouncer() throws Exception {
        work(database() + option("pgBouncer", "true"));
    }

    @Test
    void withAPoolOfThree() throws Exception {
        work(database() + option("maximumPoolSize", "3"));
    }
}
