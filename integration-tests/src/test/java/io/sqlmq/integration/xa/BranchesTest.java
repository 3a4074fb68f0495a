package io.sqlmq.integration.xa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.TestXid;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transaction branches in the database. */
class BranchesTest extends IntegrationTest {

    private final TestXid xid = TestXid.next();

    private XASession session;
    private XAResource resource;

    @BeforeEach
    void open() throws JMSException {
        session = xaSession(factory);
        resource = session.getXAResource();
    }

    @AfterEach
    void rollBackWhatIsLeft() throws Exception {
        for (Xid left : resource.recover(XAResource.TMSTARTRSCAN)) {
            resource.rollback(left);
        }
    }

    private XASession xaSession(SqlmqConnectionFactory from) throws JMSException {
        XAConnection connection = closeAfterwards(from.createXAConnection());
        connection.start();
        return connection.createXASession();
    }

    private void prepare(Xid id) throws XAException {
        resource.end(id, XAResource.TMSUCCESS);
        assertThat(resource.prepare(id)).isEqualTo(XAResource.XA_OK);
    }

    private String receiveIn(XASession within) throws JMSException {
        try (MessageConsumer consumer = consumer(within, queue)) {
            return text(receive(consumer));
        }
    }

    private static void assertXaCode(int code, ThrowingCallable call) {
        assertThat(catchThrowableOfType(XAException.class, call))
                .extracting(e -> e.errorCode)
                .isEqualTo(code);
    }

    private static List<Xid> recovered(XAResource by) throws XAException {
        return Arrays.asList(by.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN));
    }

    // ---- recovery

    @Test
    void recoveryListsOnlyBranchesOfTheSchema() throws Exception {
        SqlmqConnectionFactory elsewhere = factory("schema=elsewhere", "schemaManagement=migrate");
        XASession there = xaSession(elsewhere);
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue, "here");
        prepare(xid);
        TestXid thereXid = xid.sibling("there");
        there.getXAResource().start(thereXid, XAResource.TMNOFLAGS);
        sendIn(there, queue, "there");
        there.getXAResource().end(thereXid, XAResource.TMSUCCESS);
        there.getXAResource().prepare(thereXid);
        sql("BEGIN", "CREATE TABLE IF NOT EXISTS foreign_work (i int)", "PREPARE TRANSACTION 'sqlmq:foreign'");
        try {
            assertThat(recovered(resource))
                    .singleElement()
                    .satisfies(found -> assertThat(xid.is(found)).isTrue());
            assertThat(recovered(there.getXAResource()))
                    .singleElement()
                    .satisfies(found -> assertThat(thereXid.is(found)).isTrue());
            assertThat(resource.isSameRM(there.getXAResource())).isFalse();
            assertXaCode(XAException.XAER_NOTA, () -> resource.commit(thereXid, false));
        } finally {
            sql("ROLLBACK PREPARED 'sqlmq:foreign'");
            there.getXAResource().rollback(thereXid);
        }
        resource.rollback(xid);
        assertThat(recovered(resource)).isEmpty();
    }

    @Test
    void theLongestIdentifierSurvives() throws Exception {
        TestXid longest = new TestXid(Integer.MIN_VALUE, "\u00ff".repeat(64), "\u0000".repeat(64));
        resource.start(longest, XAResource.TMNOFLAGS);
        sendIn(session, queue, "kept");
        prepare(longest);
        assertThat(recovered(resource))
                .singleElement()
                .satisfies(found -> assertThat(longest.is(found)).isTrue());
        xaSession(factory()).getXAResource().commit(longest, false);
        assertThat(drain(factory, queue)).containsExactly("kept");
    }

    @Test
    void anotherProcessCommitsWhatThisOnePreparedAndItsWaitingConsumersSeeIt() throws Exception {
        SqlmqConnectionFactory dying = factory();
        XASession doomed = xaSession(dying);
        doomed.getXAResource().start(xid, XAResource.TMNOFLAGS);
        sendIn(doomed, queue, "in doubt");
        doomed.getXAResource().end(xid, XAResource.TMSUCCESS);
        doomed.getXAResource().prepare(xid);
        dying.close();
        try (MessageConsumer waiting = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(waiting);
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return text(receive(waiting));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            resource.commit(recovered(resource).get(0), false);
            assertThat(received.get(5, TimeUnit.SECONDS)).isEqualTo("in doubt");
        }
        assertXaCode(XAException.XAER_NOTA, () -> resource.commit(xid, false));
    }

    @Test
    void aFactoryThatIsClosedRollsBackWhatIsNotPrepared() throws Exception {
        send("again");
        SqlmqConnectionFactory closing = factory();
        XASession doomed = xaSession(closing);
        doomed.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(doomed)).isEqualTo("again");
        closing.close();
        assertThat(receiveIn(session)).isEqualTo("again");
        assertXaCode(XAException.XA_RBROLLBACK, () -> doomed.getXAResource().end(xid, XAResource.TMSUCCESS));
        assertXaCode(XAException.XAER_RMFAIL, () -> doomed.getXAResource().start(TestXid.next(), XAResource.TMNOFLAGS));
    }

    // ---- what prepared branches hold

    @Test
    void whatIsPreparedIsNeitherVisibleNorLost() throws Exception {
        send("taken");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(session)).isEqualTo("taken");
        sendIn(session, queue, "sent");
        prepare(xid);
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(consumer);
            resource.commit(xid, false);
            assertThat(text(receive(consumer))).isEqualTo("sent");
            assertNothingComes(consumer);
        }
    }

    @Test
    void consumersElsewhereAreWokenByTheCommit() throws Exception {
        try (MessageConsumer consumer = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(consumer);
            resource.start(xid, XAResource.TMNOFLAGS);
            sendIn(session, queue, "news");
            prepare(xid);
            resource.commit(xid, false);
            assertThat(text(receive(consumer))).isEqualTo("news");
        }
    }

    @Test
    void sharedBodiesGoWithTheirLastMessage() throws Exception {
        Topic topic = session.createTopic("topic-" + queue);
        String body = "x".repeat(10_000);
        try (MessageConsumer first = session.createSharedDurableConsumer(topic, "first-" + queue);
                MessageConsumer second = session.createSharedDurableConsumer(topic, "second-" + queue)) {
            resource.start(xid, XAResource.TMNOFLAGS);
            session.createProducer(topic).send(session.createTextMessage(body));
            prepare(xid);
            resource.commit(xid, false);
            assertThat(number("SELECT count(*) FROM mq_payloads")).isEqualTo(1);
            TestXid receiving = TestXid.next();
            resource.start(receiving, XAResource.TMNOFLAGS);
            assertThat(text(receive(first))).isEqualTo(body);
            assertThat(text(receive(second))).isEqualTo(body);
            prepare(receiving);
            resource.commit(receiving, false);
            await().atMost(Duration.ofSeconds(5)).until(() -> number("SELECT count(*) FROM mq_payloads") == 0);
        }
        session.unsubscribe("first-" + queue);
        session.unsubscribe("second-" + queue);
    }

    @Test
    void aGroupIsHeldUntilItsBranchHasEnded() throws Exception {
        for (String text : List.of("one", "two")) {
            Message message = session.createTextMessage(text);
            message.setStringProperty("JMSXGroupID", "group");
            session.createProducer(session.createQueue(queue)).send(message);
        }
        try (MessageConsumer elsewhere = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue)) {
            resource.start(xid, XAResource.TMNOFLAGS);
            assertThat(receiveIn(session)).isEqualTo("one");
            prepare(xid);
            assertNothingComes(elsewhere);
            resource.rollback(xid);
            Message again = receive(elsewhere);
            assertThat(text(again)).isEqualTo("one");
            assertThat(deliveryCount(again)).isEqualTo(2);
            TestXid second = TestXid.next();
            resource.start(second, XAResource.TMNOFLAGS);
            assertThat(receiveIn(session)).isEqualTo("two");
            prepare(second);
            resource.commit(second, false);
            assertNothingComes(elsewhere);
        }
    }

    @Test
    void messagesTellTheTransactionsThatSentAndReceivedThem() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue, "sent");
        prepare(xid);
        String sending = value("SELECT transaction::text FROM pg_prepared_xacts WHERE database = current_database()");
        resource.commit(xid, false);
        TestXid second = TestXid.next();
        resource.start(second, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = consumer(session, queue)) {
            Message message = receive(consumer);
            assertThat(message.getStringProperty("JMSXConsumerTXID"))
                    .isNotNull()
                    .isNotEqualTo(sending);
        }
        resource.end(second, XAResource.TMSUCCESS);
        resource.commit(second, true);
    }

    // ---- redelivery

    @Test
    void messagesThatWereRolledBackTogetherComeAgainInTheirOrder() throws Exception {
        send("one", "two", "three");
        resource.start(xid, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = consumer(session, queue)) {
            receive(consumer);
            receive(consumer);
            prepare(xid);
            resource.rollback(xid);
            TestXid second = TestXid.next();
            resource.start(second, XAResource.TMNOFLAGS);
            List<String> received = new ArrayList<>();
            for (Message next = consumer.receiveNoWait(); next != null; next = consumer.receiveNoWait()) {
                received.add(text(next) + " " + deliveryCount(next));
            }
            assertThat(received).containsExactly("one 2", "two 2", "three 1");
            resource.end(second, XAResource.TMSUCCESS);
            resource.commit(second, true);
        }
    }

    @Test
    void aMessageThatFailsEachTimeIsDeadLettered() throws Exception {
        String deadLetters = "DLQ-" + queue;
        SqlmqConnectionFactory strict = factory(
                "maximumRedeliveries=2",
                "redeliveryDelay=10",
                "useExponentialBackOff=false",
                "deadLetterQueue=" + deadLetters);
        XASession failing = xaSession(strict);
        XAResource own = failing.getXAResource();
        send("poison");
        for (int attempt = 1; attempt <= 3; attempt++) {
            TestXid each = TestXid.next();
            own.start(each, XAResource.TMNOFLAGS);
            try (MessageConsumer consumer = consumer(failing, queue)) {
                assertThat(deliveryCount(receive(consumer))).isEqualTo(attempt);
            }
            own.end(each, XAResource.TMFAIL);
            own.rollback(each);
        }
        assertThat(drain(factory, queue)).isEmpty();
        assertThat(drain(factory, deadLetters)).containsExactly("poison");
    }

    @Test
    void aRollbackByAnotherProcessIsCountedByItsTrace() throws Exception {
        send("again");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(session)).isEqualTo("again");
        prepare(xid);
        xaSession(factory()).getXAResource().rollback(xid);
        TestXid second = TestXid.next();
        resource.start(second, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = consumer(session, queue)) {
            Message message = consumer.receiveNoWait();
            assertThat(message).as("found without waiting").isNotNull();
            assertThat(deliveryCount(message)).isEqualTo(2);
        }
        resource.end(second, XAResource.TMSUCCESS);
        resource.commit(second, true);
    }

    // ---- time-outs and broken connections

    @Test
    void aBranchWhoseTimeIsOverSaysSo() throws Exception {
        send("again");
        resource.setTransactionTimeout(1);
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(session)).isEqualTo("again");
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertThat(deliveryCount(receive(consumer))).isEqualTo(2);
        }
        assertThatThrownBy(() -> sendIn(session, queue, "too late"))
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("time");
        assertXaCode(XAException.XA_RBTIMEOUT, () -> resource.end(xid, XAResource.TMSUCCESS));
        assertXaCode(XAException.XA_RBTIMEOUT, () -> resource.prepare(xid));
        assertXaCode(XAException.XAER_NOTA, () -> resource.rollback(xid));
        resource.setTransactionTimeout(0);
    }

    @Test
    void aBranchThatIsPreparedDoesNotTimeOut() throws Exception {
        resource.setTransactionTimeout(1);
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue, "kept");
        prepare(xid);
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertThat(consumer.receive(1_500)).isNull();
        }
        resource.commit(xid, false);
        assertThat(drain(factory, queue)).containsExactly("kept");
    }

    @Test
    void aBranchWhoseConnectionBreaksIsRolledBack() throws Exception {
        send("again");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(session)).isEqualTo("again");
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND state = 'idle in transaction'");
        assertThatThrownBy(() -> sendIn(session, queue, "never")).isInstanceOf(JMSException.class);
        assertXaCode(XAException.XA_RBCOMMFAIL, () -> resource.end(xid, XAResource.TMSUCCESS));
        resource.rollback(xid);
        try (MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertThat(deliveryCount(receive(consumer))).isEqualTo(2);
        }
    }

    @Test
    void aBranchWhoseConnectionBreaksBeforeItIsPreparedMayBeRolledBack() throws Exception {
        send("again");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(session)).isEqualTo("again");
        resource.end(xid, XAResource.TMSUCCESS);
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND state = 'idle in transaction'");
        assertXaCode(XAException.XAER_RMFAIL, () -> resource.prepare(xid));
        resource.rollback(xid);
        assertThat(receiveIn(session)).isEqualTo("again");
    }

    // ---- connections

    @Test
    void aThreadMayHaveMoreBranchesThanSessionsHaveConnections() throws Exception {
        XASession many = xaSession(factory("maximumPoolSize=1", "connectionTimeout=2000"));
        XAResource own = many.getXAResource();
        List<TestXid> suspended = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            TestXid each = TestXid.next();
            own.start(each, XAResource.TMNOFLAGS);
            sendIn(many, queue, Integer.toString(i));
            own.end(each, XAResource.TMSUSPEND);
            suspended.add(each);
        }
        for (TestXid each : suspended) {
            own.start(each, XAResource.TMRESUME);
            own.end(each, XAResource.TMSUCCESS);
            own.commit(each, true);
        }
        assertThat(drain(factory, queue)).containsExactly("0", "1", "2", "3", "4");
    }

    @Test
    void aReceiveThatWaitsInAnEmptyBranchHoldsNoTransaction() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = consumer(session, queue)) {
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return text(receive(consumer));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            await().atMost(Duration.ofSeconds(5)).until(() -> number("SELECT count(*) FROM mq_waiters") > 0);
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND state LIKE 'idle in transaction%'")
                            == 0);
            send("at last");
            assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("at last");
        }
        prepare(xid);
        resource.commit(xid, false);
        assertThat(drain(factory, queue)).isEmpty();
    }

    @Test
    void anEmptyBranchIsReadOnlyAlsoAfterItHasLooked() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = consumer(session, queue)) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
        session.createProducer(session.createTopic("nobody-" + queue)).send(session.createTextMessage("lost"));
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_RDONLY);
    }

    // ---- the protocol, where providers differ

    @Test
    void callsOutOfOrderAreRefused() throws Exception {
        assertXaCode(XAException.XAER_INVAL, () -> resource.start(null, XAResource.TMNOFLAGS));
        assertXaCode(XAException.XAER_INVAL, () -> resource.start(new TestXid(-1, "a", "b"), XAResource.TMNOFLAGS));
        assertXaCode(XAException.XAER_INVAL, () -> resource.start(xid, XAResource.TMSUSPEND));
        assertXaCode(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMJOIN));
        resource.start(xid, XAResource.TMNOFLAGS);
        assertXaCode(XAException.XAER_PROTO, () -> resource.start(TestXid.next(), XAResource.TMNOFLAGS));
        assertXaCode(XAException.XAER_INVAL, () -> resource.end(xid, XAResource.TMJOIN));
        assertXaCode(XAException.XAER_PROTO, () -> resource.prepare(xid));
        assertXaCode(XAException.XAER_PROTO, () -> resource.commit(xid, true));
        assertXaCode(XAException.XAER_PROTO, () -> resource.forget(xid));
        sendIn(session, queue, "never");
        resource.end(xid, XAResource.TMSUSPEND);
        assertXaCode(XAException.XAER_PROTO, () -> resource.prepare(xid));
        assertXaCode(XAException.XAER_PROTO, () -> resource.end(xid, XAResource.TMSUSPEND));
        resource.end(xid, XAResource.TMSUCCESS);
        assertXaCode(XAException.XAER_PROTO, () -> resource.end(xid, XAResource.TMSUCCESS));
        assertXaCode(XAException.XAER_PROTO, () -> resource.start(xid, XAResource.TMRESUME));
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertXaCode(XAException.XAER_PROTO, () -> resource.prepare(xid));
        assertXaCode(XAException.XAER_PROTO, () -> resource.commit(xid, true));
        assertXaCode(XAException.XAER_PROTO, () -> resource.start(xid, XAResource.TMJOIN));
        resource.rollback(xid);
        assertThat(drain(factory, queue)).isEmpty();
    }

    @Test
    void aFailedBranchCanOnlyBeRolledBack() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue, "never");
        resource.end(xid, XAResource.TMFAIL);
        XAResource other = xaSession(factory).getXAResource();
        assertXaCode(XAException.XA_RBROLLBACK, () -> other.start(xid, XAResource.TMJOIN));
        assertXaCode(XAException.XA_RBROLLBACK, () -> resource.commit(xid, true));
        assertXaCode(XAException.XAER_NOTA, () -> resource.rollback(xid));
        assertThat(drain(factory, queue)).isEmpty();
    }

    @Test
    void aBranchThatIsRolledBackUnderASessionRefusesItsWork() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue, "never");
        xaSession(factory).getXAResource().rollback(xid);
        assertThatThrownBy(() -> sendIn(session, queue, "neither")).isInstanceOf(TransactionRolledBackException.class);
        assertXaCode(XAException.XA_RBROLLBACK, () -> resource.end(xid, XAResource.TMSUCCESS));
        assertThat(drain(factory, queue)).isEmpty();
        sendIn(session, queue, "outside");
        assertThat(drain(factory, queue)).containsExactly("outside");
    }

    @Test
    void aSuspendedBranchGoesOnInAnotherSession() throws Exception {
        XASession other = xaSession(factory);
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue, "before");
        resource.end(xid, XAResource.TMSUSPEND);
        sendIn(session, queue, "outside");
        assertThat(drain(factory, queue)).containsExactly("outside");
        other.getXAResource().start(xid, XAResource.TMRESUME);
        sendIn(other, queue, "after");
        other.getXAResource().end(xid, XAResource.TMSUCCESS);
        resource.commit(xid, true);
        assertThat(drain(factory, queue)).containsExactly("before", "after");
    }

    // ---- resource managers

    @Test
    void anotherFactoryIsAnotherResourceManager() throws Exception { // XAResource.isSameRM
        XASession other = xaSession(factory());
        assertThat(resource.isSameRM(xaSession(factory).getXAResource())).isTrue();
        assertThat(resource.isSameRM(other.getXAResource())).isFalse();
        assertThat(other.getXAResource().isSameRM(resource)).isFalse();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertXaCode(XAException.XAER_NOTA, () -> other.getXAResource().start(xid, XAResource.TMJOIN));
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
    }

    @Test
    void twoFactoriesWorkInTwoBranchesOfAGlobalTransaction() throws Exception {
        send("in");
        XASession other = xaSession(factory());
        TestXid sibling = xid.sibling("other");
        resource.start(xid, XAResource.TMNOFLAGS);
        other.getXAResource().start(sibling, XAResource.TMNOFLAGS);
        assertThat(receiveIn(session)).isEqualTo("in");
        sendIn(other, queue, "out");
        prepare(xid);
        other.getXAResource().end(sibling, XAResource.TMSUCCESS);
        assertThat(other.getXAResource().prepare(sibling)).isEqualTo(XAResource.XA_OK);
        assertThat(drain(factory, queue)).isEmpty();
        resource.commit(xid, false);
        resource.commit(sibling, false); // by whichever resource
        assertThat(drain(factory, queue)).containsExactly("out");
    }
}
