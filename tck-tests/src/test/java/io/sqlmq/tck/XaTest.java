package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sqlmq.tck.provider.Provider;
import io.sqlmq.testing.Async;
import io.sqlmq.testing.TestXid;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnectionFactory;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XASession;
import jakarta.jms.XATopicConnectionFactory;
import jakarta.jms.XATopicSession;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions in global transactions, the test being the transaction manager. §6.2.8, §11.3. */
class XaTest extends ConformanceTest {

    private final XAConnectionFactory xaFactory = Provider.current().xaConnectionFactory();
    private final TestXid xid = TestXid.next();

    private XAConnection xaConnection;
    private XASession xaSession;
    private XAResource resource;

    @BeforeEach
    void openXa() throws JMSException {
        xaConnection = connectXa();
        xaSession = closeAfterwards(xaConnection.createXASession());
        resource = xaSession.getXAResource();
    }

    private XAConnection connectXa() throws JMSException {
        XAConnection further = closeAfterwards(xaFactory.createXAConnection());
        further.start();
        return further;
    }

    private void sendIn(XASession within, String... texts) throws JMSException {
        try (MessageProducer producer = within.createProducer(queue)) {
            for (String text : texts) {
                producer.send(within.createTextMessage(text));
            }
        }
    }

    private String receiveIn(XASession within) throws JMSException {
        try (MessageConsumer consumer = within.createConsumer(queue)) {
            return text(receive(consumer));
        }
    }

    private static void assertXaCode(int code, ThrowingCallable call) {
        assertThat(catchThrowableOfType(XAException.class, call))
                .extracting(e -> e.errorCode)
                .isEqualTo(code);
    }

    private void commitTwoPhase() throws XAException {
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        resource.commit(xid, false);
    }

    // ---- sessions and contexts

    @Test
    void anXaSessionIsTransacted() throws JMSException {
        assertThat(xaSession.getTransacted()).isTrue();
        assertThat(xaSession.getSession().getTransacted()).isTrue();
    }

    @Test
    void commitAndRollbackAreTheTransactionManagersBusiness() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThatThrownBy(xaSession::commit).isInstanceOf(TransactionInProgressException.class);
        assertThatThrownBy(xaSession::rollback).isInstanceOf(TransactionInProgressException.class);
        assertThatThrownBy(xaSession.getSession()::commit).isInstanceOf(TransactionInProgressException.class);
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
    }

    @Test
    void recoverIsNotForXaSessions() {
        assertThatThrownBy(xaSession::recover).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aContextTakesPartToo() throws Exception {
        try (XAJMSContext context = xaFactory.createXAContext()) {
            assertThat(context.getTransacted()).isTrue();
            assertThat(context.getContext()).isNotNull();
            XAResource own = context.getXAResource();
            own.start(xid, XAResource.TMNOFLAGS);
            context.createProducer().send(queue, "sent");
            assertThatThrownBy(context::commit).isInstanceOf(TransactionInProgressRuntimeException.class);
            assertThatThrownBy(context::rollback).isInstanceOf(TransactionInProgressRuntimeException.class);
            own.end(xid, XAResource.TMSUCCESS);
            assertQueueHolds();
            own.commit(xid, true);
        }
        assertQueueHolds("sent");
    }

    @Test
    void queuesAndTopicsHaveTheirOwnXaApis() throws Exception {
        try (var queues = ((XAQueueConnectionFactory) xaFactory).createXAQueueConnection();
                XAQueueSession receiving = queues.createXAQueueSession()) {
            queues.start();
            receiving.getXAResource().start(xid, XAResource.TMNOFLAGS);
            receiving.getQueueSession().createSender(queue).send(receiving.createTextMessage("queued"));
            receiving.getXAResource().end(xid, XAResource.TMSUCCESS);
            receiving.getXAResource().commit(xid, true);
        }
        assertQueueHolds("queued");
        try (var topics = ((XATopicConnectionFactory) xaFactory).createXATopicConnection();
                XATopicSession publishing = topics.createXATopicSession()) {
            Topic topic = publishing.getTopicSession().createTopic(uniqueName());
            MessageConsumer subscriber = session.createConsumer(topic);
            TestXid second = TestXid.next();
            publishing.getXAResource().start(second, XAResource.TMNOFLAGS);
            publishing.getTopicSession().createPublisher(topic).publish(publishing.createTextMessage("published"));
            publishing.getXAResource().end(second, XAResource.TMSUCCESS);
            assertNothingComes(subscriber);
            publishing.getXAResource().commit(second, true);
            assertThat(text(receive(subscriber))).isEqualTo("published");
        }
    }

    @Test
    void ordinarySessionsOfAnXaConnectionAreOrdinary() throws JMSException {
        Session ordinary = closeAfterwards(xaConnection.createSession(true, Session.SESSION_TRANSACTED));
        ordinary.createProducer(queue).send(ordinary.createTextMessage("committed"));
        ordinary.commit();
        assertQueueHolds("committed");
    }

    @Test
    void outsideOfABranchMessagesAreSentAtOnceAndAcknowledgedAutomatically() throws JMSException {
        sendIn(xaSession, "at once");
        assertThat(receiveIn(xaSession)).isEqualTo("at once");
        xaSession.close();
        assertQueueHolds();
    }

    // ---- commit and rollback

    @Test
    void whatIsSentIsThereWhenTheBranchIsCommitted() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "one", "two");
        resource.end(xid, XAResource.TMSUCCESS);
        assertQueueHolds();
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertQueueHolds();
        resource.commit(xid, false);
        assertQueueHolds("one", "two");
    }

    @Test
    void whatIsReceivedIsGoneWhenTheBranchIsCommitted() throws Exception {
        send("one", "two");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(xaSession)).isEqualTo("one");
        resource.end(xid, XAResource.TMSUCCESS);
        commitTwoPhase();
        assertQueueHolds("two");
    }

    @Test
    void oneResourceMayCommitInOnePhase() throws Exception {
        send("in");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(xaSession)).isEqualTo("in");
        sendIn(xaSession, "out");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.commit(xid, true);
        assertQueueHolds("out");
    }

    @Test
    void aRolledBackBranchLeavesNothing() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "never");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
        assertQueueHolds();
    }

    @Test
    void aPreparedBranchMayBeRolledBack() throws Exception {
        send("again");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(xaSession)).isEqualTo("again");
        sendIn(xaSession, "never");
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        resource.rollback(xid);
        assertQueueHolds("again");
    }

    @Test
    void whatWasReceivedComesAgainAfterARollback() throws Exception {
        send("again");
        try (MessageConsumer consumer = xaSession.createConsumer(queue)) {
            resource.start(xid, XAResource.TMNOFLAGS);
            assertThat(receive(consumer).getJMSRedelivered()).isFalse();
            resource.end(xid, XAResource.TMFAIL);
            resource.rollback(xid);
            TestXid second = TestXid.next();
            resource.start(second, XAResource.TMNOFLAGS);
            Message redelivered = receive(consumer);
            assertThat(redelivered.getJMSRedelivered()).isTrue();
            assertThat(redelivered.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
            resource.end(second, XAResource.TMSUCCESS);
            resource.commit(second, true);
        }
        assertQueueHolds();
    }

    @Test
    void aSessionDoesNotReceiveWhatItSentInTheSameBranch() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "own");
        try (MessageConsumer consumer = xaSession.createConsumer(queue)) {
            assertNothingComes(consumer);
        }
        resource.end(xid, XAResource.TMSUCCESS);
        commitTwoPhase();
        assertQueueHolds("own");
    }

    @Test
    void aBlockedReceiveGetsWhatIsSentMeanwhile() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = xaSession.createConsumer(queue)) {
            CompletableFuture<String> received =
                    CompletableFuture.supplyAsync(() -> Async.unchecked(() -> text(receive(consumer))));
            send("late");
            assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("late");
        }
        resource.end(xid, XAResource.TMSUCCESS);
        commitTwoPhase();
        assertQueueHolds();
    }

    @Test
    void consecutiveBranchesOfASessionAreIndependent() throws Exception {
        for (int i = 0; i < 3; i++) {
            TestXid each = TestXid.next();
            resource.start(each, XAResource.TMNOFLAGS);
            sendIn(xaSession, Integer.toString(i));
            resource.end(each, XAResource.TMSUCCESS);
            if (i == 1) {
                resource.rollback(each);
            } else {
                resource.commit(each, true);
            }
        }
        assertQueueHolds("0", "2");
    }

    @Test
    void publishedMessagesReachSubscriptionsWhenTheBranchIsCommitted() throws Exception {
        Topic topic = session.createTopic(uniqueName());
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = session.createConsumer(topic);
        resource.start(xid, XAResource.TMNOFLAGS);
        xaSession.createProducer(topic).send(xaSession.createTextMessage("news"));
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertNothingComes(first);
        resource.commit(xid, false);
        assertThat(text(receive(first))).isEqualTo("news");
        assertThat(text(receive(second))).isEqualTo("news");
    }

    @Test
    void subscribersReceiveInBranches() throws Exception {
        Topic topic = session.createTopic(uniqueName());
        try (MessageConsumer subscriber = xaSession.createConsumer(topic)) {
            session.createProducer(topic).send(session.createTextMessage("news"));
            resource.start(xid, XAResource.TMNOFLAGS);
            assertThat(text(receive(subscriber))).isEqualTo("news");
            resource.end(xid, XAResource.TMSUCCESS);
            resource.rollback(xid);
            TestXid second = TestXid.next();
            resource.start(second, XAResource.TMNOFLAGS);
            assertThat(text(receive(subscriber))).isEqualTo("news");
            resource.end(second, XAResource.TMSUCCESS);
            resource.commit(second, true);
            assertNothingComes(subscriber);
        }
    }

    // ---- join, suspend, resume

    @Test
    void resourcesOfOneFactoryAreTheSameResourceManager() throws Exception {
        XASession other = closeAfterwards(connectXa().createXASession());
        assertThat(resource.isSameRM(resource)).isTrue();
        assertThat(resource.isSameRM(other.getXAResource())).isTrue();
    }

    @Test
    void twoSessionsMayWorkInOneBranch() throws Exception {
        send("in");
        XASession other = closeAfterwards(xaConnection.createXASession());
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(xaSession)).isEqualTo("in");
        resource.end(xid, XAResource.TMSUCCESS);
        other.getXAResource().start(xid, XAResource.TMJOIN);
        sendIn(other, "out");
        other.getXAResource().end(xid, XAResource.TMSUCCESS);
        assertQueueHolds();
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        resource.commit(xid, false);
        assertQueueHolds("out");
    }

    @Test
    void aSuspendedBranchGoesOn() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "before");
        resource.end(xid, XAResource.TMSUSPEND);
        resource.start(xid, XAResource.TMRESUME);
        sendIn(xaSession, "after");
        resource.end(xid, XAResource.TMSUCCESS);
        commitTwoPhase();
        assertQueueHolds("before", "after");
    }

    @Test
    void whileABranchIsSuspendedTheSessionMayWorkInAnother() throws Exception {
        TestXid inner = TestXid.next();
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "outer");
        resource.end(xid, XAResource.TMSUSPEND);
        resource.start(inner, XAResource.TMNOFLAGS);
        sendIn(xaSession, "inner");
        resource.end(inner, XAResource.TMSUCCESS);
        resource.commit(inner, true);
        assertQueueHolds("inner");
        resource.start(xid, XAResource.TMRESUME);
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
        assertQueueHolds();
    }

    @Test
    void theBranchOutlivesItsSession() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "kept");
        resource.end(xid, XAResource.TMSUCCESS);
        xaSession.close();
        XAResource other = closeAfterwards(connectXa().createXASession()).getXAResource();
        assertThat(other.prepare(xid)).isEqualTo(XAResource.XA_OK);
        other.commit(xid, false);
        assertQueueHolds("kept");
    }

    // ---- the protocol

    @Test
    void aBranchIsBegunOnce() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        XAResource other = closeAfterwards(xaConnection.createXASession()).getXAResource();
        assertXaCode(XAException.XAER_DUPID, () -> other.start(xid, XAResource.TMNOFLAGS));
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
    }

    @Test
    void unknownBranchesAreRefused() {
        assertXaCode(XAException.XAER_NOTA, () -> resource.start(xid, XAResource.TMJOIN));
        assertXaCode(XAException.XAER_NOTA, () -> resource.prepare(xid));
        assertXaCode(XAException.XAER_NOTA, () -> resource.commit(xid, false));
        assertXaCode(XAException.XAER_NOTA, () -> resource.commit(xid, true));
        assertXaCode(XAException.XAER_NOTA, () -> resource.rollback(xid));
        assertXaCode(XAException.XAER_NOTA, () -> resource.forget(xid));
    }

    @Test
    void whatIsNotPreparedIsNotCommittedInTwoPhases() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "never");
        resource.end(xid, XAResource.TMSUCCESS);
        assertXaCode(XAException.XAER_PROTO, () -> resource.commit(xid, false));
        resource.rollback(xid);
        assertQueueHolds();
    }

    @Test
    void whatIsEndedIsEndedOnce() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "once");
        resource.end(xid, XAResource.TMSUCCESS);
        commitTwoPhase();
        assertXaCode(XAException.XAER_NOTA, () -> resource.commit(xid, false));
        assertXaCode(XAException.XAER_NOTA, () -> resource.rollback(xid));
        assertQueueHolds("once");
    }

    @Test
    void aBranchInWhichNothingWasDoneNeedNotBeCommitted() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_RDONLY);
        assertXaCode(XAException.XAER_NOTA, () -> resource.commit(xid, false));
    }

    @Test
    void recoveryFindsWhatIsPreparedAndNotEnded() throws Exception {
        TestXid active = xid.sibling("active");
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(xaSession, "in doubt");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.start(active, XAResource.TMNOFLAGS);
        sendIn(xaSession, "never");
        resource.end(active, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertThat(recovered(xid)).isTrue();
        assertThat(recovered(active)).isFalse();
        XAResource other = closeAfterwards(connectXa().createXASession()).getXAResource();
        other.commit(xid, false);
        assertThat(recovered(xid)).isFalse();
        resource.rollback(active);
        assertQueueHolds("in doubt");
    }

    private boolean recovered(TestXid wanted) throws XAException {
        Xid[] found = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
        return Arrays.stream(found).anyMatch(wanted::is);
    }

    @Test
    void aBranchMayTimeOut() throws Exception {
        send("again");
        assertThat(resource.setTransactionTimeout(1)).isTrue();
        assertThat(resource.getTransactionTimeout()).isEqualTo(1);
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receiveIn(xaSession)).isEqualTo("again");
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            await().atMost(Duration.ofSeconds(10)).until(() -> consumer.receiveNoWait() != null);
        }
    }
}
