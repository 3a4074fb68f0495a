package io.sqlmq.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.SqlmqResource;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.integration.faults.ChildJvm;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * A test of what only sqlmq promises, with a database of its class's own. Everything opened through these methods is
 * closed after the test.
 */
@Timeout(60)
@SqlmqTest
public abstract class IntegrationTest {

    /** Milliseconds within which what must come has come. */
    protected static final long SOON = 10_000;

    /** Milliseconds after which what has not come is taken not to come. */
    protected static final long NOTHING = 150;

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** The class's factory, with default options. */
    @SqlmqResource
    protected SqlmqConnectionFactory factory;

    /** The class's database, as a superuser. */
    @JdbcUrl
    protected String url;

    /** A queue that no other test uses. */
    protected final String queue = "queue-" + NAMES.incrementAndGet();

    /** In a thread of its own, since closing waits for listeners, which may wait for what a failed test does not do any more. */
    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closeAll() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    protected <T extends AutoCloseable> T closeAfterwards(T resource) {
        opened.push(resource);
        return resource;
    }

    /**
     * Sets a period of the engine, such as {@code upkeepMillis}, for the processes that begin in this test, in this JVM and in
     * others.
     */
    protected void setPeriod(String name, long millis) {
        String property = ChildJvm.PASSED_ON + name;
        System.setProperty(property, Long.toString(millis));
        closeAfterwards(() -> System.clearProperty(property));
    }

    /** A factory of its own on the class's database. */
    protected SqlmqConnectionFactory factory(String... options) {
        return factoryOn(url, options);
    }

    /** A factory on any database. */
    protected SqlmqConnectionFactory factoryOn(String jdbcUrl, String... options) {
        return closeAfterwards(new SqlmqConnectionFactory(urlOn(jdbcUrl, options)));
    }

    /** A URL with options of the form name=value. */
    protected static String urlOn(String jdbcUrl, String... options) {
        String all = jdbcUrl;
        for (String option : options) {
            String[] parts = option.split("=", 2);
            all = with(all, "sqlmq." + parts[0], parts[1]);
        }
        return all;
    }

    /** A URL with a parameter set. */
    protected static String with(String jdbcUrl, String parameter, String value) {
        String rest = jdbcUrl.replaceFirst("([?&])" + Pattern.quote(parameter) + "=[^&]*&?", "$1")
                .replaceFirst("[?&]$", "");
        return rest + (rest.indexOf('?') < 0 ? '?' : '&') + parameter + '=' + value;
    }

    /** A started connection. */
    protected Connection connect(ConnectionFactory from) throws JMSException {
        Connection connection = closeAfterwards(from.createConnection());
        connection.start();
        return connection;
    }

    /** A session on a started connection of its own. */
    protected Session session(ConnectionFactory from, int mode) throws JMSException {
        return connect(from).createSession(mode);
    }

    protected Session session(int mode) throws JMSException {
        return session(factory, mode);
    }

    protected static MessageConsumer consumer(Session session, String queue) throws JMSException {
        return session.createConsumer(session.createQueue(queue));
    }

    /** Sends texts, each committed on its own. */
    protected static void send(ConnectionFactory from, String queue, String... texts) throws JMSException {
        try (Connection connection = from.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            sendIn(session, queue, texts);
        }
    }

    protected void send(String... texts) throws JMSException {
        send(factory, queue, texts);
    }

    protected static void sendIn(Session session, String queue, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    protected static Message receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(SOON);
        assertThat(message).as("message received within %s ms", SOON).isNotNull();
        return message;
    }

    protected static String text(@Nullable Message message) throws JMSException {
        assertThat(message).as("message").isNotNull();
        return message.getBody(String.class);
    }

    protected static int deliveryCount(Message message) throws JMSException {
        return message.getIntProperty("JMSXDeliveryCount");
    }

    protected static void assertNothingComes(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(NOTHING);
        assertThat(message == null ? null : text(message))
                .as("message that must not come")
                .isNull();
    }

    /** Takes what is in a queue, in order. */
    protected static List<String> drain(ConnectionFactory from, String queue) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = from.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = consumer(session, queue)) {
            connection.start();
            for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                texts.add(text(message));
            }
        }
        return texts;
    }

    /** Runs statements as a superuser. */
    protected void sql(String... statements) {
        sqlOn(url, statements);
    }

    protected static void sqlOn(String jdbcUrl, String... statements) {
        try (java.sql.Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError("SQL failed", e);
        }
    }

    /** The first column of the only row, as a superuser sees it. */
    /** A statement that creates a role; the server may have it, since a test that fails is run once more. */
    protected static String role(String name) {
        return "DO $$ BEGIN CREATE ROLE " + name + " LOGIN; EXCEPTION WHEN duplicate_object THEN END $$";
    }

    /** Statements that create a database, in the place of one that is left from the first run. */
    protected static String[] newDatabase(String name) {
        return new String[] {"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name};
    }

    protected String value(String query) {
        return valueOn(url, query);
    }

    protected static String valueOn(String jdbcUrl, String query) {
        try {
            List<String> values = KeptConnection.ask(jdbcUrl, query);
            assertThat(values).as("rows of %s", query).isNotEmpty();
            return values.get(0);
        } catch (SQLException e) {
            throw new AssertionError(query, e);
        }
    }

    protected long number(String query) {
        return Long.parseLong(value(query));
    }
}
