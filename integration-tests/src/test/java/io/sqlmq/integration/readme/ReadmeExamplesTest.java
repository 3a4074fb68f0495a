package io.sqlmq.integration.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;

/** The examples of README.md that need no container. */
@SqlmqTest(purge = Purge.Time.EACH_TEST, options = "maximumRedeliveries=0")
@Timeout(30)
class ReadmeExamplesTest {
    private final DataSource dataSource;
    private final JdbcTemplate jdbc;
    private final SqlmqConnectionFactory factory;

    ReadmeExamplesTest(DataSource dataSource, SqlmqConnectionFactory factory) {
        this.dataSource = dataSource;
        this.jdbc = new JdbcTemplate(dataSource);
        this.factory = factory;
    }

    @BeforeEach
    void tables() {
        jdbc.execute("DROP TABLE IF EXISTS parcel");
        jdbc.execute("CREATE TABLE parcel (content text PRIMARY KEY)");
    }

    private List<String> parcels() {
        return jdbc.queryForList("SELECT content FROM parcel ORDER BY content", String.class);
    }

    private static void copyRows(java.sql.Connection database, int from, int to) throws SQLException {
        if (from == 500 && isFirst.getAndSet(false)) {
            throw new SQLException("the connection is lost");
        }
        try (PreparedStatement insert = database.prepareStatement("INSERT INTO parcel VALUES (?)")) {
            insert.setString(1, from + " to " + to);
            insert.executeUpdate();
        }
    }

    private static final AtomicBoolean isFirst = new AtomicBoolean();

    @Test
    void checkpoints() throws Exception {
        isFirst.set(true);
        try (Connection connection = factory.createConnection();
                java.sql.Connection database = dataSource.getConnection()) {
            database.setAutoCommit(false);
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue("imports")).setMessageListener(message -> {
                try {
                    String stored = message.getStringProperty(SqlmqTransactions.CHECKPOINT);
                    for (int row = stored == null ? 0 : Integer.parseInt(stored); row < 1_000; row += 100) {
                        copyRows(database, row, row + 100);
                        try (SqlmqTransactions.Scope scope = SqlmqTransactions.join(database)) {
                            SqlmqTransactions.checkpoint(message, Integer.toString(row + 100));
                        }
                        database.commit();
                    }
                } catch (SQLException | JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            Message all = session.createTextMessage("all");
            all.setStringProperty("JMS_SQLMQ_REDELIVERY", "maximumRedeliveries=1");
            session.createProducer(session.createQueue("imports")).send(all);
            connection.start();
            await().until(() ->
                    factory.admin().count("imports") == 0 && parcels().size() == 10);
        }
        assertThat(isFirst).isFalse();
        assertThat(factory.admin().count("DLQ")).isZero();
    }

    @Test
    void theClassicApi() throws JMSException {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (Connection connection = factory.createConnection()) {
            Session receiving = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            Queue orders = receiving.createQueue("orders");
            receiving.createConsumer(orders).setMessageListener(message -> {
                try {
                    seen.add(message.getBody(String.class));
                } catch (JMSException e) {
                    throw new IllegalArgumentException("not a text", e);
                }
            });
            connection.start();

            Session sending = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = sending.createProducer(orders);
            producer.send(sending.createTextMessage("42 apples"));
            await().untilAsserted(() -> assertThat(seen).containsExactly("42 apples"));
        }
    }

    @Test
    void aContext() {
        try (JMSContext context = factory.createContext()) {
            Queue orders = context.createQueue("orders");
            context.createProducer()
                    .setPriority(7)
                    .setDeliveryDelay(100)
                    .setProperty("customer", "ada")
                    .send(orders, "42 apples");
            String order = context.createConsumer(orders).receiveBody(String.class, 5_000);
            assertThat(order).isEqualTo("42 apples");
        }
    }

    @Test
    void selectors() {
        try (JMSContext context = factory.createContext()) {
            Queue orders = context.createQueue("orders");
            context.createProducer().setProperty("customer", "bob").send(orders, "{\"items\": [{\"quantity\": 1}]}");
            context.createProducer()
                    .setPriority(7)
                    .setProperty("customer", "ada")
                    .send(orders, "{\"items\": [{\"quantity\": 42}]}");
            assertThat(context.createConsumer(orders, "JMS_SQLMQ_JSON$items$0$quantity < 10")
                            .receiveBody(String.class, 5_000))
                    .contains("1");
            assertThat(context.createConsumer(orders, "customer = 'ada' AND JMSPriority > 4")
                            .receiveBody(String.class, 5_000))
                    .contains("42");
        }
    }

    @Test
    void aTransactedSessionWithSql() throws JMSException {
        jdbc.queryForObject("SELECT mq_send('orders', '42 apples')", String.class);
        packOne();
        assertThat(parcels()).containsExactly("42 apples");
        assertThat(factory.admin().count("orders")).isZero();
        assertThat(factory.admin().count("parcels")).isOne();
    }

    @Test
    void aTransactedSessionWhoseSqlFails() throws JMSException {
        jdbc.update("INSERT INTO parcel VALUES ('42 apples')");
        jdbc.queryForObject("SELECT mq_send('orders', '42 apples')", String.class);
        packOne();
        assertThat(factory.admin().count("parcels")).isZero();

        assertThat(jdbc.queryForObject("SELECT error FROM mq_dead_letters", String.class))
                .contains("duplicate key");
        SqlmqAdmin admin = factory.admin();
        assertThat(admin.browse("DLQ", 10)).hasSize(1);
        assertThat(admin.retry("DLQ")).isOne();
        assertThat(admin.count("orders")).isOne();
    }

    private void packOne() throws JMSException {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            Message order =
                    session.createConsumer(session.createQueue("orders")).receive(5_000);
            try {
                try (PreparedStatement insert =
                        SqlmqTransactions.connection(session).prepareStatement("INSERT INTO parcel VALUES (?)")) {
                    insert.setString(1, order.getBody(String.class));
                    insert.executeUpdate();
                }
                session.createProducer(session.createQueue("parcels")).send(session.createTextMessage("packed"));
                session.commit(); // the order is gone, the row and the new message are there: all or nothing
            } catch (SQLException | JMSException e) {
                SqlmqTransactions.noteFailure(order, e);
                session.rollback(); // the order is retried with growing delays, and ends up in the dead-letter queue
            }
        }
    }

    @Test
    void aListenerWithJdbcTemplate() throws JMSException {
        JdbcTemplate sql = new JdbcTemplate(factory.transactionDataSource());
        try (Connection connection = factory.createConnection()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            session.createConsumer(session.createQueue("orders")).setMessageListener(order -> {
                try {
                    sql.update("INSERT INTO parcel VALUES (?)", order.getBody(String.class));
                    session.commit();
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            connection.start();
            jdbc.queryForObject("SELECT mq_send('orders', '42 apples')", String.class);
            await().untilAsserted(() -> assertThat(parcels()).containsExactly("42 apples"));
        }
    }

    @Test
    void sendingFromSql() throws JMSException {
        jdbc.queryForObject("SELECT mq_send('orders', '42 apples')", String.class);
        jdbc.queryForObject(
                "SELECT mq_send('orders', '43 pears', '{\"customer\": \"ada\"}', p_priority => 7,"
                        + " p_delay => interval '1 minute')",
                String.class);
        assertThat(jdbc.queryForList("SELECT state FROM mq_messages WHERE queue = 'orders' ORDER BY seq", String.class))
                .containsExactly("ready", "delayed");
        assertThat(jdbc.queryForMap("SELECT ready, delayed, total FROM mq_queues WHERE queue = 'orders'"))
                .containsEntry("ready", 1L)
                .containsEntry("delayed", 1L)
                .containsEntry("total", 2L);
        assertThat(factory.admin().count("orders")).isEqualTo(2);
    }

    @Test
    void aTransactionOfTheApplicationWithoutSpring() throws Exception {
        try (java.sql.Connection database = jdbc.getDataSource().getConnection();
                JMSContext context = factory.createContext()) {
            database.setAutoCommit(false);
            try (SqlmqTransactions.Scope scope = SqlmqTransactions.join(database)) {
                context.createProducer().send(context.createQueue("orders"), "42 apples");
            }
            assertThat(factory.admin().count("orders")).isZero();
            database.commit();
            assertThat(factory.admin().count("orders")).isOne();
        }
    }
}
