package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Messages that are worked on for longer than a transaction may stay open are held by a lease. */
class LeaseTest extends IntegrationTest {

    private static final int INDIVIDUAL_ACKNOWLEDGE = 4;

    private static final String OPEN_TRANSACTIONS = "SELECT count(*) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";

    private void awaitLeases(int count) {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL AND channel_name = '"
                                + queue + "'")
                        == count);
    }

    @Test
    void aSlowListenerHoldsNoTransactionAndNobodyElseGetsItsMessage() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        Session slow = session(Session.AUTO_ACKNOWLEDGE);
        consumer(slow, queue).setMessageListener(message -> {
            heard.add(Async.unchecked(() -> text(message)));
            Async.unchecked(() -> {
                done.await();
                return true;
            });
        });
        closeAfterwards(done::countDown); // before its connection, which waits for it
        send("one");
        awaitLeases(1);
        await().until(() -> number(OPEN_TRANSACTIONS) == 0);
        assertNothingComes(consumer(session(Session.AUTO_ACKNOWLEDGE), queue));
        done.countDown();
        await().until(() -> number("SELECT count(*) FROM mq_messages WHERE queue = '" + queue + "'") == 0);
        assertThat(heard).containsExactly("one");
    }

    @Test
    void messagesThatWaitForTheirAcknowledgeAreLeased() throws Exception {
        send("one", "two", "three");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(client, queue);
        assertThat(text(receive(consumer))).isEqualTo("one");
        awaitLeases(1);
        Message second = receive(consumer);
        awaitLeases(2);
        assertThat(number(OPEN_TRANSACTIONS)).isZero();
        assertThat(text(receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue))))
                .isEqualTo("three");
        second.acknowledge();
        assertThat(number("SELECT count(*) FROM mq_messages WHERE queue = '" + queue + "'"))
                .isZero();
    }

    @Test
    void recoverGivesBackWhatIsLeasedAndWhatIsLockedInOrder() throws Exception {
        send("one", "two");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(client, queue);
        receive(consumer);
        awaitLeases(1);
        receive(consumer);
        client.recover();
        Message first = receive(consumer);
        assertThat(text(first)).isEqualTo("one");
        assertThat(deliveryCount(first)).isEqualTo(2);
        Message second = receive(consumer);
        assertThat(text(second)).isEqualTo("two");
        assertThat(deliveryCount(second)).isEqualTo(2);
        second.acknowledge();
        assertNothingComes(consumer);
    }

    @Test
    void recoverBeginsWithTheOldestMessageAlsoWhenItWasLeased() throws Exception { // javadoc of recover
        send("one", "two");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(client, queue);
        receive(consumer);
        receive(consumer);
        client.recover();
        assertThat(text(receive(consumer))).isEqualTo("one");
        awaitLeases(1);
        client.recover();
        assertThat(text(receive(consumer))).isEqualTo("one");
        assertThat(text(receive(consumer))).isEqualTo("two");
    }

    @Test
    void closeGivesBackWhatIsLeasedAndWhatIsLockedInOrder() throws Exception {
        send("one", "two", "three");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(client, queue);
        receive(consumer);
        awaitLeases(1);
        receive(consumer);
        client.close();
        assertThat(drain(factory, queue)).containsExactly("one", "two", "three");
    }

    @Test
    void individualAcknowledgesCoverOneMessageEach() throws Exception {
        send("one", "two", "three");
        Session session = session(INDIVIDUAL_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        Message first = receive(consumer);
        Message second = receive(consumer);
        Message third = receive(consumer);
        second.acknowledge();
        second.acknowledge();
        session.recover();
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("one");
        assertThat(deliveryCount(again)).isEqualTo(2);
        again.acknowledge();
        first.acknowledge();
        third.acknowledge();
        session.close();
        assertThat(drain(factory, queue)).containsExactly("three");
    }

    /** The claim of one consumer locks for a moment what another has just leased. */
    @Test
    void acknowledgesOfLeasesDoNotMindTheClaimsOfOthers() throws Exception {
        send(IntStream.range(0, 400).mapToObj(Integer::toString).toArray(String[]::new));
        List<CompletableFuture<List<String>>> consumers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            MessageConsumer consumer = consumer(session(INDIVIDUAL_ACKNOWLEDGE), queue);
            consumers.add(Async.call(() -> {
                List<String> texts = new ArrayList<>();
                for (Message message = consumer.receive(500); message != null; message = consumer.receive(500)) {
                    texts.add(text(message));
                    message.acknowledge();
                }
                return texts;
            }));
        }
        List<String> received = new ArrayList<>();
        for (CompletableFuture<List<String>> consumer : consumers) {
            received.addAll(consumer.get(SOON, java.util.concurrent.TimeUnit.MILLISECONDS));
        }
        assertThat(received).hasSize(400).doesNotHaveDuplicates();
        await().until(() -> number("SELECT count(*) FROM mq_messages WHERE queue = '" + queue + "'") == 0);
    }

    /** As a transacted consumer's claim may, which came when the row was being leased. */
    @Test
    void anAcknowledgeIsWrittenWhenTheRowIsNotLockedAnyMore() throws Exception {
        send("one");
        Session session = session(INDIVIDUAL_ACKNOWLEDGE);
        Message message = receive(consumer(session, queue));
        try (java.sql.Connection other = java.sql.DriverManager.getConnection(url)) {
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT FROM mq_msgs WHERE channel_name = '" + queue + "' FOR UPDATE");
            message.acknowledge();
            assertThat(number("SELECT count(*) FROM mq_messages WHERE queue = '" + queue + "'"))
                    .isEqualTo(1);
        }
        await().until(() -> number("SELECT count(*) FROM mq_messages WHERE queue = '" + queue + "'") == 0);
    }

    @Test
    void whatIsGivenBackComesWhenTheRowIsNotLockedAnyMore() throws Exception {
        send("one");
        Session session = session(INDIVIDUAL_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        try (java.sql.Connection other = java.sql.DriverManager.getConnection(url)) {
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT FROM mq_msgs WHERE channel_name = '" + queue + "' FOR UPDATE");
            session.recover();
            assertNothingComes(consumer);
        }
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("one");
        assertThat(deliveryCount(again)).isEqualTo(2);
        again.acknowledge();
    }

    @Test
    void acknowledgingALeaseThatWasLostSaysSo() throws Exception {
        send("one", "two");
        Session session = session(INDIVIDUAL_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        Message first = receive(consumer);
        Message second = receive(consumer);
        sql("UPDATE mq_msgs SET lease_owner = -1 WHERE payload_text = 'one' AND channel_name = '" + queue + "'");
        assertThatThrownBy(first::acknowledge)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("given to another consumer");
        second.acknowledge();
        sql("UPDATE mq_msgs SET attempt_at = now(), lease_owner = NULL WHERE channel_name = '" + queue + "'");
        assertThat(drain(factory, queue)).containsExactly("one");
    }

    @Test
    void aProcessThatNeverWaitsKeepsItsLeases() throws Exception {
        SqlmqConnectionFactory shortLeases = factory("leaseTime=1000");
        send("one");
        Connection connection = connect(shortLeases);
        Message message = consumer(connection.createSession(INDIVIDUAL_ACKNOWLEDGE), queue)
                .receiveNoWait();
        assertThat(text(message)).isEqualTo("one");
        Message stolen =
                consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue).receive(2_500);
        assertThat(stolen).isNull();
        message.acknowledge();
        assertThat(drain(factory, queue)).isEmpty();
    }
}
