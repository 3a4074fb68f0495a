package io.sqlmq.integration.xa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.TestXid;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.time.Duration;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * While a prepared transaction waits for its end, vacuum removes nothing that has died since: floors have to keep claims
 * from reading all of it, although that transaction has written and locked messages.
 */
@Timeout(180)
class InDoubtFloorsTest extends IntegrationTest {

    private static final int BACKLOG = 3_000;
    private static final int BACKLOGS = 12;
    private static final long MEASURED_NANOS = 1_500_000_000L;

    @Test
    void claimsDoNotReadWhatDiedSinceABranchWasPrepared() throws Exception {
        TestXid sent = TestXid.next();
        TestXid taken = sent.sibling("taken");
        send("taken");
        XASession session = xaSession();
        XAResource resource = session.getXAResource();
        resource.start(taken, XAResource.TMNOFLAGS);
        assertThat(text(receive(consumer(session, queue)))).isEqualTo("taken");
        resource.end(taken, XAResource.TMSUCCESS);
        resource.prepare(taken);
        resource.start(sent, XAResource.TMNOFLAGS);
        sendIn(session, queue, "sent");
        resource.end(sent, XAResource.TMSUCCESS);
        resource.prepare(sent);

        Session working = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(working, queue);
        MessageProducer producer = working.createProducer(working.createQueue(queue));
        for (int i = 0; i < BACKLOGS; i++) {
            pump(working, producer, consumer, BACKLOG);
        }
        // Floors are raised every 2,000 messages, so that what died last is still read.
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            pump(working, producer, consumer, BACKLOG);
            return readPerMessage(working, producer, consumer) < 3 * BACKLOG;
        });

        // Both are below the floors now, and must be found all the same.
        XAResource elsewhere = xaSession(factory()).getXAResource();
        elsewhere.commit(sent, false);
        assertThat(text(receive(consumer))).isEqualTo("sent");
        elsewhere.rollback(taken);
        assertThat(text(receive(consumer))).isEqualTo("taken");
        working.commit();
        assertNothingComes(consumer);
    }

    private XASession xaSession() throws Exception {
        return xaSession(factory);
    }

    private XASession xaSession(SqlmqConnectionFactory from) throws Exception {
        XAConnection connection = closeAfterwards(from.createXAConnection());
        connection.start();
        return connection.createXASession();
    }

    private static void pump(Session session, MessageProducer producer, MessageConsumer consumer, int count)
            throws Exception {
        TextMessage message = session.createTextMessage("bulk");
        for (int i = 0; i < count; i++) {
            producer.send(message);
        }
        session.commit();
        for (int i = 0; i < count; i++) {
            assertThat(text(receive(consumer))).isEqualTo("bulk");
        }
        session.commit();
    }

    /** Index entries that were read for each message that was sent and received alone. */
    private long readPerMessage(Session session, MessageProducer producer, MessageConsumer consumer) throws Exception {
        long before = entriesRead();
        long end = System.nanoTime() + MEASURED_NANOS; // backends tell what they read once a second
        int count = 0;
        while (System.nanoTime() < end) {
            pump(session, producer, consumer, 1);
            count++;
        }
        return (entriesRead() - before) / count;
    }

    private long entriesRead() {
        return number("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'mq_msgs_ready'");
    }
}
