package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a process has registered in the database is deleted by others when it looks dead, and may be by hand. It is put back
 * within seconds, three times 5 s here, and the process goes on as before.
 */
@Tag("faults")
class RegistrationsTest extends IntegrationTest {

    private static final Duration WITHIN_SECONDS = Duration.ofSeconds(20);

    private static final String WAITERS = "SELECT string_agg(channel_name, ',' ORDER BY channel_name) FROM mq_waiters";

    private static final List<String> REGISTRATIONS = List.of(
            "SELECT count(*) FROM mq_owners",
            WAITERS,
            "SELECT string_agg(client_id || ' ' || token, ',') FROM mq_clients",
            "SELECT string_agg(channel || ' ' || consumer, ',' ORDER BY consumer) FROM mq_subscribers");

    private List<String> registrations(String owner) {
        return REGISTRATIONS.stream()
                .map(query -> value(query + " WHERE owner = " + owner))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mq_owners",
                "mq_waiters",
                "mq_clients",
                "mq_subscribers",
                "mq_exclusives",
                "mq_signatures",
                "mq_owners, mq_waiters, mq_clients, mq_subscribers, mq_exclusives, mq_signatures, mq_failures"
            })
    void whatIsDeletedWhileItsProcessLivesIsPutBack(String tables) throws Exception {
        if (!tables.contains(",")) { // all of them together as often as usual
            setPeriod("upkeepMillis", 500);
        }
        SqlmqConnectionFactory process = factory();
        Connection connection = closeAfterwards(process.createConnection());
        connection.setClientID(queue);
        List<Exception> heard = new CopyOnWriteArrayList<>();
        ExceptionListener listener = heard::add;
        connection.setExceptionListener(listener);
        connection.start();
        Session session = connection.createSession();
        Topic topic = session.createTopic("topic-" + queue);
        List<MessageConsumer> ofTopic = List.of(
                session.createConsumer(topic),
                session.createDurableConsumer(topic, "durable"),
                session.createSharedDurableConsumer(topic, "shared"));
        MessageConsumer ofQueue = consumer(session, queue);
        MessageConsumer exclusive = consumer(session, "exclusive-" + queue + "?consumer.exclusive=true");
        for (MessageConsumer each : ofTopic) {
            assertThat(each.receive(1)).isNull();
        }
        send("first");
        receive(ofQueue);
        assertThat(ofQueue.receive(1)).isNull();
        assertThat(exclusive.receive(1)).isNull();
        await().until(() ->
                value(WAITERS).contains("exclusive-" + queue) && value(WAITERS).contains("sqlmq-schedules"));
        await().during(Duration.ofMillis(500)).until(() -> value(WAITERS).split(",", -1).length >= 6);
        String owner = value("SELECT owner FROM mq_clients WHERE client_id = '" + queue + "'");
        List<String> before = registrations(owner);

        sql("TRUNCATE " + tables);

        await().atMost(WITHIN_SECONDS)
                .untilAsserted(() -> assertThat(registrations(owner)).isEqualTo(before));
        try (MessageProducer producer =
                session(factory, Session.AUTO_ACKNOWLEDGE).createProducer(null)) {
            producer.send(topic, session.createTextMessage("second"));
            producer.send(session.createQueue("exclusive-" + queue), session.createTextMessage("second"));
        }
        for (MessageConsumer each : ofTopic) {
            assertThat(text(receive(each))).isEqualTo("second");
        }
        assertThat(text(receive(exclusive))).isEqualTo("second");
        await().atMost(WITHIN_SECONDS).until(() -> {
            send("second");
            return text(receive(ofQueue)).equals("second") && number("SELECT count(*) FROM mq_signatures") > 0;
        });
        assertThat(heard).isEmpty();
        session.close();
        Session last = connection.createSession();
        last.unsubscribe("durable");
        last.unsubscribe("shared");
    }

    /** Two minutes are as if others had swept what the process had registered. */
    @Test
    void aProcessThatWasFrozenIsNotifiedAgain() throws Exception {
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, url, queue, Integer.toString(Session.AUTO_ACKNOWLEDGE), "follow"));
        send("before");
        child.awaitLine("received before");
        String mine = "FROM mq_waiters WHERE channel_name = '" + queue + "'";
        await().until(() -> number("SELECT count(*) " + mine) == 1);
        long owner = number("SELECT owner " + mine);
        child.freeze();
        sql(
                "UPDATE mq_owners SET alive_until = now() - interval '2 min' WHERE owner = " + owner,
                "DELETE FROM mq_owners WHERE owner = " + owner,
                "DELETE FROM mq_waiters WHERE owner = " + owner);
        child.thaw();
        await().atMost(WITHIN_SECONDS).until(() -> number("SELECT count(*) " + mine) == 1);
        assertThat(number("SELECT count(*) FROM mq_owners WHERE alive_until > now() AND owner = " + owner))
                .isEqualTo(1);
        send("after");
        child.awaitLine("received after");
    }

    /** An unshared subscription has one consumer: whoever comes back too late has lost it, and hears of it. */
    @Test
    void whatSomebodyElseHasTakenInTheMeantimeIsNotTakenBack() throws Exception {
        Connection connection = closeAfterwards(factory.createConnection());
        connection.setClientID(queue);
        List<Exception> heard = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(heard::add);
        Session session = connection.createSession();
        Topic topic = session.createTopic("topic-" + queue);
        MessageConsumer consumer = session.createDurableConsumer(topic, "durable");
        sql(
                "UPDATE mq_clients SET owner = -1, token = 1 WHERE client_id = '" + queue + "'",
                "UPDATE mq_subscribers SET owner = -1, consumer = 1",
                "INSERT INTO mq_owners VALUES (-1, 'another', false, now() + interval '1 hour')");
        await().atMost(WITHIN_SECONDS).until(() -> !heard.isEmpty());
        assertThat(value("SELECT string_agg(owner::text, ',') FROM mq_subscribers"))
                .isEqualTo("-1");
        assertThat(value("SELECT owner FROM mq_clients WHERE client_id = '" + queue + "'"))
                .isEqualTo("-1");
        consumer.close();
        connection.close();
        assertThat(value("SELECT owner FROM mq_clients WHERE client_id = '" + queue + "'"))
                .isEqualTo("-1");
        sql("DELETE FROM mq_owners WHERE owner = -1");
        Message none =
                consumer(session(factory, Session.AUTO_ACKNOWLEDGE), queue).receiveNoWait();
        assertThat(none).isNull();
    }
}
