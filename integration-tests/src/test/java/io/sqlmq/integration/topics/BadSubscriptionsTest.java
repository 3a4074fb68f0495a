package io.sqlmq.integration.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of mq_subscriptions that somebody has written by hand: they get nothing, and everybody else everything. */
class BadSubscriptionsTest extends IntegrationTest {

    private String subscribe(String topic, String selector, String pattern) {
        return "INSERT INTO mq_subscriptions (channel, topic, client_id, shared, durable, selector, pattern, name) VALUES ("
                + "'s:' || nextval('mq_subscription_seq'), '" + topic + "', '', true, true, " + quoted(selector) + ", "
                + quoted(pattern) + ", gen_random_uuid()::text)";
    }

    private static String quoted(String text) {
        return text == null ? "NULL" : "'" + text.replace("'", "''") + "'";
    }

    @Test
    void publishersAndOtherSubscriptionsDoNotNotice() throws Exception {
        Connection connection = connect(factory);
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic(queue + ".a");
        MessageConsumer good = session.createConsumer(topic, "n >= 0");
        MessageConsumer byPattern = session.createConsumer(session.createTopic(queue + ".>"));
        sql(
                subscribe(topic.getTopicName(), "n = = 1", null),
                subscribe(topic.getTopicName(), "n = = 1", null),
                subscribe(topic.getTopicName(), "n" + " + 1".repeat(4_000) + " > 0", null),
                subscribe(topic.getTopicName(), "(".repeat(10_000), null),
                subscribe(topic.getTopicName(), "\\u:", null),
                subscribe(topic.getTopicName(), "JMSXNothing LIKE 'a' ESCAPE 'ab'", null),
                subscribe("", null, queue + ".>.x"),
                subscribe("", null, ">.>.x,," + queue),
                subscribe("", "n NOT", queue + ".*"),
                subscribe("", null, ""),
                "SELECT mq_topic_changed('" + topic.getTopicName() + "'), mq_topic_changed('')");
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            MessageProducer producer = session.createProducer(topic);
            for (int i = 0; i < 20; i++) {
                Message message = session.createTextMessage("message " + i);
                message.setIntProperty("n", i);
                producer.send(message);
                assertThat(text(receive(good))).isEqualTo("message " + i);
                assertThat(text(receive(byPattern))).isEqualTo("message " + i);
            }
            // The list of patterns is read anew.
            session.createConsumer(session.createTopic(queue + ".b.>")).close();
            producer.send(session.createTextMessage("last"));
            assertThat(text(receive(byPattern))).isEqualTo("last");
        } finally {
            System.setErr(before);
        }
        assertThat(log.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.contains("ERROR") && line.contains("gets nothing")))
                .hasSize(9)
                .doesNotHaveDuplicates()
                .allMatch(line -> line.contains(" s:"));
        assertThat(number("SELECT count(*) FROM mq_msgs")).as("for nobody").isZero();
        sql("DELETE FROM mq_subscriptions WHERE channel NOT IN (SELECT channel FROM mq_subscribers)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "s:", "s:1x", "sqlmq-temp:1:1:1"})
    void theTableRefusesOtherChannels(String channel) throws JMSException {
        factory.createConnection().close();
        assertThatThrownBy(() -> sql("INSERT INTO mq_subscriptions (channel, topic, client_id, shared, durable)"
                        + " VALUES ('" + channel + "', 't', '', true, true)"))
                .hasStackTraceContaining("violates check constraint");
        assertThatThrownBy(() -> sql("INSERT INTO mq_gone_channels (channel) VALUES ('" + channel + "')"))
                .as("a sweep that deletes messages of a queue")
                .hasStackTraceContaining("violates check constraint");
    }
}
