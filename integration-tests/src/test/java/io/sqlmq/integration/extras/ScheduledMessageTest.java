package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.ScheduledMessage;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AMQ_SCHEDULED_DELAY, _PERIOD, _REPEAT and _CRON. */
class ScheduledMessageTest extends IntegrationTest {

    private static final List<String> NAMES =
            List.of("AMQ_SCHEDULED_DELAY", "AMQ_SCHEDULED_PERIOD", "AMQ_SCHEDULED_REPEAT", "AMQ_SCHEDULED_CRON");

    @AfterEach
    void endSchedules() {
        sql("DELETE FROM mq_schedules");
    }

    private Message scheduled(Session session, Object... properties) throws Exception {
        Message message = session.createTextMessage("again");
        for (int i = 0; i < properties.length; i += 2) {
            message.setObjectProperty(properties[i].toString(), properties[i + 1]);
        }
        return message;
    }

    private Message send(Session session, Object... properties) throws Exception {
        Message message = scheduled(session, properties);
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            producer.send(message);
        }
        return message;
    }

    private Message sendOutside(Object... properties) throws Exception {
        return send(session(Session.AUTO_ACKNOWLEDGE), properties);
    }

    private static void assertNoneOfTheProperties(Message message) throws Exception {
        for (String name : NAMES) {
            assertThat(message.propertyExists(name)).as(name).isFalse();
        }
    }

    private long schedules() {
        return number("SELECT count(*) FROM mq_schedules");
    }

    @Test
    void aDelayedMessageComesOnceAfterItsDelay() throws Exception {
        long begin = System.currentTimeMillis();
        Message sent = sendOutside("AMQ_SCHEDULED_DELAY", 400L, "color", "red");
        assertThat(schedules()).isZero();
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        Message received = receive(consumer);
        assertThat(System.currentTimeMillis() - begin).isGreaterThanOrEqualTo(400);
        assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
        assertThat(received.getStringProperty("scheduledJobId")).isEqualTo(sent.getJMSMessageID());
        assertThat(received.getStringProperty("color")).isEqualTo("red");
        assertNoneOfTheProperties(received);
        assertThat(sent.getJMSDeliveryTime()).isCloseTo(begin + 400, within(200L));
        assertThat(sent.getLongProperty("AMQ_SCHEDULED_DELAY"))
                .as("the sender's own")
                .isEqualTo(400);
        assertNothingComes(consumer);
    }

    @Test
    void aDelayedMessageLivesFromItsDeliveryOn() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setTimeToLive(5_000);
        producer.send(scheduled(session, "AMQ_SCHEDULED_DELAY", "400"));
        Message received = receive(consumer(session, queue));
        assertThat(received.getJMSExpiration() - received.getJMSDeliveryTime()).isEqualTo(5_000);
    }

    @Test
    void aRepeatedMessageComesOnceMoreThanItIsRepeatedEachTimeAsANewMessage() throws Exception {
        Session sender = session(Session.AUTO_ACKNOWLEDGE);
        BytesMessage message = sender.createBytesMessage();
        message.writeBytes(new byte[] {1, 2});
        message.setLongProperty("AMQ_SCHEDULED_DELAY", 50);
        message.setLongProperty("AMQ_SCHEDULED_PERIOD", 100);
        message.setIntProperty("AMQ_SCHEDULED_REPEAT", 3);
        message.setByteProperty("flag", (byte) 1);
        message.setJMSCorrelationID("order 7");
        MessageProducer producer = sender.createProducer(sender.createQueue(queue));
        producer.setPriority(7);
        producer.send(message);

        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        Set<String> ids = new HashSet<>();
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            BytesMessage received = (BytesMessage) receive(consumer);
            ids.add(received.getJMSMessageID());
            times.add(received.getJMSTimestamp());
            assertThat(received.getBody(byte[].class)).containsExactly(1, 2);
            assertThat(received.getObjectProperty("flag")).isEqualTo((byte) 1);
            assertThat(received.getJMSCorrelationID()).isEqualTo("order 7");
            assertThat(received.getJMSPriority()).isEqualTo(7);
            assertThat(received.getJMSRedelivered()).isFalse();
            assertThat(received.getStringProperty("scheduledJobId")).isEqualTo(message.getJMSMessageID());
            assertNoneOfTheProperties(received);
        }
        assertThat(ids).hasSize(4).doesNotContain(message.getJMSMessageID());
        assertThat(times.get(3) - times.get(0)).isBetween(200L, 2_000L);
        assertThat(schedules()).isZero();
        assertNothingComes(consumer);
    }

    @Test
    void withoutADelayTheFirstComesAfterThePeriodAndWithoutRepeatsItIsTheOnlyOne() throws Exception {
        long begin = System.currentTimeMillis();
        sendOutside("AMQ_SCHEDULED_PERIOD", 300L);
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        assertThat(receive(consumer).getJMSTimestamp()).isGreaterThanOrEqualTo(begin);
        assertThat(System.currentTimeMillis() - begin).isGreaterThanOrEqualTo(300);
        assertThat(consumer.receive(500)).isNull();
    }

    @Test
    void endlessRepeatsGoOnUntilTheyAreRemoved() throws Exception {
        Message sent = sendOutside("AMQ_SCHEDULED_DELAY", 10L, "AMQ_SCHEDULED_PERIOD", 50L, "AMQ_SCHEDULED_REPEAT", -1);
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        for (int i = 0; i < 5; i++) {
            receive(consumer);
        }
        List<ScheduledMessage> schedules = factory.admin().schedules();
        assertThat(schedules).hasSize(1);
        assertThat(schedules.get(0).messageId()).isEqualTo(sent.getJMSMessageID());
        assertThat(schedules.get(0).destination()).isEqualTo("queue://" + queue);
        assertThat(schedules.get(0).period()).isEqualTo(Duration.ofMillis(50));
        assertThat(schedules.get(0).repeats()).isEqualTo(-1);
        assertThat(schedules.get(0).nextAt()).isNotNull();
        assertThat(factory.admin().removeSchedule(sent.getJMSMessageID())).isTrue();
        assertThat(factory.admin().removeSchedule(sent.getJMSMessageID())).isFalse();
        drain(factory, queue);
        assertThat(consumer.receive(300)).isNull();
    }

    @Test
    void aCronMessageIsKeptWithTheSendersTimeZoneAndComesWhenItIsDue() throws Exception {
        Message sent = sendOutside("AMQ_SCHEDULED_CRON", "30 4 * * mon-fri");
        ScheduledMessage schedule = factory.admin().schedules().get(0);
        assertThat(schedule.cron()).isEqualTo("30 4 * * mon-fri");
        assertThat(schedule.zone()).isEqualTo(ZoneId.systemDefault().getId());
        assertThat(schedule.nextAt()).isAfter(Instant.now());
        assertThat(schedule.nextAt().atZone(ZoneId.systemDefault()).toLocalTime())
                .hasToString("04:30");
        sql("UPDATE mq_schedules SET next_at = now() - interval '1 s'");
        MessageConsumer consumer = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
        Message received = receive(consumer);
        assertThat(received.getJMSMessageID()).isNotEqualTo(sent.getJMSMessageID());
        assertThat(received.getStringProperty("scheduledJobId")).isEqualTo(sent.getJMSMessageID());
        assertThat(factory.admin().schedules().get(0).nextAt()).isEqualTo(schedule.nextAt());
    }

    @Test
    void aSeriesBeginsWheneverTheCronExpressionIsDue() throws Exception {
        Message sent = sendOutside(
                "AMQ_SCHEDULED_CRON",
                "0 0 1 1 *",
                "AMQ_SCHEDULED_DELAY",
                10L,
                "AMQ_SCHEDULED_PERIOD",
                50L,
                "AMQ_SCHEDULED_REPEAT",
                2);
        sql("UPDATE mq_schedules SET next_at = now()");
        MessageConsumer consumer = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
        for (int i = 0; i < 3; i++) {
            assertThat(receive(consumer).getStringProperty("scheduledJobId")).isEqualTo(sent.getJMSMessageID());
        }
        assertNothingComes(consumer);
        assertThat(value("SELECT string_agg(cron, ',') FROM mq_scheduled")).isEqualTo("0 0 1 1 *");
    }

    @Test
    void removingACronMessageEndsTheSeriesThatRuns() throws Exception {
        Message sent = sendOutside(
                "AMQ_SCHEDULED_CRON", "0 0 1 1 *", "AMQ_SCHEDULED_PERIOD", 100_000L, "AMQ_SCHEDULED_REPEAT", 2);
        sql("UPDATE mq_schedules SET next_at = now()");
        consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue).receive(1);
        await().until(() -> schedules() == 2);
        assertThat(factory.admin().schedules()).hasSize(1);
        factory.admin().removeSchedule(sent.getJMSMessageID());
        assertThat(schedules()).isZero();
    }

    @Test
    void aTransactedSendIsScheduledAtTheCommit() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        send(session, "AMQ_SCHEDULED_PERIOD", 20L, "AMQ_SCHEDULED_REPEAT", 1);
        session.rollback();
        assertThat(schedules()).isZero();
        send(session, "AMQ_SCHEDULED_PERIOD", 20L, "AMQ_SCHEDULED_REPEAT", 1);
        assertThat(schedules()).isZero();
        session.commit();
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        receive(consumer);
        receive(consumer);
        assertNothingComes(consumer);
    }

    @Test
    void eachTimeComesOnceHoweverManyProcessesLookOutForIt() throws Exception {
        List<SqlmqConnectionFactory> processes = List.of(factory(), factory(), factory("listen=off"));
        for (SqlmqConnectionFactory process : processes) {
            consumer(session(process, Session.AUTO_ACKNOWLEDGE), queue + "-other")
                    .receive(1);
        }
        sendOutside("AMQ_SCHEDULED_DELAY", 20L, "AMQ_SCHEDULED_PERIOD", 20L, "AMQ_SCHEDULED_REPEAT", 24);
        await().until(() -> schedules() == 0);
        assertThat(drain(factory, queue)).hasSize(25);
    }

    @Test
    void schedulesOutliveTheProcessThatMadeThem() throws Exception {
        SqlmqConnectionFactory short1 = factory();
        send(session(short1, Session.AUTO_ACKNOWLEDGE), "AMQ_SCHEDULED_PERIOD", 300L, "AMQ_SCHEDULED_REPEAT", 2);
        short1.close();
        assertThat(schedules()).isEqualTo(1);
        MessageConsumer consumer = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
        for (int i = 0; i < 3; i++) {
            receive(consumer);
        }
    }

    @Test
    void othersHearOfASchedule() throws Exception {
        SqlmqConnectionFactory listening = factory();
        MessageConsumer consumer = consumer(session(listening, Session.AUTO_ACKNOWLEDGE), queue);
        consumer.receive(1);
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = 'sqlmq-schedules'") == 1);
        SqlmqConnectionFactory gone = factory();
        send(session(gone, Session.AUTO_ACKNOWLEDGE), "AMQ_SCHEDULED_PERIOD", 700L);
        await().until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%mq_notify%'") > 0);
        gone.close();
        assertThat(consumer.receive(3_000)).isNotNull();
    }

    /** It has nobody who consumes, and is alone with its database, so nobody tells it of the job. */
    @Test
    void whoIsNotToldOfSchedulesLooksForThem() throws Exception {
        setPeriod("untoldMillis", 500);
        sqlOn(url, newDatabase("untold"));
        String own = url.replaceFirst("(//[^/]+/)[^?]*", "$1untold");
        SqlmqConnectionFactory alone = factoryOn(own, "schemaManagement=migrate");
        send(session(alone, Session.AUTO_ACKNOWLEDGE), "AMQ_SCHEDULED_PERIOD", 10L, "AMQ_SCHEDULED_REPEAT", 1);
        await().until(() -> valueOn(own, "SELECT count(*) FROM mq_msgs").equals("2"));
        assertThat(valueOn(own, "SELECT count(*) FROM mq_schedules")).isEqualTo("0");
        sqlOn(
                own,
                "SELECT mq_schedule('yearly', '0 0 1 1 *',"
                        + " (NULL, NULL, NULL, NULL, 'jobs', NULL, NULL, NULL, 'count', NULL, NULL)::mq_new_t)");
        await().until(() -> valueOn(own, "SELECT count(*) FROM mq_schedules WHERE next_at > created_at")
                .equals("1"));
        assertThat(valueOn(own, "SELECT count(*) FROM mq_waiters")).isEqualTo("0");
    }

    @Test
    void whatWasMissedComesOnceAndTheRhythmGoesOn() throws Exception {
        SqlmqConnectionFactory gone = factory();
        send(session(gone, Session.AUTO_ACKNOWLEDGE), "AMQ_SCHEDULED_PERIOD", 60_000L, "AMQ_SCHEDULED_REPEAT", 5);
        gone.close();
        sql("UPDATE mq_schedules SET next_at = next_at - interval '150 s'");
        MessageConsumer consumer = consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue);
        receive(consumer);
        assertNothingComes(consumer);
        assertThat(value("SELECT repeats FROM mq_schedules")).isEqualTo("4");
        assertThat(number("SELECT floor(extract(epoch FROM next_at - now())) FROM mq_schedules"))
                .isBetween(20L, 31L);
    }

    @Test
    void aScheduledMessageToATopicReachesTheSubscriptionsOfThatTime() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createTopic(queue));
        producer.send(scheduled(session, "AMQ_SCHEDULED_PERIOD", 300L, "AMQ_SCHEDULED_REPEAT", 1, "color", "red"));
        MessageConsumer red = session.createConsumer(session.createTopic(queue), "color = 'red'");
        MessageConsumer blue = session.createConsumer(session.createTopic(queue), "color = 'blue'");
        MessageConsumer mine = session.createConsumer(session.createTopic(queue), null, true);
        Message received = receive(red);
        assertThat(text(received)).isEqualTo("again");
        assertThat(received.getJMSDestination()).hasToString("topic://" + queue);
        receive(red);
        assertNothingComes(red);
        assertNothingComes(blue);
        assertNothingComes(mine);
    }

    @Test
    void aNonPersistentScheduleIsKeptAndItsMessagesAreNonPersistent() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.setTimeToLive(50_000);
        producer.setDisableMessageTimestamp(true);
        producer.send(scheduled(session, "AMQ_SCHEDULED_PERIOD", 20L, "AMQ_SCHEDULED_REPEAT", 1));
        Message received = receive(consumer(session, queue));
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSTimestamp()).isZero();
        assertThat(received.getJMSExpiration()).isGreaterThan(System.currentTimeMillis() + 40_000);
    }

    @Test
    void aMessageThatIsSentOnIsNotScheduledAgain() throws Exception {
        sendOutside("AMQ_SCHEDULED_PERIOD", 100_000L, "scheduledJobId", "ID:1");
        assertThat(((TextMessage) receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue))).getText())
                .isEqualTo("again");
    }

    @Test
    void asynchronousSendsAreScheduledToo() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        List<Message> completed = Collections.synchronizedList(new ArrayList<>());
        session.createProducer(session.createQueue(queue))
                .send(
                        scheduled(session, "AMQ_SCHEDULED_PERIOD", 20L, "AMQ_SCHEDULED_REPEAT", 1),
                        new jakarta.jms.CompletionListener() {
                            @Override
                            public void onCompletion(Message message) {
                                completed.add(message);
                            }

                            @Override
                            public void onException(Message message, Exception exception) {
                                throw new AssertionError(exception);
                            }
                        });
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        receive(consumer);
        receive(consumer);
        assertThat(completed).hasSize(1);
    }

    @Test
    void aScheduleThatCannotBeSentIsSuspendedAndStopsNoOther() throws Exception {
        sendOutside("AMQ_SCHEDULED_CRON", "0 0 1 1 *");
        sql("UPDATE mq_schedules SET next_at = now(), zone = 'Nowhere'");
        sendOutside("AMQ_SCHEDULED_PERIOD", 20L);
        receive(consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue));
        await().untilAsserted(() -> assertThat(factory.admin().schedules())
                .singleElement()
                .satisfies(broken -> assertThat(broken.lastError()).contains("Nowhere"))
                .satisfies(broken -> assertThat(broken.nextAt()).isNull()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AMQ_SCHEDULED_DELAY  | soon      | set an integer",
                "AMQ_SCHEDULED_DELAY  | -1        | from 0 on",
                "AMQ_SCHEDULED_PERIOD | 1.5       | set an integer",
                "AMQ_SCHEDULED_CRON   | 0 25 * * * | hour",
                "AMQ_SCHEDULED_CRON   | 0 0 30 2 * | never due"
            })
    void valuesThatMeanNothingAreRefusedAtTheSend(String property, String value, String reason) throws Exception {
        assertThatThrownBy(() -> sendOutside(property, value))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining(property)
                .hasMessageContaining(reason);
    }

    @Test
    void combinationsThatMeanNothingAreRefusedAtTheSend() throws Exception {
        assertThatThrownBy(() -> sendOutside("AMQ_SCHEDULED_DELAY", 1L, "AMQ_SCHEDULED_REPEAT", 2))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("AMQ_SCHEDULED_PERIOD");
        assertThatThrownBy(() -> sendOutside("AMQ_SCHEDULED_PERIOD", 1L, "AMQ_SCHEDULED_REPEAT", -2))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("AMQ_SCHEDULED_REPEAT is -2");
        assertThatThrownBy(() -> sendOutside(
                        "AMQ_SCHEDULED_CRON", "* * * * *", "AMQ_SCHEDULED_PERIOD", 1L, "AMQ_SCHEDULED_REPEAT", -1))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("AMQ_SCHEDULED_CRON");
        assertThatThrownBy(() -> sendOutside("AMQ_SCHEDULED_DELAY", 1.5))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("Double");
        assertThat(drain(factory, queue)).isEmpty();
    }
}
