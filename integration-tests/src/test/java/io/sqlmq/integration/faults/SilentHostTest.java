package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.OutcomeUnknownJmsException;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.TestXid;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host of the database vanishes without a word, and another has taken over. */
@Tag("faults")
@Timeout(70)
class SilentHostTest extends IntegrationTest {

    /** Promised are 15 s. */
    private static final Duration BACK = Duration.ofSeconds(45);

    private static final Set<String> KINDS =
            Set.of("send", "sendTransacted", "auto", "listener", "client", "transacted", "branch", "waiting");

    /** They do not notice that their client is gone. */
    private static final String SLEEPERS =
            "FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND datname = current_database()";

    private SwallowingProxy first;
    private SwallowingProxy second;
    private volatile boolean ends;
    private final Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void standBetween() throws Exception {
        factory.createConnection().close(); // creates the tables
        first = closeAfterwards(SwallowingProxy.of(url));
        second = closeAfterwards(SwallowingProxy.of(url));
    }

    @AfterEach
    void end() throws Exception {
        ends = true;
        Ledger.execute(url, "SELECT pg_terminate_backend(pid, 30000) " + SLEEPERS);
    }

    private String twoHosts(String parameters) {
        return url.replaceFirst("//[^/]*/", "//127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port() + "/")
                + "&targetServerType=primary" + parameters;
    }

    private interface Work {
        void run() throws Exception;
    }

    private void start(Work work) {
        Thread thread = new Thread(() -> {
            while (!ends) {
                try {
                    work.run();
                } catch (OutcomeUnknownJmsException e) {
                    // as may be
                } catch (JMSException e) {
                    pause();
                } catch (Exception | AssertionError e) {
                    surprises.add(e);
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What happened to each kind of work since it was asked last. */
    private final Map<String, AtomicInteger> done = new ConcurrentHashMap<>();

    private void did(String work) {
        if (!ends) {
            done.computeIfAbsent(work, w -> new AtomicInteger()).incrementAndGet();
        }
    }

    /** Once as soon as is promised, and else as soon as hosts are taken for gone. */
    @ParameterizedTest
    @CsvSource({"url, host, 3000", "url, way, 1000", "dataSource, host, 1000"})
    void allWorkGoesOnAtTheOther(String kind, String lost, int hostTimeout) throws Exception {
        SqlmqConnectionFactory factory;
        if (kind.equals("url")) {
            factory = closeAfterwards(new SqlmqConnectionFactory(twoHosts("")));
        } else {
            HikariDataSource pool = closeAfterwards(new HikariDataSource());
            pool.setJdbcUrl(twoHosts("&connectTimeout=2"));
            pool.setMaximumPoolSize(30);
            factory = closeAfterwards(new SqlmqConnectionFactory(pool));
        }
        factory.getOptions().setHostTimeout(hostTimeout);
        Connection connection = connect(factory);
        Queue<JMSException> heard = new ConcurrentLinkedQueue<>();
        connection.setExceptionListener(heard::add);
        startAll(factory, connection);
        await().until(() -> done.keySet().containsAll(KINDS));
        if (kind.equals("dataSource")) {
            // How long a given pool waits while it connects is its own affair: it has all that it wants, and gets no
            // other there.
            HikariPoolMXBean pool =
                    factory.getDataSource().unwrap(HikariDataSource.class).getHikariPoolMXBean();
            await().until(() -> pool.getTotalConnections() == 30);
            first.refuse();
            first.loseHost();
        }
        if (lost.equals("host")) {
            first.loseHost();
        } else {
            first.loseWay();
        }
        awaitAllAgain();
        assertThat(heard).isNotEmpty();
        assertThat(surprises).isEmpty();
        ends = true;
        factory.close();
    }

    /** Ours are watched; the application's are not, and may take their time until it is certain that it is in vain. */
    @ParameterizedTest
    @CsvSource({"session, both", "session, alone", "joined, both", "joined, alone"})
    void statementsOfTheApplicationEndWithTheirHost(String whose, String hosts) throws Exception {
        String to = hosts.equals("both") ? twoHosts("") : first.through(url);
        SqlmqConnectionFactory factory = factoryOn(to, "hostTimeout=1000");
        Connection connection = connect(factory);
        consumer(connection.createSession(), queue + "other").setMessageListener(m -> {});
        send(factory, queue, "one");
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        try (java.sql.Connection own = DriverManager.getConnection(to)) {
            java.sql.Connection working;
            if (whose.equals("session")) {
                assertThat(consumer(session, queue).receive(SOON)).isNotNull();
                working = SqlmqTransactions.connection(session);
            } else {
                own.setAutoCommit(false);
                working = own;
                try (AutoCloseable joined = SqlmqTransactions.join(own)) {
                    send(factory, queue, "two");
                }
            }
            CompletableFuture<Void> report = sleeping(working, 120);
            first.loseHost();
            assertThat(report)
                    .failsWithin(BACK)
                    .withThrowableThat()
                    .havingRootCause()
                    .isInstanceOf(IOException.class);
        }
        if (hosts.equals("both")) {
            await().atMost(BACK).ignoreExceptions().until(() -> {
                send(factory, queue + "again", "three");
                return true;
            });
        }
    }

    @Test
    void statementsOfTheApplicationGoOnWhenOnlyOurHeartbeatIsLost() throws Exception {
        SqlmqConnectionFactory factory = factory("hostTimeout=400");
        Connection connection = connect(factory);
        Queue<JMSException> heard = new ConcurrentLinkedQueue<>();
        connection.setExceptionListener(heard::add);
        consumer(connection.createSession(), queue + "other").setMessageListener(m -> {});
        send(factory, queue, "one");
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        assertThat(consumer(session, queue).receive(SOON)).isNotNull();
        String heartbeat = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%transaction_read_only%'"
                + " AND datname = current_database() AND pid <> pg_backend_pid()";
        await().until(() -> !Ledger.value(url, heartbeat).isEmpty());
        CompletableFuture<Void> report = sleeping(SqlmqTransactions.connection(session), 4);
        Set<String> listening = Ledger.texts(url, heartbeat);
        signal("-STOP", listening);
        try {
            report.get(30, TimeUnit.SECONDS);
            assertThat(heard).isNotEmpty();
            session.commit();
        } finally {
            signal("-CONT", listening);
        }
    }

    private static void signal(String signal, Set<String> processes) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        command.addAll(processes);
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private CompletableFuture<Void> sleeping(java.sql.Connection connection, int seconds) {
        CompletableFuture<Void> report = CompletableFuture.runAsync(
                () -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("SELECT pg_sleep(" + seconds + ")");
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task).start());
        await().until(() -> Ledger.value(url, "SELECT count(*) " + SLEEPERS).equals("1"));
        return report;
    }

    @Test
    void aPoolAllOfWhoseConnectionsWaitIsNoSilence() throws Exception {
        SqlmqConnectionFactory factory = factory("hostTimeout=400", "listen=off");
        Queue<JMSException> heard = new ConcurrentLinkedQueue<>();
        connect(factory).setExceptionListener(heard::add);
        SqlmqAdmin admin = factory.admin();
        List<CompletableFuture<Void>> purges = new ArrayList<>();
        try (java.sql.Connection locking = DriverManager.getConnection(url);
                Statement lock = locking.createStatement()) {
            locking.setAutoCommit(false);
            lock.execute("LOCK TABLE mq_msgs IN ACCESS EXCLUSIVE MODE");
            for (int i = 0; i < 8; i++) {
                purges.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                admin.purge(queue);
                            } catch (JMSException e) {
                                throw new CompletionException(e);
                            }
                        },
                        task -> new Thread(task).start()));
            }
            Thread.sleep(2_000); // five times what a host may be silent
            locking.rollback();
        }
        for (CompletableFuture<Void> purge : purges) {
            purge.get(30, TimeUnit.SECONDS);
        }
        assertThat(heard).isEmpty();
    }

    @Test
    void whatTheServerWorksOnTakesItsTime() throws Exception {
        SqlmqConnectionFactory factory = factory("hostTimeout=400");
        SqlmqConnectionFactory sending = factory("hostTimeout=400"); // does not listen
        Connection connection = connect(factory);
        Queue<JMSException> heard = new ConcurrentLinkedQueue<>();
        connection.setExceptionListener(heard::add);
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        consumer(connection.createSession(), queue + "other").setMessageListener(m -> {});
        send(sending, queue, "one");
        assertThat(text(consumer(transacted, queue).receive(SOON))).isEqualTo("one");
        try (java.sql.Connection locking = DriverManager.getConnection(url);
                Statement lock = locking.createStatement()) {
            locking.setAutoCommit(false);
            lock.execute("LOCK TABLE mq_msgs IN SHARE MODE");
            Connection sender = connect(sending);
            sender.setExceptionListener(heard::add);
            Session session = sender.createSession();
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    session.createProducer(session.createQueue(queue)).send(session.createTextMessage("two"));
                } catch (JMSException e) {
                    throw new CompletionException(e);
                }
            });
            try (Statement report = SqlmqTransactions.connection(transacted).createStatement()) {
                report.execute("SELECT pg_sleep(2)");
            }
            assertThat(sent).isNotDone();
            locking.rollback();
            sent.get(30, TimeUnit.SECONDS);
        }
        transacted.commit();
        assertThat(text(consumer(transacted, queue).receive(SOON))).isEqualTo("two");
        assertThat(heard).isEmpty();
    }

    @Test
    void closeReturnsThoughNobodyAnswers() throws Exception {
        SqlmqConnectionFactory factory = factoryOn(twoHosts(""), "hostTimeout=1000");
        Connection connection = connect(factory);
        for (int mode : List.of(Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED, Session.CLIENT_ACKNOWLEDGE, 4)) {
            for (int i = 0; i < 3; i++) {
                send(factory, queue, "one");
                Session session = connection.createSession(mode);
                assertThat(consumer(session, queue).receive(SOON)).isNotNull();
                session.createTemporaryQueue();
            }
        }
        first.loseHost();
        second.loseHost();
        CompletableFuture.runAsync(() -> {
                    try {
                        connection.close();
                    } catch (JMSException e) {
                        throw new CompletionException(e);
                    }
                    factory.close();
                })
                .exceptionally(e -> null)
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void aServerThatHasBecomeReadOnlyIsLeft() throws Exception {
        try (SqlmqEmbedded demoted = SqlmqEmbedded.start(EmbeddedOptions.defaults())) {
            String target = demoted.jdbcUrl().replaceFirst(".*//([^/]*)/.*", "$1");
            demoted.connectionFactory().close();
            String both = with(url.replaceFirst("//([^/]*)/", "//" + target + ",$1/"), "targetServerType", "primary");
            Ledger.execute(demoted.jdbcUrl(), "CREATE DATABASE " + url.replaceFirst("[^?]*/([^?]*).*", "$1"));
            SqlmqConnectionFactory factory = factoryOn(both, "schemaManagement=migrate");
            Connection connection = connect(factory);
            Queue<JMSException> heard = new ConcurrentLinkedQueue<>();
            connection.setExceptionListener(heard::add);
            startAll(factory, connection);
            await().until(() -> done.keySet().containsAll(KINDS));
            Ledger.execute(
                    demoted.jdbcUrl(),
                    "ALTER SYSTEM SET default_transaction_read_only = on",
                    "SELECT pg_reload_conf()");
            awaitAllAgain();
            assertThat(heard).isNotEmpty();
            assertThat(surprises).isEmpty();
            ends = true;
        }
    }

    private void awaitAllAgain() throws InterruptedException {
        Thread.sleep(1_000); // for what was on its way
        done.clear();
        await().atMost(BACK).until(() -> done.keySet().containsAll(KINDS));
    }

    private void startAll(SqlmqConnectionFactory factory, Connection connection) throws Exception {
        Session sender = connection.createSession();
        MessageProducer producer = sender.createProducer(null);
        start(() -> {
            for (String q : List.of("auto", "listener", "client", "transacted", "branch")) {
                producer.send(sender.createQueue(queue + q), sender.createTextMessage("m"));
            }
            did("send");
            pause();
        });
        Session transactedSender = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer transactedProducer = transactedSender.createProducer(null);
        start(() -> {
            transactedProducer.send(
                    transactedSender.createQueue(queue + "waiting"), transactedSender.createTextMessage("m"));
            transactedSender.commit();
            did("sendTransacted");
            Thread.sleep(100);
        });
        MessageConsumer auto = consumer(connection.createSession(), queue + "auto");
        start(() -> receive(auto, "auto"));
        consumer(connection.createSession(), queue + "listener").setMessageListener(m -> did("listener"));
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer clientConsumer = consumer(client, queue + "client");
        start(() -> {
            Message message = clientConsumer.receive(500);
            if (message != null) {
                message.acknowledge();
                did("client");
            }
        });
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer transactedConsumer = consumer(transacted, queue + "transacted");
        start(() -> {
            try {
                if (transactedConsumer.receive(500) != null) {
                    try (Statement statement =
                            SqlmqTransactions.connection(transacted).createStatement()) {
                        statement.execute("SELECT 1");
                    } catch (java.sql.SQLException e) {
                        throw new JMSException(e.getMessage());
                    }
                    transacted.commit();
                    did("transacted");
                }
            } catch (JMSException e) {
                transacted.rollback();
            }
        });
        Session waiting = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer waitingConsumer = consumer(waiting, queue + "waiting");
        start(() -> {
            try {
                if (waitingConsumer.receive(60_000) != null) {
                    waiting.commit();
                    did("waiting");
                }
            } catch (JMSException e) {
                waiting.rollback();
            }
        });
        XAConnection xaConnection = closeAfterwards(factory.createXAConnection());
        xaConnection.start();
        XASession xa = xaConnection.createXASession();
        MessageConsumer branchConsumer = consumer(xa, queue + "branch");
        start(() -> branch(xa, branchConsumer));
    }

    private void receive(MessageConsumer consumer, String work) throws JMSException {
        if (consumer.receive(500) != null) {
            did(work);
        }
    }

    private void branch(XASession xa, MessageConsumer consumer) throws Exception {
        Xid xid = TestXid.next();
        XAResource resource = xa.getXAResource();
        try {
            resource.start(xid, XAResource.TMNOFLAGS);
            Message message;
            try {
                message = consumer.receive(500);
            } finally {
                resource.end(xid, XAResource.TMSUCCESS);
            }
            resource.commit(xid, true);
            if (message != null) {
                did("branch");
            }
        } catch (javax.transaction.xa.XAException e) {
            pause();
        }
    }
}
