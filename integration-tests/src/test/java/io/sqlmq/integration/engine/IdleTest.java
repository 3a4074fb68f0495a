package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who does nothing costs nothing; who does much gets what there is. */
class IdleTest extends IntegrationTest {

    private long connections(String applicationName, String condition) {
        return number("SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + applicationName + "' AND "
                + condition);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.SESSION_TRANSACTED, 1, 2, 3, 4})
    void noTransactionIsOpenWhileASessionIsIdle(int mode) throws Exception {
        String name = "idle-" + mode;
        SqlmqConnectionFactory named = factory("applicationName=" + name);
        send(named, queue, "one", "two", "three");
        Session session = session(named, mode);
        MessageConsumer consumer = consumer(session, queue);
        consumer.receive(SOON);
        consumer.receive(SOON);
        if (mode == Session.SESSION_TRANSACTED) {
            session.commit();
        }
        await().until(() -> connections(name, "state LIKE 'idle in transaction%'") == 0);
        assertThat(drain(factory, queue)).containsExactly("three");
    }

    @Test
    void fiftyWaitingConsumersShareAPoolOfTwo() throws Exception {
        SqlmqConnectionFactory small = factory("maximumPoolSize=2", "applicationName=fifty");
        Queue<String> received = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Boolean>> receivers = new ArrayList<>();
        Connection connection = connect(small);
        for (int i = 0; i < 25; i++) {
            String name = queue + "-" + i;
            consumer(connection.createSession(Session.AUTO_ACKNOWLEDGE), name)
                    .setMessageListener(message -> received.add(Async.unchecked(() -> text(message))));
            MessageConsumer blocked = consumer(connection.createSession(Session.AUTO_ACKNOWLEDGE), name + "-receive");
            receivers.add(Async.run(() -> received.add(text(blocked.receive(SOON)))));
        }
        await().until(() -> connections("fifty", "query LIKE '%mq_claim%' AND state = 'active'") == 0);
        // Two for windows, two for short statements, one for upkeep, one listens. The server forgets others, which were
        // closed, a little later; a pool closes what it needed for a moment after its idle time.
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(connections("fifty", "true")).isLessThanOrEqualTo(6));
        for (int i = 0; i < 25; i++) {
            send(factory, queue + "-" + i, "listener " + i);
            send(factory, queue + "-" + i + "-receive", "receive " + i);
        }
        for (CompletableFuture<Boolean> receiver : receivers) {
            Async.get(receiver);
        }
        await().untilAsserted(() -> assertThat(received).hasSize(50).doesNotHaveDuplicates());
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(connections("fifty", "true")).isLessThanOrEqualTo(6));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anExhaustedPoolIsAnErrorAndNoDeadlock(int size) throws Exception {
        SqlmqConnectionFactory small = factory("maximumPoolSize=" + size, "connectionTimeout=500");
        send(small, queue, "one", "two", "three");
        Connection connection = connect(small);
        Session[] holders = new Session[size];
        for (int i = 0; i < size; i++) {
            holders[i] = connection.createSession(Session.SESSION_TRANSACTED);
            receive(consumer(holders[i], queue));
        }
        Session late = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer waiting = consumer(late, queue);
        assertThatThrownBy(() -> waiting.receive(SOON))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("maximumPoolSize");
        // Senders have connections of their own.
        send(small, queue + "-other", "sent meanwhile");
        holders[0].commit();
        receive(waiting);
        late.commit();
        for (Session holder : holders) {
            holder.rollback();
        }
        assertThat(drain(factory, queue)).hasSize(3 - 2);
    }

    @Test
    void aListenerMaySendOnAnotherSessionWithAPoolOfOne() throws Exception {
        SqlmqConnectionFactory small = factory("maximumPoolSize=1", "connectionTimeout=2000");
        Connection connection = connect(small);
        Session other = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        consumer(connection.createSession(Session.AUTO_ACKNOWLEDGE), queue)
                .setMessageListener(message -> Async.unchecked(() -> {
                    sendIn(other, queue + "-reply", "reply to " + text(message));
                    return true;
                }));
        send(factory, queue, "one", "two");
        MessageConsumer replies = consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "-reply");
        assertThat(text(receive(replies))).isEqualTo("reply to one");
        assertThat(text(receive(replies))).isEqualTo("reply to two");
    }
}
