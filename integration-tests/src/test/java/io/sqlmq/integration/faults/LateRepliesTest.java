package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What comes to a temporary queue after its end, from processes that cannot know of that, does not stay. */
@Tag("faults")
class LateRepliesTest extends IntegrationTest {

    /** Three times 10 s, the longest that it takes. */
    private static final Duration WITHIN_SECONDS = Duration.ofSeconds(30);

    private static final String LEFT = "SELECT (SELECT count(*) FROM mq_msgs WHERE channel_name LIKE 'sqlmq-temp:%')"
            + " + (SELECT count(*) FROM mq_msgs_unlogged WHERE channel_name LIKE 'sqlmq-temp:%')"
            + " + (SELECT count(*) FROM mq_schedules WHERE channel_name LIKE 'sqlmq-temp:%')";

    private void awaitNothingLeft() {
        await().atMost(WITHIN_SECONDS).until(() -> number(LEFT) == 0);
    }

    /** The process that answers: it consumes requests, and knows of the queue only by its name. */
    private Session replier() throws Exception {
        Session session = session(factory(), Session.AUTO_ACKNOWLEDGE);
        consumer(session, queue).setMessageListener(request -> {});
        return session;
    }

    /** In every state that a message can be in. */
    private void reply(Session replier, Destination to) throws Exception {
        try (Session sends = session(factory(), Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = sends.createProducer(to)) {
            producer.send(sends.createTextMessage("late"));
            Message grouped = sends.createTextMessage("late");
            grouped.setStringProperty("JMSXGroupID", "group");
            producer.send(grouped);
            Message scheduled = sends.createTextMessage("late");
            scheduled.setLongProperty("AMQ_SCHEDULED_PERIOD", 3_600_000);
            scheduled.setIntProperty("AMQ_SCHEDULED_REPEAT", 5);
            scheduled.setLongProperty("AMQ_SCHEDULED_DELAY", 3_600_000);
            producer.send(scheduled);
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            producer.send(sends.createTextMessage("late"));
            producer.setDeliveryDelay(3_600_000);
            producer.send(sends.createTextMessage("late"));
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            producer.send(sends.createTextMessage("late"));
        }
        assertThat(replier).isNotNull();
    }

    @Test
    void repliesToADeletedQueueOfALivingProcessGoAndThoseToItsOthersStay() throws Exception {
        Session replier = replier();
        Session requester = session(factory(), Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue kept = requester.createTemporaryQueue();
        TemporaryQueue temporary = requester.createTemporaryQueue();
        temporary.delete();
        sendIn(replier, kept.getQueueName(), "in time");
        reply(replier, replier.createQueue(temporary.getQueueName()));
        await().atMost(WITHIN_SECONDS).until(() -> number(LEFT) == 1);
        assertThat(text(receive(requester.createConsumer(kept)))).isEqualTo("in time");
    }

    @Test
    void repliesToARequesterThatHasClosedGo() throws Exception {
        setPeriod("upkeepMillis", 500);
        Session replier = replier();
        Queue late;
        try (SqlmqConnectionFactory process = new SqlmqConnectionFactory(url);
                Connection connection = process.createConnection()) {
            late = replier.createQueue(
                    connection.createSession().createTemporaryQueue().getQueueName());
        }
        reply(replier, late);
        awaitNothingLeft();
    }

    @Test
    void repliesThatAreCommittedLaterGo() throws Exception {
        Session requester = session(factory(), Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue temporary = requester.createTemporaryQueue();
        Session replier = session(factory(), Session.SESSION_TRANSACTED);
        sendIn(replier, temporary.getQueueName(), "late");
        temporary.delete();
        replier.commit();
        awaitNothingLeft();
    }

    /** By the number of the process in its name, also if the process has never sent a heartbeat. */
    @Test
    void repliesToAProcessThatIsLongGoneGo() throws Exception {
        setPeriod("upkeepMillis", 500);
        Session replier = replier();
        reply(replier, replier.createQueue("sqlmq-temp:2147483647:1:1"));
        awaitNothingLeft();
    }

    /** A dead-letter queue for each temporary queue would be one that nobody ever looks into. */
    @Test
    void repliesThatExpireHaveOneDeadLetterQueue() throws Exception {
        Session requester = session(factory(), Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue temporary = requester.createTemporaryQueue();
        Session replier =
                session(factory("deadLetterExpired=true", "deadLetterQueuePrefix=D/"), Session.AUTO_ACKNOWLEDGE);
        try (MessageProducer producer = replier.createProducer(replier.createQueue(temporary.getQueueName()))) {
            producer.setTimeToLive(1);
            producer.send(replier.createTextMessage("late"));
        }
        sql("SELECT mq_sweep_expired(10, 'D/', true)");
        awaitNothingLeft();
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name LIKE 'D/sqlmq-temp:%'"))
                .isZero();
    }
}
