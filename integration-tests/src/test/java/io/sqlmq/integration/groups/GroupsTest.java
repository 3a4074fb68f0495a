package io.sqlmq.integration.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who has to wait for whom in a group, and what is kept of a group in the database. */
class GroupsTest extends IntegrationTest {

    private static final int INDIVIDUAL_ACKNOWLEDGE = 4;

    /** Texts of the form group/number, each in its group. */
    private void sendInGroups(ConnectionFactory from, String... texts) throws JMSException {
        try (Connection connection = from.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (String text : texts) {
                producer.send(message(session, text));
            }
        }
    }

    private static TextMessage message(Session session, String text) throws JMSException {
        TextMessage message = session.createTextMessage(text);
        message.setStringProperty("JMSXGroupID", text.substring(0, text.indexOf('/')));
        return message;
    }

    private void awaitLeases(int count) {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL AND channel_name = '"
                                + queue + "'")
                        == count);
    }

    private MessageConsumer another() throws JMSException {
        return consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
    }

    @Test
    void whileATransactionHasAGroupOthersGetOtherGroups() throws Exception {
        sendInGroups(factory, "a/1", "a/2", "b/1", "a/3");
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageConsumer mine = consumer(transacted, queue);
        assertThat(text(receive(mine))).isEqualTo("a/1");
        MessageConsumer other = another();
        assertThat(text(receive(other))).isEqualTo("b/1");
        assertNothingComes(other);
        transacted.commit();
        assertThat(text(receive(other))).isEqualTo("a/2");
        assertThat(text(receive(other))).isEqualTo("a/3");
    }

    @Test
    void whoWaitsForAGroupIsWokenWhenItIsFree() throws Exception {
        sendInGroups(factory, "a/1", "a/2");
        Session transacted = session(Session.SESSION_TRANSACTED);
        assertThat(text(receive(consumer(transacted, queue)))).isEqualTo("a/1");
        MessageConsumer elsewhere = another();
        MessageConsumer here = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        CompletableFuture<Message> there = Async.call(() -> elsewhere.receive(SOON));
        CompletableFuture<Message> hither = Async.call(() -> here.receive(SOON));
        assertThat(Async.stillRuns(there, NOTHING)).isTrue();
        assertThat(Async.stillRuns(hither, NOTHING)).isTrue();
        transacted.commit();
        // One of them gets it, and that in no more time than a wake-up takes.
        CompletableFuture.anyOf(there, hither).get(900, TimeUnit.MILLISECONDS);
    }

    @Test
    void aGroupWaitsForItsMessageThatBacksOff() throws Exception {
        SqlmqConnectionFactory patient = factory("initialRedeliveryDelay=2000");
        sendInGroups(patient, "a/1", "a/2", "b/1");
        Session transacted = session(patient, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(transacted, queue);
        assertThat(text(receive(consumer))).isEqualTo("a/1");
        transacted.rollback();
        assertThat(text(receive(consumer))).isEqualTo("b/1");
        transacted.commit();
        assertNothingComes(another());
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("a/1");
        assertThat(deliveryCount(again)).isEqualTo(2);
        assertThat(text(receive(consumer))).isEqualTo("a/2");
        transacted.commit();
    }

    @Test
    void aGroupOvertakesItsMessageThatBacksOffIfToldTo() throws Exception {
        SqlmqConnectionFactory hasty = factory("initialRedeliveryDelay=600", "groupsWaitForRedelivery=false");
        sendInGroups(hasty, "a/1", "a/2");
        Session transacted = session(hasty, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(transacted, queue);
        assertThat(text(receive(consumer))).isEqualTo("a/1");
        transacted.rollback();
        assertThat(text(receive(consumer))).isEqualTo("a/2");
        transacted.commit();
        assertThat(text(receive(consumer))).isEqualTo("a/1");
        transacted.commit();
    }

    @Test
    void overtakingStillWaitsForWhoWorksOnTheGroup() throws Exception {
        SqlmqConnectionFactory hasty = factory("groupsWaitForRedelivery=false");
        sendInGroups(hasty, "a/1", "a/2");
        Session client = session(hasty, Session.CLIENT_ACKNOWLEDGE);
        Message first = receive(consumer(client, queue));
        awaitLeases(1);
        MessageConsumer other = consumer(session(hasty, Session.AUTO_ACKNOWLEDGE), queue);
        assertNothingComes(other);
        first.acknowledge();
        assertThat(text(receive(other))).isEqualTo("a/2");
    }

    @Test
    void aListenersExceptionBringsItsMessageBackBeforeTheRestOfTheGroup() throws Exception {
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        sendInGroups(factory, "a/1", "a/2", "a/3", "a/4", "a/5");
        consumer(session(Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
            String text = Async.unchecked(() -> text(message));
            heard.add(text);
            if (text.equals("a/3") && !Async.unchecked(message::getJMSRedelivered)) {
                throw new IllegalArgumentException("cannot work with " + text);
            }
        });
        await().atMost(Duration.ofSeconds(10)).until(() -> heard.size() == 6);
        assertThat(heard).containsExactly("a/1", "a/2", "a/3", "a/3", "a/4", "a/5");
    }

    @Test
    void aSlowListenersGroupWaitsForItsLease() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        sendInGroups(factory, "a/1", "a/2");
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        consumer(session(Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
            heard.add(Async.unchecked(() -> text(message)));
            Async.unchecked(() -> {
                done.await();
                return true;
            });
        });
        closeAfterwards(done::countDown); // before its connection, which waits for it
        awaitLeases(1);
        MessageConsumer other = another();
        assertNothingComes(other);
        done.countDown();
        await().atMost(Duration.ofSeconds(5)).until(() -> heard.size() == 2 || other.receiveNoWait() != null);
    }

    @Test
    void aSessionGoesOnWithAGroupThatItHasUnderLease() throws Exception {
        sendInGroups(factory, "a/1", "a/2", "a/3");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer mine = consumer(client, queue);
        assertThat(text(receive(mine))).isEqualTo("a/1");
        awaitLeases(1);
        Message second = receive(mine);
        assertThat(text(second)).isEqualTo("a/2");
        awaitLeases(2);
        MessageConsumer other = another();
        assertNothingComes(other);
        mine.close(); // what it has got stays the session's (§8.8)
        assertNothingComes(other);
        second.acknowledge();
        assertThat(text(receive(other))).isEqualTo("a/3");
    }

    @Test
    void individuallyAcknowledgedMessagesComeBackInOrder() throws Exception {
        sendInGroups(factory, "a/1", "a/2", "a/3", "a/4");
        Session session = session(INDIVIDUAL_ACKNOWLEDGE);
        MessageConsumer mine = consumer(session, queue);
        receive(mine);
        Message second = receive(mine);
        receive(mine);
        second.acknowledge();
        MessageConsumer other = another();
        assertNothingComes(other);
        session.close();
        assertThat(text(receive(other))).isEqualTo("a/1");
        assertThat(text(receive(other))).isEqualTo("a/3");
        assertThat(text(receive(other))).isEqualTo("a/4");
    }

    @Test
    void aDeadLetterFreesItsGroupAndIsGroupedAgainWhenRetried() throws Exception {
        String deadLetters = "DLQ-" + queue;
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueue=" + deadLetters);
        sendInGroups(strict, "a/1", "a/2");
        Session transacted = session(strict, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(transacted, queue);
        assertThat(text(receive(consumer))).isEqualTo("a/1");
        transacted.rollback();
        assertThat(text(receive(consumer))).isEqualTo("a/2");
        transacted.commit();
        String slots = "SELECT count(slot) FROM mq_msgs WHERE grp = 'a' AND channel_name = '";
        assertThat(number(slots + deadLetters + "'")).isZero();
        assertThat(strict.admin().retry(deadLetters)).isEqualTo(1);
        assertThat(number(slots + queue + "'")).isEqualTo(1);
        Message retried = receive(consumer);
        assertThat(text(retried)).isEqualTo("a/1");
        assertThat(retried.getStringProperty("JMSXGroupID")).isEqualTo("a");
        transacted.commit();
    }

    @Test
    void aDelayedMessageDoesNotHoldItsGroupUp() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryDelay(400);
        producer.send(message(session, "a/late"));
        producer.setDeliveryDelay(0);
        producer.send(message(session, "a/early"));
        MessageConsumer consumer = consumer(session, queue);
        assertThat(text(receive(consumer))).isEqualTo("a/early");
        assertThat(text(receive(consumer))).isEqualTo("a/late");
    }

    @Test
    void aDelayedMessageThatIsDueWaitsForWhoWorksOnItsGroup() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.send(message(session, "a/1"));
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        Message first = receive(consumer(client, queue));
        awaitLeases(1);
        producer.setDeliveryDelay(300);
        producer.send(message(session, "a/2"));
        await().until(() -> number("SELECT count(*) FROM mq_msgs WHERE attempt_at <= now()") == 1);
        MessageConsumer other = another();
        assertNothingComes(other);
        first.acknowledge();
        assertThat(text(receive(other))).isEqualTo("a/2");
    }

    @Test
    void nonPersistentMessagesOfGroupsAreInTheLoggedTable() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.send(message(session, "a/1"));
        producer.send(message(session, "a/2"));
        assertThat(number("SELECT count(slot) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isEqualTo(2);
        Message first = receive(consumer(session, queue));
        assertThat(text(first)).isEqualTo("a/1");
        assertThat(first.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
    }

    @Test
    void messagesSentBySqlAreOfTheSameGroups() throws Exception {
        String longName = "x".repeat(3_000);
        for (String group : new String[] {"a", longName}) {
            sendInGroups(factory, group + "/1");
            sql("SELECT mq_send('" + queue + "', 'by SQL', '{\"JMSXGroupID\": \"" + group + "\"}')");
            assertThat(number("SELECT count(DISTINCT (grp, slot)) FROM mq_msgs WHERE slot IS NOT NULL"
                            + " AND channel_name = '" + queue + "'"))
                    .isEqualTo(1);
            Session transacted = session(Session.SESSION_TRANSACTED);
            MessageConsumer mine = consumer(transacted, queue);
            assertThat(text(receive(mine))).endsWith("/1");
            MessageConsumer other = another();
            assertNothingComes(other);
            transacted.commit();
            assertThat(text(receive(other))).isEqualTo("by SQL");
        }
    }

    @Test
    void anEmptyNameIsNoGroup() throws Exception {
        sendInGroups(factory, "/1");
        sql("SELECT mq_send('" + queue + "', '/2', '{\"JMSXGroupID\": \"\"}')");
        sql("SELECT mq_send('" + queue + "', '/3', '{\"JMSXGroupID\": 5}')");
        assertThat(number("SELECT count(slot) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isZero();
        assertThat(drain(factory, queue)).containsExactly("/1", "/2", "/3");
    }

    @Test
    void administrationSeesGroups() throws Exception {
        String target = queue + "-target";
        sendInGroups(factory, "a/1", "b/1", "a/2");
        assertThat(factory.admin().count(queue)).isEqualTo(3);
        assertThat(factory.admin().copy(queue, target)).isEqualTo(3);
        assertThat(factory.admin().move(queue, target)).isEqualTo(3);
        assertThat(number("SELECT count(slot) FROM mq_msgs WHERE channel_name = '" + target + "'"))
                .isEqualTo(6);
        assertThat(value("SELECT ready FROM mq_queues WHERE queue = '" + target + "'"))
                .isEqualTo("6");
        assertThat(factory.admin().purge(target)).isEqualTo(6);
        assertThat(factory.admin().count(target)).isZero();
    }

    @Test
    void aJoinedTransactionHoldsItsGroups() throws Exception {
        sendInGroups(factory, "a/1", "a/2", "a/3");
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer mine = consumer(session, queue);
        MessageConsumer other = another();
        try (java.sql.Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                assertThat(text(receive(mine))).isEqualTo("a/1");
                assertThat(text(receive(mine))).isEqualTo("a/2");
                // On a thread of its own, or it would take part in the transaction.
                assertThat(Async.get(Async.call(() -> String.valueOf(other.receive(NOTHING)))))
                        .isEqualTo("null");
                connection.commit();
            }
        }
        assertThat(text(receive(other))).isEqualTo("a/3");
    }

    @Test
    void aSelectiveConsumerWaitsForTheGroupsOfOthers() throws Exception {
        sendInGroups(factory, "a/1", "a/2", "b/1");
        Session transacted = session(Session.SESSION_TRANSACTED);
        assertThat(text(receive(consumer(transacted, queue)))).isEqualTo("a/1");
        Session selective = session(factory(), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer other = selective.createConsumer(selective.createQueue(queue), "JMSXGroupID IN ('a', 'b')");
        assertThat(text(receive(other))).isEqualTo("b/1");
        assertNothingComes(other);
        transacted.rollback();
        assertThat(text(receive(other))).isEqualTo("a/1");
        assertThat(text(receive(other))).isEqualTo("a/2");
    }

    @Test
    void theApplicationsRollbackToASavepointOfItsOwnLosesNoOrder() throws Exception {
        sendInGroups(factory, "a/1", "a/2", "a/3");
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageConsumer mine = consumer(transacted, queue);
        try (java.sql.Statement sql = SqlmqTransactions.connection(transacted).createStatement()) {
            sql.execute("SELECT 1");
        }
        assertThat(text(receive(mine))).isEqualTo("a/1");
        assertThat(text(receive(mine))).isEqualTo("a/2");
        transacted.rollback();
        assertThat(text(receive(mine))).isEqualTo("a/1");
        assertThat(text(receive(mine))).isEqualTo("a/2");
        assertThat(text(receive(mine))).isEqualTo("a/3");
        transacted.commit();
    }
}
