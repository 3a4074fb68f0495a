package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.schema.Migrator;
import io.sqlmq.testing.Async;
import io.sqlmq.testing.Hostility;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/** Pools whose connections somebody has configured for other work: everything works on them, and they get them back so. */
@Tag("slow")
@Timeout(60)
class ConfiguredPoolsTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static SqlmqEmbedded server;
    private static int databases;

    @BeforeAll
    static void start() throws Exception {
        server = SqlmqEmbedded.start(EmbeddedOptions.defaults());
        Ledger.execute(server.jdbcUrl(), "CREATE DATABASE migrated");
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.jdbcUrl("migrated"));
        new Migrator(dataSource, Migrator.DEFAULT_SCHEMA).migrate();
        Ledger.requireReadCommitted(server.jdbcUrl("migrated"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String database(String template) throws SQLException {
        String name = "pool_" + ++databases;
        Ledger.execute(server.jdbcUrl(), "CREATE DATABASE " + name + " TEMPLATE " + template);
        return server.jdbcUrl(name);
    }

    /** Two at a time that have nothing to do with each other. */
    static Stream<Set<Hostility>> unrelated() {
        return Stream.of(
                EnumSet.of(Hostility.AUTO_COMMIT_OFF, Hostility.SMALL_FETCHES),
                EnumSet.of(Hostility.READ_ONLY, Hostility.SHORT_LOCKS),
                EnumSet.of(Hostility.READ_ONLY_SESSIONS, Hostility.STRANGE_TIME_ZONE),
                EnumSet.of(Hostility.READ_ONLY_DEFAULT, Hostility.STRANGE_SEARCH_PATH),
                EnumSet.of(Hostility.SERIALIZABLE, Hostility.SHORT_SESSIONS),
                EnumSet.of(Hostility.REPEATABLE_READ_DEFAULT, Hostility.NO_BINARY_NO_PREPARED),
                EnumSet.of(Hostility.SHORT_STATEMENTS, Hostility.EXTENDED_FOR_PREPARED),
                EnumSet.of(Hostility.SHORT_TRANSACTIONS, Hostility.EXTENDED_CACHE_EVERYTHING),
                EnumSet.of(Hostility.SIMPLE_PROTOCOL));
    }

    @ParameterizedTest
    @MethodSource("unrelated")
    void everythingWorksOverAPoolWith(Set<Hostility> hostilities) throws Exception {
        worksWith(database("migrated"), hostilities);
    }

    @Test
    void noneOfThemIsLeftOut() {
        assertThat(unrelated().flatMap(Set::stream)).containsExactlyInAnyOrder(Hostility.values());
    }

    @Test
    void everythingWorksOverAPoolWithAllOfThis() throws Exception {
        worksWith(database("template1"), Hostility.TOGETHER);
    }

    private static void worksWith(String url, Set<Hostility> hostilities) throws Exception {
        SqlmqOptions options = new SqlmqOptions();
        options.setSchemaManagement(SchemaManagement.MIGRATE);
        try (HikariDataSource pool = Hostility.pool(url, hostilities)) {
            String before = state(pool);
            try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(pool, options);
                    SqlmqConnectionFactory elsewhere = new SqlmqConnectionFactory(url);
                    Connection connection = factory.createConnection();
                    Connection other = elsewhere.createConnection()) {
                connection.start();
                sendsAndReceives(connection);
                waitsForALockHoweverLong(url, connection);
                transactsWithTheApplication(connection);
                publishesToSubscriptions(connection);
                listensHoweverLong(connection, other);
                theProcessIsSeenToLive(url, factory);
                nothingIsLeftOpen(url);
            }
            assertThat(state(pool)).isEqualTo(before);
        }
    }

    private static void sendsAndReceives(Connection connection) throws Exception {
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            MessageProducer producer = session.createProducer(session.createQueue("plain"));
            for (int i = 1; i <= 30; i++) { // in one of the shapes for few and in that for many
                Message message = session.createTextMessage("x".repeat(i));
                message.setIntProperty("number", i);
                producer.setDeliveryMode(i % 3 == 0 ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
                producer.send(message);
            }
            producer.setDeliveryDelay(100);
            producer.send(session.createTextMessage("late"));
            MessageConsumer selective =
                    session.createConsumer(session.createQueue("plain"), "number BETWEEN 11 AND 20 AND number <> 15");
            for (int i = 0; i < 9; i++) {
                assertThat(selective.receive(10_000)).isNotNull();
            }
            assertThat(selective.receiveNoWait()).isNull();
            selective.close();
            MessageConsumer consumer = session.createConsumer(session.createQueue("plain"));
            for (int i = 0; i < 22; i++) {
                assertThat(consumer.receive(10_000)).isNotNull();
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    private static void waitsForALockHoweverLong(String url, Connection connection) throws Exception {
        try (java.sql.Connection theirs = DriverManager.getConnection(url);
                Statement lock = theirs.createStatement();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            theirs.setAutoCommit(false);
            lock.execute("LOCK TABLE mq_msgs IN SHARE MODE");
            MessageProducer producer = session.createProducer(session.createQueue("locked"));
            CompletableFuture<Boolean> sent = Async.run(() -> producer.send(session.createTextMessage("sent")));
            assertThat(Async.stillRuns(sent, 400)).isTrue();
            theirs.commit();
            Async.get(sent);
        }
    }

    private static void transactsWithTheApplication(Connection connection) throws Exception {
        try (Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            MessageProducer producer = session.createProducer(session.createQueue("transacted"));
            MessageConsumer consumer = session.createConsumer(session.createQueue("transacted"));
            for (int i = 0; i < 20; i++) {
                producer.send(session.createTextMessage("one of many"));
            }
            execute(session, "CREATE TABLE public.application (id int)");
            Thread.sleep(400); // longer than the shortest time-out
            session.commit();
            for (int i = 0; i < 20; i++) {
                assertThat(consumer.receive(10_000)).isNotNull();
            }
            execute(session, "INSERT INTO public.application VALUES (1)");
            Thread.sleep(400);
            session.rollback();
            for (int i = 0; i < 20; i++) {
                assertThat(consumer.receive(10_000).getJMSRedelivered()).isTrue();
            }
            execute(session, "INSERT INTO public.application VALUES (2)");
            try (Statement statement = SqlmqTransactions.connection(session).createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT id, g FROM public.application, generate_series(1, 5) g")) {
                for (int i = 1; i <= 5; i++) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(2);
                }
            }
            session.commit();
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    private static void execute(Session session, String sql) throws Exception {
        try (Statement statement = SqlmqTransactions.connection(session).createStatement()) {
            statement.execute(sql);
        }
    }

    private static void publishesToSubscriptions(Connection connection) throws Exception {
        try (Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE)) {
            Topic topic = session.createTopic("news");
            MessageConsumer shared = session.createSharedDurableConsumer(topic, "durable", "large = TRUE");
            MessageConsumer plain = session.createConsumer(topic);
            MessageProducer producer = session.createProducer(topic);
            for (int size : new int[] {10, 5_000}) { // one body each, and one for both
                Message message = session.createTextMessage("x".repeat(size));
                message.setBooleanProperty("large", true);
                producer.send(message);
                assertThat(shared.receive(10_000).getBody(String.class)).hasSize(size);
                assertThat(plain.receive(10_000).getBody(String.class)).hasSize(size);
            }
            session.recover();
            assertThat(shared.receive(10_000)).isNotNull();
            Message last = shared.receive(10_000);
            last.acknowledge();
            shared.close();
            session.unsubscribe("durable");
        }
    }

    /** Messages from elsewhere wake it, and a lease keeps what it works on for longer than a window. */
    private static void listensHoweverLong(Connection connection, Connection other) throws Exception {
        ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                Session sender = other.createSession(Session.AUTO_ACKNOWLEDGE)) {
            CountDownLatch slow = new CountDownLatch(1);
            session.createConsumer(session.createQueue("heard")).setMessageListener(message -> {
                String text = Async.unchecked(() -> message.getBody(String.class));
                if (text.equals("slow")) {
                    Async.unchecked(() -> slow.await(500, TimeUnit.MILLISECONDS));
                }
                heard.add(text);
            });
            MessageProducer producer = sender.createProducer(sender.createQueue("heard"));
            for (String text : List.of("first", "slow", "last")) {
                producer.send(sender.createTextMessage(text));
            }
            await().atMost(LONG).until(() -> heard.size() >= 3);
            assertThat(heard).containsExactly("first", "slow", "last");
        }
    }

    /** Its heartbeat and its lock are there for others. */
    private static void theProcessIsSeenToLive(String url, SqlmqConnectionFactory factory) throws Exception {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            session.createConsumer(session.createQueue("awaited")).setMessageListener(message -> {});
            await().atMost(LONG)
                    .until(() -> Ledger.value(
                                    url,
                                    "SELECT count(*) FROM mq_owners o JOIN mq_waiters w USING (owner) JOIN pg_locks l"
                                            + " ON l.locktype = 'advisory' AND l.objid::bigint = o.owner"
                                            + " WHERE o.listening AND w.channel_name = 'awaited'")
                            .equals("1"));
        }
    }

    private static void nothingIsLeftOpen(String url) {
        await().atMost(LONG)
                .until(() -> Ledger.value(
                                url,
                                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                        + " AND pid <> pg_backend_pid() AND (state LIKE 'idle in%' OR backend_xid IS NOT NULL)")
                        .equals("0"));
    }

    @Test
    void aTransactionThatSomebodyElseHasBegunIsNotTouched() throws Exception {
        String url = database("migrated");
        Ledger.execute(url, "CREATE TABLE theirs (id int)");
        try (java.sql.Connection theirs = DriverManager.getConnection(url);
                SqlmqConnectionFactory factory = new SqlmqConnectionFactory(sharing(theirs));
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                Statement statement = theirs.createStatement()) {
            MessageProducer producer = session.createProducer(session.createQueue("shared"));
            theirs.setAutoCommit(false);
            for (String failure : List.of("SELECT 1", "SELECT 1 / 0")) { // in an open and in a failed transaction
                statement.execute("INSERT INTO theirs VALUES (1)");
                attempt(statement, failure);
                assertThatThrownBy(() -> producer.send(session.createTextMessage("text")))
                        .isInstanceOf(JMSException.class)
                        .hasMessageContaining("a transaction is open that is not ours");
                theirs.rollback();
            }
            statement.execute("INSERT INTO theirs VALUES (2)");
            assertThatThrownBy(() -> producer.send(session.createTextMessage("text")))
                    .isInstanceOf(JMSException.class);
            theirs.commit();
            theirs.setAutoCommit(true);
            producer.send(session.createTextMessage("text"));
        }
        assertThat(Ledger.value(url, "SELECT id FROM theirs")).isEqualTo("2");
        assertThat(Ledger.value(url, "SELECT count(*) FROM mq_msgs")).isEqualTo("1");
    }

    @Test
    void connectionsThatDiedInThePoolAreReplaced() throws Exception {
        String url = database("migrated");
        AtomicInteger toKill = new AtomicInteger();
        AtomicInteger lent = new AtomicInteger();
        try (HikariDataSource pool = Hostility.pool(url, EnumSet.of(Hostility.SHORT_LOCKS));
                SqlmqConnectionFactory factory =
                        new SqlmqConnectionFactory(killing(pool, toKill, lent, url), new SqlmqOptions());
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            AtomicReference<JMSException> outage = new AtomicReference<>();
            connection.setExceptionListener(outage::set);
            MessageProducer producer = session.createProducer(session.createQueue("dead"));
            toKill.set(3);
            producer.send(session.createTextMessage("sent"));
            assertThat(toKill).hasValue(0);
            assertThat(lent.get()).isGreaterThan(3);
            connection.start();
            toKill.set(3);
            assertThat(session.createConsumer(session.createQueue("dead")).receive(LONG.toMillis()))
                    .isNotNull();
            await().atMost(LONG).until(() -> toKill.get() == 0);
            assertThat(outage).hasNullValue();
        }
    }

    @Test
    void aPoolWithoutAConnectionToSpareIsNoOutage() throws Exception {
        String url = database("migrated");
        try (HikariDataSource pool = Hostility.pool(url, EnumSet.noneOf(Hostility.class))) {
            pool.setMaximumPoolSize(4);
            pool.setConnectionTimeout(500);
            try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(pool, new SqlmqOptions());
                    Connection connection = factory.createConnection();
                    Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                ConcurrentLinkedQueue<String> reported = new ConcurrentLinkedQueue<>();
                connection.setExceptionListener(e -> reported.add(e.getMessage()));
                List<java.sql.Connection> all = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    all.add(pool.getConnection());
                }
                connection.start();
                MessageConsumer consumer = session.createConsumer(session.createQueue("spare"));
                consumer.setMessageListener(message -> {}); // has the LISTEN connection made
                Thread.sleep(3_000);
                for (java.sql.Connection one : all) {
                    one.close();
                }
                assertThat(reported).noneMatch(message -> message.startsWith("Reaching the database failed"));
                CountDownLatch received = new CountDownLatch(1);
                consumer.setMessageListener(message -> received.countDown());
                try (Session sending = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                    sending.createProducer(session.createQueue("spare")).send(sending.createTextMessage("sent"));
                }
                assertThat(received.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    /** Ends the sessions of so many connections before it gives them away. */
    private static DataSource killing(DataSource pool, AtomicInteger toKill, AtomicInteger lent, String url) {
        return (DataSource) Proxy.newProxyInstance(
                ConfiguredPoolsTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> {
                    try {
                        Object result = method.invoke(pool, arguments);
                        if (result instanceof java.sql.Connection connection) {
                            lent.incrementAndGet();
                            if (toKill.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                                kill(connection, url);
                            }
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void kill(java.sql.Connection connection, String url) throws SQLException {
        int pid = connection.unwrap(PGConnection.class).getBackendPID();
        Ledger.execute(url, "SELECT pg_terminate_backend(" + pid + ", 30000)");
    }

    private static void attempt(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException expected) {
            assertThat(expected.getSQLState()).isEqualTo("22012");
        }
    }

    /** Gives one connection to everybody, as proxies do within a transaction. */
    private static DataSource sharing(java.sql.Connection shared) {
        java.sql.Connection open = (java.sql.Connection) Proxy.newProxyInstance(
                ConfiguredPoolsTest.class.getClassLoader(),
                new Class<?>[] {java.sql.Connection.class},
                (self, method, arguments) -> {
                    try {
                        return method.getName().equals("close") ? null : method.invoke(shared, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return (DataSource) Proxy.newProxyInstance(
                ConfiguredPoolsTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "getConnection" -> open;
                    case "isWrapperFor" -> false;
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == arguments[0];
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    /** Everything that a connection of the pool may have been changed in; the same for all. */
    private static String state(HikariDataSource pool) throws SQLException {
        List<java.sql.Connection> connections = new ArrayList<>();
        Set<String> states = new TreeSet<>();
        try {
            do {
                java.sql.Connection connection = pool.getConnection();
                connections.add(connection);
                states.add(stateOf(connection));
            } while (pool.getHikariPoolMXBean().getIdleConnections() > 0);
        } finally {
            for (java.sql.Connection connection : connections) {
                connection.close();
            }
        }
        return String.join("\n", states);
    }

    private static String stateOf(java.sql.Connection connection) throws SQLException {
        String java = connection.getAutoCommit() + " " + connection.isReadOnly() + " " + connection.getHoldability();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT string_agg(name || '=' || setting, ' ' ORDER BY name)"
                        + " || (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')"
                        + " || (SELECT count(*) FROM pg_listening_channels())"
                        + " FROM pg_settings WHERE name LIKE '%timeout' OR name LIKE 'default_transaction%'"
                        + " OR name IN ('search_path', 'TimeZone', 'role', 'synchronous_commit', 'jit')"
                        + " OR name LIKE 'enable%'")) {
            rows.next();
            java += " " + rows.getString(1);
        }
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
        return java;
    }
}
