package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** consumer.exclusive=true: one consumer at a time, over all processes. */
class ExclusiveConsumerTest extends IntegrationTest {

    private MessageConsumer exclusive(Session session) throws Exception {
        return consumer(session, queue + "?consumer.exclusive=true");
    }

    private MessageConsumer exclusive(SqlmqConnectionFactory process) throws Exception {
        return exclusive(session(process, Session.AUTO_ACKNOWLEDGE));
    }

    private String holders() {
        return value("SELECT count(*) FROM mq_exclusives WHERE channel_name = '" + queue + "'");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onlyTheFirstConsumerReceivesUntilItIsClosed(boolean otherProcess) throws Exception {
        MessageConsumer first = exclusive(factory);
        MessageConsumer second = exclusive(otherProcess ? factory() : factory);
        send("1", "2", "3");
        assertThat(text(receive(first))).isEqualTo("1");
        assertNothingComes(second);
        assertThat(second.receiveNoWait()).isNull();
        assertThat(text(receive(first))).isEqualTo("2");
        first.close();
        assertThat(text(receive(second))).isEqualTo("3");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aListenerTakesOverWhenTheOtherIsClosed(boolean otherProcess) throws Exception {
        Queue<String> firsts = new ConcurrentLinkedQueue<>();
        Queue<String> seconds = new ConcurrentLinkedQueue<>();
        MessageConsumer first = exclusive(factory);
        first.setMessageListener(message -> firsts.add(body(message)));
        send("0");
        await().until(() -> firsts.size() == 1);
        MessageConsumer second = exclusive(otherProcess ? factory() : factory);
        second.setMessageListener(message -> seconds.add(body(message)));
        for (int i = 1; i <= 20; i++) {
            send(Integer.toString(i));
        }
        await().until(() -> firsts.size() == 21);
        assertThat(seconds).isEmpty();
        first.close();
        send("last");
        await().until(() -> seconds.size() == 1);
        assertThat(seconds).containsExactly("last");
    }

    private static String body(Message message) {
        try {
            return message.getBody(String.class);
        } catch (jakarta.jms.JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void inAProcessWithAnExclusiveConsumerOthersGetNothing() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer usual = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        MessageConsumer exclusive = exclusive(session);
        send("1", "2");
        assertNothingComes(usual);
        assertThat(text(receive(exclusive))).isEqualTo("1");
        exclusive.close();
        assertThat(text(receive(usual))).isEqualTo("2");
    }

    @Test
    void whoConsumesNothingHoldsNothing() throws Exception {
        MessageConsumer consumer = exclusive(factory);
        assertThat(holders()).isEqualTo("0");
        send("1");
        receive(consumer);
        assertThat(holders()).isEqualTo("1");
        consumer.close();
        await().until(() -> holders().equals("0"));
    }

    @Test
    void anotherTakesOverWhenTheProcessIsClosed() throws Exception {
        SqlmqConnectionFactory gone = factory();
        MessageConsumer first = exclusive(gone);
        send("1", "2");
        receive(first);
        MessageConsumer second = exclusive(factory());
        assertNothingComes(second);
        gone.close();
        assertThat(text(receive(second))).isEqualTo("2");
    }

    @Test
    void anotherTakesOverFromAProcessWithoutHeartbeat() throws Exception {
        sql("INSERT INTO mq_exclusives (channel_name, owner) VALUES ('" + queue + "', 123456)");
        send("1");
        assertThat(text(receive(exclusive(factory)))).isEqualTo("1");
    }

    @Test
    void aProcessThatWasTakenForDeadStopsReceiving() throws Exception {
        MessageConsumer first = exclusive(factory());
        send("1", "2");
        receive(first);
        sql("UPDATE mq_exclusives SET owner = 123456");
        sql("INSERT INTO mq_owners VALUES (123456, 'another', false, now() + interval '60 s')");
        await().until(() -> {
            send("more");
            Message received = first.receiveNoWait();
            return received == null;
        });
        assertNothingComes(first);
        sql("DELETE FROM mq_owners WHERE owner = 123456");
        receive(first);
    }

    @Test
    void transactedReceivesAreExclusiveToo() throws Exception {
        Connection connection = connect(factory);
        Session one = connection.createSession(Session.SESSION_TRANSACTED);
        Session two = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer first = exclusive(one);
        MessageConsumer second = exclusive(two);
        send("1", "2");
        receive(first);
        assertNothingComes(second);
        one.rollback();
        assertThat(List.of(text(receive(first)), text(receive(first)))).containsExactly("1", "2");
        one.commit();
        assertNothingComes(second);
    }
}
