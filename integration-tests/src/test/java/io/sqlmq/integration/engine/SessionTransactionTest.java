package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.Async;
import jakarta.jms.IllegalStateException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The SQL of the application in the transaction of a session, and messages in the transaction of the application. */
class SessionTransactionTest extends IntegrationTest {

    private Session session;
    private MessageConsumer consumer;

    @BeforeEach
    void open() throws Exception {
        sql("DROP TABLE IF EXISTS orders", "CREATE TABLE orders (id text PRIMARY KEY)");
        send("order 1");
        session = session(Session.SESSION_TRANSACTED);
        consumer = consumer(session, queue);
    }

    private static void insert(Connection connection, String id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO orders VALUES ('" + id + "')");
        }
    }

    private String orders() {
        return value("SELECT coalesce(string_agg(id, ',' ORDER BY id), 'none') FROM orders");
    }

    @Test
    void whatIsReceivedSentAndWrittenCommitsAsOne() throws Exception {
        insert(SqlmqTransactions.connection(session), text(receive(consumer)));
        sendIn(session, queue + "-out", "sent");
        assertThat(orders()).isEqualTo("none");
        assertThat(drain(factory, queue + "-out")).isEmpty();
        session.commit();
        assertThat(orders()).isEqualTo("order 1");
        assertThat(drain(factory, queue + "-out")).containsExactly("sent");
        assertThat(drain(factory, queue)).isEmpty();
    }

    /** The first body that subscriptions share comes in the middle of a transaction (§6.2.7). */
    @ParameterizedTest
    @ValueSource(strings = {"", "?consumer.prefetchSize=7"})
    void aSharedBodyDoesNotEndTheTransactionInWhichItIsFound(String options) throws Exception {
        session.createSharedDurableConsumer(session.createTopic(queue), queue + "-other")
                .close();
        MessageConsumer durable = session.createSharedDurableConsumer(session.createTopic(queue + options), queue);
        List<String> texts = new ArrayList<>(
                IntStream.range(0, 400).mapToObj(Integer::toString).toList());
        texts.set(300, "x".repeat(5_000));
        Session publishing = session(Session.SESSION_TRANSACTED);
        MessageProducer publisher = publishing.createProducer(publishing.createTopic(queue));
        for (String text : texts) {
            publisher.send(publishing.createTextMessage(text));
        }
        publishing.commit();
        for (boolean commit : new boolean[] {false, true}) {
            insert(SqlmqTransactions.connection(session), "order");
            for (String text : texts) {
                assertThat(text(receive(durable))).isEqualTo(text);
            }
            assertThat(orders()).isEqualTo("none");
            if (commit) {
                session.commit();
            } else {
                session.rollback();
            }
        }
        assertThat(orders()).isEqualTo("order");
        assertThat(durable.receiveNoWait()).isNull();
    }

    /** Nobody but the application ends its transaction (§6.2.7), whatever the engine meets while it claims. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "failure_count = 1 | 30 | 0",
                "lease_owner = 1000000, lease_token = 1, attempt_at = '1970-01-01 00:00+00' | 26 | 4",
                "expires_at = statement_timestamp() - interval '1 s' | 26 | 0",
                "payload_id = gen_random_uuid(), payload_text = NULL | 26 | 0",
                "payload_text = repeat('x', 20000) | 26 | 0",
            })
    void nothingThatAClaimMeetsEndsTheTransaction(String change, int readable, int counted) throws Exception {
        SqlmqConnectionFactory limited =
                factory("maxMessageSize=10000", "redeliveryDelay=0", "initialRedeliveryDelay=0");
        for (String selector : new String[] {null, "JMSPriority < 9"}) {
            for (boolean byStatement : new boolean[] {true, false}) {
                String from = queue + "-" + (selector != null) + byStatement;
                String out = from + "-out";
                send(
                        limited,
                        from,
                        IntStream.range(0, 30).mapToObj(Integer::toString).toArray(String[]::new));
                sql("UPDATE mq_msgs SET " + change + " WHERE channel_name = '" + from
                        + "' AND payload_text IN ('0', '1', '12', '20')");
                Session using = session(limited, Session.SESSION_TRANSACTED);
                MessageConsumer all = using.createConsumer(using.createQueue(from), selector);
                for (boolean commit : new boolean[] {false, true}) {
                    if (byStatement) {
                        insert(SqlmqTransactions.connection(using), from);
                    } else {
                        sendIn(using, out, "sent");
                        SqlmqTransactions.connection(using); // what was sent is written
                    }
                    for (int i = 0; i < readable; i++) {
                        receive(all);
                    }
                    assertThat(orders()).doesNotContain(from);
                    assertThat(drain(factory, out)).isEmpty();
                    if (commit) {
                        using.commit();
                    } else {
                        using.rollback();
                    }
                }
                for (int i = 0; i < counted; i++) {
                    receive(all); // which this transaction could not, since it has counted a failure of these
                }
                assertThat(all.receiveNoWait()).isNull();
                assertThat(byStatement ? orders() : drain(factory, out).toString())
                        .contains(byStatement ? from : "sent");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?consumer.prefetchSize=7"})
    void aLargeTransactionReceivesEachMessageOnceAndInOrder(String options) throws Exception {
        String[] texts = IntStream.range(0, 1_500).mapToObj(Integer::toString).toArray(String[]::new);
        send(factory, queue + "-large", texts);
        MessageConsumer large = session.createConsumer(session.createQueue(queue + "-large" + options));
        for (boolean commit : new boolean[] {false, true}) {
            List<String> received = new ArrayList<>();
            for (int i = 0; i < texts.length; i++) {
                received.add(text(receive(large)));
            }
            assertThat(received).containsExactly(texts);
            assertThat(large.receiveNoWait()).isNull();
            if (commit) {
                session.commit();
            } else {
                session.rollback();
            }
        }
        assertThat(drain(factory, queue + "-large")).isEmpty();
    }

    @Test
    void whatIsReceivedSentAndWrittenRollsBackAsOne() throws Exception {
        insert(SqlmqTransactions.connection(session), text(receive(consumer)));
        sendIn(session, queue + "-out", "sent");
        session.rollback();
        assertThat(orders()).isEqualTo("none");
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("order 1");
        assertThat(deliveryCount(again)).isEqualTo(2);
        session.commit();
        assertThat(drain(factory, queue + "-out")).isEmpty();
    }

    @Test
    void anSqlErrorRollsEverythingBackAtTheCommit() throws Exception {
        sql("INSERT INTO orders VALUES ('order 1')");
        Message message = receive(consumer);
        sendIn(session, queue + "-out", "sent");
        assertThatThrownBy(() -> insert(SqlmqTransactions.connection(session), text(message)))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
        assertThat(text(receive(consumer))).isEqualTo("order 1");
        session.commit();
        assertThat(drain(factory, queue + "-out")).isEmpty();
    }

    @Test
    void whatWasSentAndReceivedSinceASavepointIsUndoneWithTheSql() throws Exception {
        send("order 2");
        receive(consumer);
        Connection connection = SqlmqTransactions.connection(session);
        sendIn(session, queue + "-out", "kept");
        Savepoint savepoint = connection.setSavepoint();
        insert(connection, "undone");
        sendIn(session, queue + "-out", "undone");
        assertThat(text(receive(consumer))).isEqualTo("order 2");
        connection.rollback(savepoint);
        sendIn(session, queue + "-out", "kept too");
        session.commit();
        assertThat(orders()).isEqualTo("none");
        assertThat(drain(factory, queue + "-out")).containsExactly("kept", "kept too");
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("order 2");
        assertThat(deliveryCount(again)).isEqualTo(2);
        session.commit();
        assertThat(drain(factory, queue)).isEmpty();
    }

    @Test
    void aSavepointOfTheApplicationHoldsWhatWasReceived() throws Exception {
        receive(consumer);
        Connection connection = SqlmqTransactions.connection(session);
        insert(connection, "kept");
        Savepoint savepoint = connection.setSavepoint();
        insert(connection, "undone");
        connection.rollback(savepoint);
        session.commit();
        assertThat(orders()).isEqualTo("kept");
        assertThat(drain(factory, queue)).isEmpty();
    }

    @Test
    void theConnectionCannotEndTheTransactionAndEndsWithIt() throws Exception {
        receive(consumer);
        Connection connection = SqlmqTransactions.connection(session);
        assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
        assertThatThrownBy(connection::rollback).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> connection.setAutoCommit(true)).isInstanceOf(SQLException.class);
        connection.setAutoCommit(false);
        connection.close();
        insert(connection, "after close");
        session.commit();
        assertThat(orders()).isEqualTo("after close");
        assertThatThrownBy(connection::createStatement).isInstanceOf(SQLException.class);
    }

    @Test
    void sessionsThatAreNotTransactedHaveNoConnection() throws Exception {
        Session auto = session(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> SqlmqTransactions.connection(auto)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDataSourceGivesListenersTheConnectionOfTheirTransaction() throws Exception {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        consumer.setMessageListener(message -> {
            try (Connection connection = factory.transactionDataSource().getConnection()) {
                insert(connection, text(message));
                session.commit();
            } catch (Exception e) {
                failures.add(e);
            }
        });
        await().until(() -> !orders().equals("none") || !failures.isEmpty());
        assertThat(failures).isEmpty();
        assertThat(orders()).isEqualTo("order 1");
    }

    /** So that whatever is given the DataSource works everywhere. */
    @Test
    void outsideOfATransactionTheDataSourceIsThePool() throws Exception {
        DataSource dataSource = factory.transactionDataSource();
        try (Connection connection = dataSource.getConnection()) {
            assertThat(connection.getAutoCommit()).isTrue();
            insert(connection, "before");
        }
        receive(consumer);
        try (Connection connection = dataSource.getConnection()) {
            insert(connection, "gone");
        }
        session.rollback();
        try (Connection connection = dataSource.getConnection()) {
            insert(connection, "between");
        }
        assertThat(orders()).isEqualTo("before,between");
        receive(consumer);
        try (Connection connection = dataSource.getConnection()) {
            insert(connection, "within");
        }
        session.commit();
        session.close();
        try (Connection connection = dataSource.getConnection()) {
            insert(connection, "after");
        }
        assertThat(orders()).isEqualTo("after,before,between,within");
    }

    @Test
    void aJoinedSessionTakesPartInTheTransactionOfTheApplication() throws Exception {
        SqlmqConnectionFactory own = factory();
        Session joined = session(own, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer receiver = consumer(joined, queue);
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            for (boolean commit : List.of(false, true)) {
                SqlmqTransactions.Scope scope = SqlmqTransactions.join(connection);
                insert(connection, text(receive(receiver)));
                sendIn(joined, queue + "-out", "sent");
                scope.close();
                assertThat(orders()).isEqualTo("none");
                if (commit) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
            assertThat(connection.isClosed()).isFalse();
        }
        assertThat(orders()).isEqualTo("order 1");
        assertThat(drain(factory, queue + "-out")).containsExactly("sent");
        assertThat(drain(factory, queue)).isEmpty();
    }

    /** §6.2.7. A transaction is not its connection: the next one there receives what the one before has sent. */
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "TRUE")
    void onlyTheTransactionThatSentDoesNotReceiveItsMessages(@Nullable String selector) throws Exception {
        Session joined = session(factory(), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer receiver = joined.createConsumer(joined.createQueue(queue + "-out"), selector);
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            for (int round = 0; round < 3; round++) {
                try (SqlmqTransactions.Scope scope = SqlmqTransactions.join(connection)) {
                    sendIn(joined, queue + "-out", "before " + round);
                    connection.setSavepoint();
                    sendIn(joined, queue + "-out", "after " + round);
                    assertThat(receiver.receiveNoWait()).isNull();
                }
                connection.commit();
                try (SqlmqTransactions.Scope scope = SqlmqTransactions.join(connection)) {
                    assertThat(text(receive(receiver))).isEqualTo("before " + round);
                    assertThat(text(receive(receiver))).isEqualTo("after " + round);
                }
                connection.commit();
            }
        }
    }

    @Test
    void whatAnotherProgramSendsBySqlWakesWhoWaits() throws Exception {
        MessageConsumer waiting = consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "-sql");
        var received = Async.call(() -> receive(waiting));
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "-sql'") == 1);
        String id = value("SELECT mq_send('" + queue + "-sql', 'from SQL', '{\"amount\": 3, \"vip\": true}', 9)");
        Message message = Async.get(received);
        assertThat(text(message)).isEqualTo("from SQL");
        assertThat(message.getJMSMessageID()).isEqualTo("ID:" + id);
        assertThat(message.getJMSPriority()).isEqualTo(9);
        assertThat(message.getIntProperty("amount")).isEqualTo(3);
        assertThat(message.getBooleanProperty("vip")).isTrue();
        assertThat(message.getJMSDestination()).hasToString("queue://" + queue + "-sql");
    }

    @Test
    void aDelayedMessageFromSqlComesWhenItIsDue() throws Exception {
        value("SELECT mq_send('" + queue + "-sql', 'later', NULL, 4, interval '400 ms')");
        MessageConsumer waiting = consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "-sql");
        assertNothingComes(waiting);
        assertThat(text(receive(waiting))).isEqualTo("later");
    }

    @Test
    void rowsInsertedByHandAreMessages() throws Exception {
        String name = queue + "-hand";
        sql(
                "INSERT INTO mq_msgs (id, channel_name, payload_text) VALUES (gen_random_uuid(), '" + name
                        + "', 'text')",
                "INSERT INTO mq_msgs (id, channel_name, payload_bytes) VALUES (gen_random_uuid(), '" + name
                        + "', '\\x0102')",
                "INSERT INTO mq_msgs (id, channel_name, payload_json) VALUES (gen_random_uuid(), '" + name
                        + "', '{\"a\": 1}')",
                "INSERT INTO mq_msgs (id, channel_name) VALUES (gen_random_uuid(), '" + name + "')");
        MessageConsumer receiver = consumer(session(Session.AUTO_ACKNOWLEDGE), name);
        assertThat(text(receive(receiver))).isEqualTo("text");
        assertThat(receive(receiver).getBody(byte[].class)).containsExactly(1, 2);
        assertThat(text(receive(receiver))).isEqualTo("{\"a\": 1}");
        assertThat(receive(receiver).getBody(String.class)).isNull();
        assertNothingComes(receiver);
    }
}
