package io.sqlmq.integration.xa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.TestXid;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a branch receives from a limited queue has its slot until the branch has ended, however it does. */
class LimitedBranchesTest extends IntegrationTest {

    private final TestXid xid = TestXid.next();

    private XASession session;
    private XAResource resource;
    private MessageConsumer other;

    @BeforeEach
    void open() throws JMSException {
        session = xaSession(factory);
        resource = session.getXAResource();
        other = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (Xid left : resource.recover(XAResource.TMSTARTRSCAN)) {
            resource.rollback(left);
        }
        sql("SELECT mq_unlimit(channel_name) FROM mq_limits");
    }

    private XASession xaSession(SqlmqConnectionFactory from) throws JMSException {
        XAConnection connection = closeAfterwards(from.createXAConnection());
        connection.start();
        return connection.createXASession();
    }

    /** A process that is gone has received a message and prepared that. */
    private void preparedByAProcessThatIsGone(String expected) throws Exception {
        SqlmqConnectionFactory dying = factory();
        XASession doomed = xaSession(dying);
        doomed.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertThat(text(receive(consumer(doomed, queue)))).isEqualTo(expected);
        doomed.getXAResource().end(xid, XAResource.TMSUCCESS);
        doomed.getXAResource().prepare(xid);
        dying.close();
    }

    private CompletableFuture<Message> waiting(MessageConsumer consumer) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return receive(consumer);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aPreparedBranchKeepsItsSlotUntilAnotherProcessCommitsIt() throws Exception {
        factory.admin().limit(queue, QueueLimit.running(1));
        send("1", "2", "3");
        preparedByAProcessThatIsGone("1");
        CompletableFuture<Message> next = waiting(other);
        try (MessageConsumer third = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(third);
            assertThat(value("SELECT min(mq_why(id)) FROM mq_msgs WHERE payload_text = '3'"))
                    .startsWith("only 1 of '" + queue + "'");
        }
        assertThat(next).isNotDone();
        resource.commit(xid, false);
        assertThat(text(next.get(SOON, TimeUnit.MILLISECONDS))).isEqualTo("2");
        assertThat(text(receive(other))).isEqualTo("3");
    }

    @Test
    void aPreparedBranchFreesItsSlotWhenAnotherProcessRollsItBack() throws Exception {
        factory.admin().limit(queue, QueueLimit.running(1));
        send("1", "2");
        preparedByAProcessThatIsGone("1");
        CompletableFuture<Message> next = waiting(other);
        assertThat(next).isNotDone();
        resource.rollback(xid);
        assertThat(text(next.get(SOON, TimeUnit.MILLISECONDS))).isIn("1", "2");
        assertThat(receive(other)).isNotNull();
    }

    @Test
    void aBranchOfAConnectionThatBreaksFreesItsSlot() throws Exception {
        factory.admin().limit(queue, QueueLimit.running(1));
        send("1", "2");
        SqlmqConnectionFactory dying = factory();
        XASession doomed = xaSession(dying);
        doomed.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertThat(text(receive(consumer(doomed, queue)))).isEqualTo("1");
        assertThat(other.receiveNoWait()).isNull();
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND state = 'idle in transaction' AND backend_xid IS NOT NULL");
        List<String> got = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            got.add(text(receive(other)));
        }
        assertThat(got).containsExactlyInAnyOrder("1", "2");
    }

    /** Those that failed have to be counted first, by another transaction, which needs a slot as well. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatFailedWithABranchComesToTheNextOne(int running) throws Exception {
        factory.admin().limit(queue, QueueLimit.running(running));
        send("1", "2");
        preparedByAProcessThatIsGone("1");
        resource.rollback(xid);
        TestXid next = TestXid.next();
        resource.start(next, XAResource.TMNOFLAGS);
        sendIn(session, queue + "-done", "work"); // it keeps its connection
        try (MessageConsumer consumer = consumer(session, queue)) {
            Message again = receive(consumer);
            assertThat(text(again)).isEqualTo("1");
            assertThat(deliveryCount(again)).isEqualTo(2);
        }
        resource.end(next, XAResource.TMSUCCESS);
        resource.commit(next, true);
        assertThat(text(receive(other))).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "JMSPriority = 4"})
    void whoFindsNothingHoldsNoSlot(String selector) throws Exception {
        factory.admin().limit(queue, QueueLimit.running(1).withStarts(1, Duration.ofDays(1)));
        resource.start(xid, XAResource.TMNOFLAGS);
        sendIn(session, queue + "-done", "work");
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selector)) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
        send("1");
        assertThat(text(receive(other))).isEqualTo("1");
        prepare();
        resource.commit(xid, false);
    }

    @Test
    void whatIsRolledBackHasNotBegunAndWhatIsCommittedHas() throws Exception {
        factory.admin().limit(queue, QueueLimit.starts(1, Duration.ofHours(1)));
        send("1", "2");
        resource.start(xid, XAResource.TMNOFLAGS);
        try (MessageConsumer consumer = consumer(session, queue)) {
            assertThat(text(receive(consumer))).isEqualTo("1");
            prepare();
            assertNothingComes(other);
            resource.rollback(xid);
            TestXid next = TestXid.next();
            resource.start(next, XAResource.TMNOFLAGS);
            assertThat(receive(consumer)).isNotNull();
            assertThat(consumer.receiveNoWait()).isNull();
            resource.end(next, XAResource.TMSUCCESS);
            resource.commit(next, true);
        }
        assertNothingComes(other);
        assertThat(value("SELECT min(mq_why(id)) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .startsWith("only 1 deliveries from '" + queue + "'");
    }

    @Test
    void branchesOfTwoProcessesShareTheSlots() throws Exception {
        factory.admin().limit(queue, QueueLimit.running(2));
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int process = 0; process < 2; process++) {
            SqlmqConnectionFactory mine = factory();
            for (int i = 0; i < 2; i++) {
                XASession own = xaSession(mine);
                workers.add(CompletableFuture.runAsync(() -> work(own, running, most, done)));
            }
        }
        send("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
        for (CompletableFuture<Void> worker : workers) {
            worker.get(50, TimeUnit.SECONDS);
        }
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(done.get()).isEqualTo(12);
        await().until(() -> number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'") == 0);
    }

    /** Every third branch is rolled back after it was prepared. */
    private void work(XASession own, AtomicInteger running, AtomicInteger most, AtomicInteger done) {
        XAResource mine = own.getXAResource();
        try (MessageConsumer consumer = consumer(own, queue)) {
            for (int n = 0; done.get() < 12; n++) {
                TestXid branch = TestXid.next();
                mine.start(branch, XAResource.TMNOFLAGS);
                Message message = consumer.receive(200);
                int now = message == null ? 0 : running.incrementAndGet();
                most.accumulateAndGet(now, Math::max);
                mine.end(branch, XAResource.TMSUCCESS);
                boolean nothing = mine.prepare(branch) == XAResource.XA_RDONLY;
                if (message == null) {
                    continue;
                }
                assertThat(nothing).isFalse();
                running.decrementAndGet();
                if (n % 3 == 2) {
                    mine.rollback(branch);
                } else {
                    mine.commit(branch, false);
                    done.incrementAndGet();
                }
            }
        } catch (JMSException | XAException e) {
            throw new AssertionError(e);
        }
    }

    private void prepare() throws XAException {
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
    }
}
