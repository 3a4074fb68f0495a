package io.sqlmq.integration.observing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.engine.model.EngineListener;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.FactoryState;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.TestXid;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Who listens hears each thing that happens, once, whatever session does it. */
class EngineListenerTest extends IntegrationTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final Heard heard = new Heard();
    private SqlmqConnectionFactory own;

    /** Counts events by their name and destination. */
    private static final class Heard implements EngineListener {
        final Map<String, Integer> counts = new ConcurrentHashMap<>();
        final List<Long> waited = new CopyOnWriteArrayList<>();
        final List<Long> worked = new CopyOnWriteArrayList<>();

        private void count(String event, @Nullable String destination, int n) {
            counts.merge(event + " " + destination, n, Integer::sum);
        }

        int of(String event, @Nullable String destination) {
            return counts.getOrDefault(event + " " + destination, 0);
        }

        @Override
        public void sent(String destination, int messages) {
            count("sent", destination, messages);
        }

        @Override
        public void delivered(String destination, boolean redelivered, long waitedMillis) {
            count(redelivered ? "redelivered" : "delivered", destination, 1);
            waited.add(waitedMillis);
        }

        @Override
        public void acknowledged(String destination, long workedNanos) {
            count("acknowledged", destination, 1);
            worked.add(workedNanos);
        }

        @Override
        public void rolledBack(String destination, long workedNanos) {
            count("rolledBack", destination, 1);
        }

        @Override
        public void deadLettered(String destination) {
            count("deadLettered", destination, 1);
        }

        @Override
        public void expired(@Nullable String destination, int messages) {
            count("expired", destination, messages);
        }

        @Override
        public void wokenUp(String destination, long nanos) {
            assertThat(nanos).isPositive();
            count("wokenUp", destination, 1);
        }

        @Override
        public void flushed(int messages) {
            count("flushed", null, messages);
        }
    }

    @BeforeEach
    void listens() {
        own = factory("initialRedeliveryDelay=0", "maximumRedeliveries=1");
        own.addListener(heard);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Session.AUTO_ACKNOWLEDGE,
                Session.CLIENT_ACKNOWLEDGE,
                Session.DUPS_OK_ACKNOWLEDGE,
                4,
                Session.SESSION_TRANSACTED
            })
    void aMessageIsSentDeliveredAndAcknowledged(int mode) throws Exception {
        send(own, queue, "1", "2");
        assertThat(heard.of("sent", queue)).isEqualTo(2);
        assertThat(heard.of("flushed", null)).isEqualTo(2);
        Session session = session(own, mode);
        MessageConsumer consumer = consumer(session, queue);
        Message message = receive(consumer);
        receive(consumer).acknowledge();
        message.acknowledge();
        if (mode == Session.SESSION_TRANSACTED) {
            assertThat(heard.of("acknowledged", queue)).isZero();
            session.commit();
        }
        session.close();
        await().atMost(LONG).until(() -> heard.of("acknowledged", queue) == 2);
        assertThat(heard.of("delivered", queue)).isEqualTo(2);
        assertThat(heard.waited).allMatch(millis -> millis >= 0);
        assertThat(heard.worked).allMatch(nanos -> nanos > 0);
        assertThat(heard.of("redelivered", queue) + heard.of("rolledBack", queue))
                .isZero();
    }

    @Test
    void whatFailsIsRolledBackAndEndsAsADeadLetter() throws Exception {
        send(own, queue, "1");
        Session session = session(own, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        session.rollback();
        receive(consumer);
        session.rollback();
        assertThat(heard.counts)
                .containsEntry("delivered " + queue, 1)
                .containsEntry("redelivered " + queue, 1)
                .containsEntry("rolledBack " + queue, 2)
                .containsEntry("deadLettered " + queue, 1)
                .doesNotContainKey("acknowledged " + queue);
    }

    @Test
    void aListenerThatWaitedTellsHowFastItWasWoken() throws Exception {
        Session session = session(own, Session.AUTO_ACKNOWLEDGE);
        consumer(session, queue).setMessageListener(message -> {});
        await().atMost(LONG).until(() -> own.state().waitingConsumers() == 1);
        send(own, queue, "1");
        await().atMost(LONG).until(() -> heard.of("acknowledged", queue) == 1);
        assertThat(heard.of("wokenUp", queue)).isEqualTo(1);
    }

    @Test
    void whatIsPublishedCountsForEachSubscriptionByItsTopic() throws Exception {
        Session session = session(own, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer one = session.createConsumer(session.createTopic(queue));
        MessageConsumer two = session.createConsumer(session.createTopic(queue));
        session.createProducer(session.createTopic(queue)).send(session.createTextMessage("1"));
        receive(one);
        receive(two);
        assertThat(heard.counts)
                .containsEntry("sent topic://" + queue, 2)
                .containsEntry("delivered topic://" + queue, 2)
                .containsEntry("acknowledged topic://" + queue, 2);
    }

    @Test
    void whatHasExpiredIsNeitherDeliveredNorAcknowledged() throws Exception {
        Session session = session(own, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setTimeToLive(1);
        producer.send(session.createTextMessage("1"));
        Thread.sleep(5);
        assertThat(consumer(session, queue).receiveNoWait()).isNull();
        assertThat(heard.of("expired", queue) + heard.of("expired", null)).isEqualTo(1);
        assertThat(heard.of("delivered", queue) + heard.of("acknowledged", queue))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTransactionOfTheApplicationCountsWhenItIsCommitted(boolean commits) throws Exception {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(url);
        SqlmqConnectionFactory joining = closeAfterwards(new SqlmqConnectionFactory(database));
        joining.addListener(heard);
        send(queue, "1");
        Session session = session(joining, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        new TransactionTemplate(new DataSourceTransactionManager(database)).executeWithoutResult(transaction -> {
            try {
                receive(consumer);
                sendIn(session, queue + "-next", "2");
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
            assertThat(heard.of("acknowledged", queue)).isZero();
            if (!commits) {
                transaction.setRollbackOnly();
            }
        });
        await().atMost(LONG).until(() -> heard.of(commits ? "acknowledged" : "rolledBack", queue) == 1);
        assertThat(heard.of(commits ? "rolledBack" : "acknowledged", queue)).isZero();
        assertThat(heard.of("delivered", queue)).isEqualTo(1);
        assertThat(heard.of("sent", queue + "-next")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGlobalTransactionCountsWhenItIsCommitted(boolean commits) throws Exception {
        send(own, queue, "1");
        XAConnection connection = closeAfterwards(own.createXAConnection());
        connection.start();
        XASession session = connection.createXASession();
        TestXid xid = TestXid.next();
        XAResource resource = session.getXAResource();
        resource.start(xid, XAResource.TMNOFLAGS);
        receive(consumer(session, queue));
        sendIn(session, queue + "-next", "2");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        assertThat(heard.of("acknowledged", queue) + heard.of("sent", queue + "-next"))
                .isZero();
        if (commits) {
            resource.commit(xid, false);
        } else {
            resource.rollback(xid);
        }
        assertThat(heard.of("delivered", queue)).isEqualTo(1);
        assertThat(heard.of("acknowledged", queue)).isEqualTo(commits ? 1 : 0);
        assertThat(heard.of("sent", queue + "-next")).isEqualTo(commits ? 1 : 0);
        assertThat(heard.of("rolledBack", queue)).isEqualTo(commits ? 0 : 1);
    }

    @Test
    void thoseThatThrowChangeNothing() throws Exception {
        own.addListener(new EngineListener() {
            @Override
            public void sent(String destination, int messages) {
                throw new IllegalStateException("broken");
            }
        });
        send(own, queue, "1");
        assertThat(drain(own, queue)).containsExactly("1");
        own.removeListener(heard);
        send(own, queue, "2");
        assertThat(heard.of("sent", queue)).isEqualTo(1);
    }

    @Test
    void whatTheFactoryHoldsCanBeSeen() throws Exception {
        assertThat(own.state()).isEqualTo(new FactoryState(0, 0, 0, false, List.of()));
        send(own, queue, "1");
        Session session = session(own, Session.SESSION_TRANSACTED);
        receive(consumer(session, queue));
        FactoryState state = own.state();
        assertThat(state.openWindows()).isEqualTo(1);
        assertThat(state.outage()).isFalse();
        assertThat(state.pools()).anySatisfy(pool -> {
            assertThat(pool.name()).endsWith("-sessions");
            assertThat(pool.active()).isEqualTo(1);
            assertThat(pool.max()).isEqualTo(16);
        });
    }
}
