package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.tck.provider.Provider;
import io.sqlmq.testing.Async;
import io.sqlmq.testing.TestXid;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Server sessions that run within transaction branches, as an application server lets them: it begins the branch before the
 * session runs and ends it afterwards. §11.2, §11.3.
 */
class XaServerSessionTest extends ConformanceTest {

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    private XAConnection xaConnection;
    private XASession serverSession;
    private XAResource resource;
    private Pool pool;

    /** A pool of one session; each of its runs is a branch, which the test then ends. */
    private final class Pool implements ServerSessionPool, ServerSession {
        private final Semaphore idle = new Semaphore(1);
        private final BlockingQueue<TestXid> branches = new LinkedBlockingQueue<>();

        @Override
        public ServerSession getServerSession() throws JMSException {
            idle.acquireUninterruptibly();
            return this;
        }

        @Override
        public Session getSession() {
            return serverSession;
        }

        @Override
        public void start() {
            assertThat(Async.run(this::runInBranch)).isNotNull();
        }

        private void runInBranch() throws XAException {
            TestXid xid = TestXid.next();
            int before = seen.size();
            resource.start(xid, XAResource.TMNOFLAGS);
            serverSession.run();
            resource.end(xid, XAResource.TMSUCCESS);
            if (seen.size() > before) {
                branches.add(xid);
            } else {
                resource.rollback(xid); // another was quicker
                idle.release();
            }
        }

        /** The branch of the next run that had messages. */
        TestXid next() throws InterruptedException {
            TestXid xid = branches.poll(SOON, TimeUnit.MILLISECONDS);
            assertThat(xid).as("a branch with messages").isNotNull();
            return xid;
        }

        void commit(TestXid xid) throws XAException {
            assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
            resource.commit(xid, false);
            idle.release();
        }

        void rollback(TestXid xid) throws XAException {
            resource.rollback(xid);
            idle.release();
        }
    }

    @BeforeEach
    void openXa() throws JMSException {
        xaConnection = closeAfterwards(Provider.current().xaConnectionFactory().createXAConnection());
        serverSession = closeAfterwards(xaConnection.createXASession());
        resource = serverSession.getXAResource();
        pool = new Pool();
    }

    private void note(Message message) {
        seen.add(Async.unchecked(() -> text(message) + ":" + message.getIntProperty("JMSXDeliveryCount")));
    }

    /** Begins to consume, by a connection consumer and the listener of the server session. */
    private void consume(MessageListener listener, int maxMessages) throws JMSException {
        serverSession.setMessageListener(listener);
        ConnectionConsumer consumer = xaConnection.createConnectionConsumer(queue, null, pool, maxMessages);
        closeAfterwards(consumer::close);
        closeAfterwards(() -> pool.idle.release(1_000)); // nobody waits for the session for ever
        xaConnection.start();
    }

    @Test
    void whatTheListenerReceivesIsGoneWhenTheBranchIsCommitted() throws Exception {
        consume(this::note, 1);
        send("a");
        TestXid xid = pool.next();
        assertThat(seen).containsExactly("a:1");
        assertQueueHolds();
        pool.commit(xid);
        send("b");
        pool.commit(pool.next());
        assertThat(seen).containsExactly("a:1", "b:1");
        assertQueueHolds();
    }

    @Test
    void whatTheListenerReceivedComesAgainWhenTheBranchIsRolledBack() throws Exception {
        consume(this::note, 1);
        send("a");
        pool.rollback(pool.next());
        TestXid again = pool.next();
        assertThat(seen).containsExactly("a:1", "a:2");
        pool.commit(again);
        assertQueueHolds();
    }

    @Test
    void aPreparedBranchMayStillBeRolledBack() throws Exception {
        consume(this::note, 1);
        send("a");
        TestXid xid = pool.next();
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertQueueHolds();
        pool.rollback(xid);
        TestXid again = pool.next();
        assertThat(seen).containsExactly("a:1", "a:2");
        pool.commit(again);
    }

    @Test
    void whatTheListenerSendsIsSeenWhenTheBranchIsCommitted() throws Exception {
        Queue replies = session.createQueue(uniqueName());
        MessageProducer producer = serverSession.createProducer(replies);
        consume(
                message -> {
                    note(message);
                    Async.unchecked(() -> {
                        producer.send(serverSession.createTextMessage("reply to " + text(message)));
                        return true;
                    });
                },
                1);
        try (MessageConsumer consumer = session.createConsumer(replies)) {
            send("a");
            TestXid first = pool.next();
            assertNothingComes(consumer);
            pool.rollback(first);
            TestXid second = pool.next();
            assertNothingComes(consumer);
            pool.commit(second);
            assertThat(texts(consumer, 1)).containsExactly("reply to a");
            assertNothingComes(consumer);
        }
    }

    @Test
    void theMessagesOfOneRunAreInOneBranch() throws Exception { // §11.2.4
        send("a", "b", "c");
        consume(this::note, 3);
        TestXid xid = pool.next();
        assertThat(seen).containsExactly("a:1", "b:1", "c:1");
        pool.rollback(xid);
        TestXid again = pool.next();
        assertThat(seen.subList(3, 6)).containsExactly("a:2", "b:2", "c:2");
        pool.commit(again);
        assertQueueHolds();
    }

    @Test
    void whatTheListenerThrowsIsTheTransactionManagersBusiness() throws Exception { // §8.7
        consume(
                message -> {
                    note(message);
                    if (seen.size() == 1) {
                        throw new RuntimeException("on purpose");
                    }
                },
                1);
        send("a");
        TestXid xid = pool.next();
        await().during(NOTHING, TimeUnit.MILLISECONDS).until(() -> seen.size() == 1);
        pool.rollback(xid);
        pool.commit(pool.next());
        assertThat(seen).containsExactly("a:1", "a:2");
        assertQueueHolds();
    }

    @Test
    void outsideOfABranchTheServerSessionAcknowledgesByItself() throws Exception {
        ServerSessionPool plain = () -> new ServerSession() {
            @Override
            public Session getSession() {
                return serverSession;
            }

            @Override
            public void start() {
                serverSession.run();
            }
        };
        serverSession.setMessageListener(this::note);
        closeAfterwards(xaConnection.createConnectionConsumer(queue, null, plain, 1)::close);
        xaConnection.start();
        send("a");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a:1"));
        xaConnection.close();
        assertQueueHolds();
    }
}
