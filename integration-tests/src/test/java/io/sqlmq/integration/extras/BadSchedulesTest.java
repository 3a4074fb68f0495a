package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.ScheduledMessage;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of mq_schedules that somebody has written by hand: none stops the others. */
class BadSchedulesTest extends IntegrationTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @BeforeEach
    void start() throws Exception {
        Connection connection = connect(factory); // somebody who sends what is due
        consumer(connection.createSession(Session.AUTO_ACKNOWLEDGE), "another").setMessageListener(message -> {});
    }

    @AfterEach
    void endSchedules() {
        sql("DELETE FROM mq_schedules");
    }

    /** An INSERT of a schedule that is due, but for these columns a good one. */
    private String insert(String columns) {
        return """
                INSERT INTO mq_schedules SELECT (jsonb_populate_record(NULL::mq_schedules, jsonb_build_object(
                  'id', gen_random_uuid(), 'next_at', now() - interval '1 s', 'delay', 0, 'period', 1000, 'repeats', 5,
                  'created_at', now(), 'channel_name', '%s', 'topic', false, 'senders', '{}'::text[], 'persistent', true,
                  'prio_rank', 5, 'timestamped', true, 'time_to_live', 0, 'delivery_mode', 2, 'payload_text', 'bad')
                  || '%s')).*""".formatted(queue, columns);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"period\": -1}",
                "{\"period\": 0}",
                "{\"period\": 9}",
                "{\"period\": 9223372036854775807}",
                "{\"delay\": -1}",
                "{\"delay\": 9223372036854775807}",
                "{\"repeats\": -2}",
                "{\"cron\": \"* * * * *\", \"repeats\": -1}",
                "{\"next_at\": \"-infinity\"}",
                "{\"next_at\": \"infinity\"}",
                "{\"channel_name\": \"\"}",
                "{\"prio_rank\": 10}",
                "{\"time_to_live\": -1}",
                "{\"properties\": 1}",
                "{\"properties\": []}",
                "{\"property_types\": \"x\"}"
            })
    void theTableRefuses(String columns) {
        assertThatThrownBy(() -> sql(insert(columns))).hasStackTraceContaining("violates check constraint");
        assertThatThrownBy(() -> sql(insert("{\"channel_name\": \"" + "x".repeat(300) + "\"}")))
                .hasStackTraceContaining("violates check constraint");
    }

    @Test
    void whatCannotBeSentIsSetAsideWithItsReasonAndTheOthersAreSent() throws Exception {
        sql(
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  RAISE EXCEPTION 'no % here', NEW.jms_type USING ERRCODE = NEW.jms_type;
                END $$""",
                "CREATE TRIGGER refuse BEFORE INSERT ON mq_msgs FOR EACH ROW WHEN (NEW.jms_type IS NOT NULL)"
                        + " EXECUTE FUNCTION refuse()");
        List<String> bad = List.of(
                "{\"cron\": \"61 * * * *\"}",
                "{\"cron\": \"\"}",
                "{\"cron\": \"0 0 30 2 *\"}",
                "{\"cron\": \"* * * * *\", \"zone\": \"Nowhere/Land\"}",
                "{\"period\": 3155760000000, \"next_at\": \"4000-01-01 BC\"}",
                "{\"jms_type\": \"23514\"}",
                "{\"jms_type\": \"22003\"}",
                "{\"jms_type\": \"54000\"}");
        List<String> strange = List.of(
                "{\"payload_text\": null}",
                "{\"senders\": [null, null, \"a\", \"a\"]}",
                "{\"topic\": true, \"senders\": [null, \"x\"]}",
                "{\"zone\": \"Nowhere/Land\"}",
                "{\"body_type\": \"no type\"}",
                "{\"redelivery_policy\": \"no policy\"}",
                "{\"time_to_live\": 9223372036854775807, \"repeats\": 0}",
                "{\"message_id\": \"00000000-0000-0000-0000-000000000000\"}");
        for (int i = 0; i < 3; i++) {
            sql(bad.stream().map(this::insert).toArray(String[]::new));
            sql(strange.stream().map(this::insert).toArray(String[]::new));
        }
        sql(insert("{\"next_at\": \"290000-01-01\", \"jms_type\": \"23514\"}")); // not due
        sql(insert("{\"jms_type\": \"42501\", \"id\": \"00000000-0000-0000-0000-00000000000b\"}"));
        sql(insert("{\"payload_text\": \"good\", \"period\": 100, \"repeats\": 20}"));

        await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_msgs WHERE payload_text = 'good'") == 21);

        await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_scheduled WHERE last_error IS NOT NULL") >= 7);
        assertThat(number("SELECT count(*) FROM mq_scheduled WHERE last_error IS NOT NULL AND next_at IS NOT NULL"))
                .isZero();
        assertThat(
                        number(
                                "SELECT count(*) FROM mq_schedules WHERE next_at < now() - interval '2 s' AND jms_type IS NULL"))
                .isZero();
        assertThat(value("SELECT string_agg(DISTINCT last_error, ' | ') FROM mq_scheduled"))
                .contains("61", "Nowhere/Land", "no 23514 here", "no 22003 here", "no 54000 here");
        assertThat(number("SELECT count(*) FROM mq_schedules WHERE id = '00000000-0000-0000-0000-00000000000b'"
                        + " AND next_at < now()"))
                .as("left to processes that may")
                .isEqualTo(1);
        assertThat(factory.admin().schedules().stream().map(ScheduledMessage::lastError))
                .anyMatch(error -> error != null && error.contains("no 23514 here"));
        sql("DROP FUNCTION refuse CASCADE", "DELETE FROM mq_msgs");
    }

    /** The same limits, told at the send. */
    @ParameterizedTest
    @ValueSource(longs = {1, 9, 3_155_760_000_001L, Long.MAX_VALUE, -1})
    void sendRefusesPeriodsThatTheTableWould(long period) throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Message message = session.createTextMessage("x");
        message.setLongProperty("AMQ_SCHEDULED_PERIOD", period);
        message.setIntProperty("AMQ_SCHEDULED_REPEAT", 1);
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            assertThatThrownBy(() -> producer.send(message))
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining("AMQ_SCHEDULED_PERIOD is " + period);
        }
    }
}
