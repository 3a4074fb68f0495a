package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.PausedQueue;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A paused queue delivers nothing, in any process, until it is resumed. */
class PauseTest extends IntegrationTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private SqlmqAdmin admin;

    @BeforeEach
    void administers() {
        admin = factory.admin();
    }

    @AfterEach
    void nothingIsPausedAfterwards() {
        sql("DELETE FROM mq_paused");
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED, 4})
    void aProcessThatBeginsLaterDeliversNothingEither(int mode) throws Exception {
        send("1", "2");
        assertThat(admin.pause(queue)).isTrue();
        Session session = session(factory(), mode);
        MessageConsumer consumer = consumer(session, queue);
        MessageConsumer selective = session.createConsumer(session.createQueue(queue), "JMSPriority = 4");
        assertThat(consumer.receiveNoWait()).isNull();
        assertNothingComes(consumer);
        assertThat(selective.receiveNoWait()).isNull();
        assertThat(admin.browse(queue, 10)).hasSize(2);
        assertThat(admin.resume(queue)).isTrue();
        assertThat(text(receive(consumer))).isEqualTo("1");
        assertThat(text(receive(selective))).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen=auto", "listen=off"})
    void processesThatConsumeAreToldAndGoOnInOrder(String listen) throws Exception {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Session session = session(factory(listen), Session.AUTO_ACKNOWLEDGE);
        consumer(session, queue).setMessageListener(message -> seen.add(body(message)));
        send("0");
        await().atMost(LONG).until(() -> seen.contains("0"));
        sql("SELECT mq_pause('" + queue + "')");
        await().atMost(LONG).until(() -> {
            int before = seen.size();
            send("while it is told");
            Thread.sleep(NOTHING);
            return seen.size() == before;
        });
        int before = seen.size();
        send("a", "b");
        await().during(Duration.ofMillis(NOTHING)).until(() -> seen.size() == before);
        send(factory, queue + "-other", "goes on");
        assertThat(drain(factory, queue + "-other")).containsExactly("goes on");
        sql("SELECT mq_resume('" + queue + "')");
        await().atMost(LONG).until(() -> seen.contains("b"));
        assertThat(List.copyOf(seen).subList(before, seen.size())).containsExactly("while it is told", "a", "b");
    }

    @Test
    void whatIsWorkedOnIsAcknowledgedAndWhatIsClaimedAheadIsLetGo() throws Exception {
        send("1", "2", "3");
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(transacted, queue);
        receive(consumer);
        transacted.commit();
        receive(consumer);
        admin.pause(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        transacted.commit();
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(value("SELECT string_agg(payload_text, ',') FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isEqualTo("3");
        admin.resume(queue);
        assertThat(text(receive(consumer))).isEqualTo("3");
    }

    @Test
    void aTransactionOfTheApplicationWithItsOnlyConnectionGetsNothing() throws Exception {
        send("1");
        admin.pause(queue);
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(url);
            pool.setMaximumPoolSize(1);
            pool.setConnectionTimeout(5_000);
            try (SqlmqConnectionFactory joining = new SqlmqConnectionFactory(pool)) {
                Session session = session(joining, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = consumer(session, queue);
                try (java.sql.Connection connection = pool.getConnection()) {
                    connection.setAutoCommit(false);
                    try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                        assertThat(consumer.receiveNoWait()).isNull();
                    }
                    connection.commit();
                }
            }
        }
    }

    @Test
    void operatorsSeeWhatIsPausedByWhomAndWhy() throws Exception {
        send("1");
        assertThat(admin.pause(queue, "the printer is broken")).isTrue();
        assertThat(admin.pause(queue)).isFalse();
        assertThat(admin.pausedQueues())
                .filteredOn(paused -> paused.queue().equals(queue))
                .singleElement()
                .extracting(PausedQueue::queue, PausedQueue::by, PausedQueue::reason)
                .containsExactly(queue, value("SELECT session_user"), "the printer is broken");
        assertThat(value("SELECT mq_why(id) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .startsWith("the queue is paused since ")
                .endsWith(": the printer is broken");
        assertThat(value("SELECT depth || ' ' || paused FROM mq_channels WHERE channel = '" + queue + "'"))
                .isEqualTo("1 true");
        assertThat(admin.resume(queue)).isTrue();
        assertThat(admin.resume(queue)).isFalse();
        assertThat(admin.pausedQueues()).extracting(PausedQueue::queue).doesNotContain(queue);
        assertThat(value("SELECT paused FROM mq_channels WHERE channel = '" + queue + "'"))
                .isEqualTo("f");
    }

    private static String body(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }
}
