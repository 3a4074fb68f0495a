package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** An administrator ends single connections while the database goes on. */
@Tag("faults")
class TerminatedConnectionsTest extends IntegrationTest {

    private static final int TERMINATIONS = 40;

    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Queue<JMSException> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean ends = new AtomicBoolean();
    private final AtomicInteger numbers = new AtomicInteger();

    private Thread sender(Session session) throws JMSException {
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        Thread thread = new Thread(() -> {
            while (!ends.get()) {
                String text = Integer.toString(numbers.incrementAndGet());
                try {
                    producer.send(session.createTextMessage(text));
                    sent.add(text);
                } catch (JMSException e) {
                    failures.add(e);
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Test
    void sendsThatTheServerHasNotBegunAreMadeOnAnother() throws Exception {
        SqlmqConnectionFactory ended = factory("applicationName=to-be-ended");
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            senders.add(sender(session(ended, Session.AUTO_ACKNOWLEDGE)));
        }
        for (int i = 0; i < TERMINATIONS; i++) {
            int before = sent.size();
            await().until(() -> sent.size() > before + 20);
            Ledger.execute(
                    url,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to-be-ended'");
        }
        ends.set(true);
        for (Thread sender : senders) {
            sender.join();
        }
        Set<String> there = Ledger.texts(url, "SELECT payload_text FROM mq_msgs WHERE channel_name = '" + queue + "'");
        assertThat(there).containsAll(sent);
        assertThat(there).hasSize(numbers.get() - failures.size());
        assertThat(failures).hasSizeLessThan(TERMINATIONS / 10);
    }

    /** Others go on, and what has no transaction to lose waits for the moment until it is known. */
    @Test
    void commitsOfSendsWaitWhileAConnectionIsBroken() throws Exception {
        SqlmqConnectionFactory ended = factory("applicationName=to-be-ended-too");
        Connection connection = connect(ended);
        consumer(connection.createSession(), queue + "-other").setMessageListener(m -> {});
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (int i = 0; i < TERMINATIONS; i++) {
            producer.send(session.createTextMessage("text"));
            Ledger.execute(
                    url,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE application_name = 'to-be-ended-too' AND query LIKE '%transaction_read_only%'");
            Thread.sleep(i % 5);
            session.commit();
        }
        assertThat(Ledger.value(url, "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isEqualTo(Integer.toString(TERMINATIONS));
    }

    @Test
    void aTerminatedConnectionCostsNoOther() throws Exception {
        String name = "to-be-ended-once";
        SqlmqConnectionFactory factory = factory("applicationName=" + name);
        Connection connection = connect(factory);
        consumer(connection.createSession(), queue + "-other").setMessageListener(m -> {});
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            send(factory, queue, "text");
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            assertThat(consumer(session, queue).receive(SOON)).isNotNull();
            sessions.add(session);
        }
        String listening = pids(name) + " AND query LIKE '%transaction_read_only%'";
        await().until(() -> Ledger.texts(url, listening).size() == 1);
        Set<String> before = Ledger.texts(url, pids(name));
        String ended = Integer.toString(SqlmqTransactions.connection(sessions.get(0))
                .unwrap(PGConnection.class)
                .getBackendPID());
        Ledger.execute(url, "SELECT pg_terminate_backend(" + ended + ", 30000)");
        assertThatThrownBy(sessions.get(0)::commit).isInstanceOf(TransactionRolledBackException.class);
        send(factory, queue + "-other", "text"); // waits for the end of the outage
        for (Session session : sessions.subList(1, sessions.size())) {
            session.commit();
        }
        before.remove(ended);
        assertThat(Ledger.texts(url, pids(name))).containsAll(before);
    }

    private static String pids(String name) {
        return "SELECT pid FROM pg_stat_activity WHERE application_name = '" + name + "'";
    }
}
