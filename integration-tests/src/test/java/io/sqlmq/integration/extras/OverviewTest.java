package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.DeliveryMode;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The view mq_overview says what mq_channels says, and says where it stops counting. */
class OverviewTest extends IntegrationTest {

    private Map<String, Object> overview() throws SQLException {
        return row("SELECT * FROM mq_overview WHERE channel = ?");
    }

    private Map<String, Object> row(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, queue);
            Map<String, Object> row = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
                if (rows.next()) {
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        row.put(rows.getMetaData().getColumnName(i), rows.getObject(i));
                    }
                }
                assertThat(rows.next()).isFalse();
            }
            return row;
        }
    }

    @Test
    void messagesOfEachStateAndKindAreCountedAsMqChannelsDoes() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.send(session.createTextMessage("ready"));
        producer.send(session.createTextMessage("low"), DeliveryMode.PERSISTENT, 0, 0);
        producer.send(session.createTextMessage("unlogged"), DeliveryMode.NON_PERSISTENT, 9, 0);
        var grouped = session.createTextMessage("grouped");
        grouped.setStringProperty("JMSXGroupID", "g");
        producer.send(grouped);
        producer.setDeliveryDelay(3_600_000);
        producer.send(session.createTextMessage("delayed"));
        producer.send(session.createTextMessage("delayed, unlogged"), DeliveryMode.NON_PERSISTENT, 4, 0);
        sql(
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, delivery_count) VALUES (gen_random_uuid(), '"
                        + queue + "', now() + interval '1 h', 1)",
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, lease_owner, lease_token) VALUES (gen_random_uuid(), '"
                        + queue + "', now() + interval '1 h', 1, 1)",
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, set_aside) VALUES (gen_random_uuid(), '" + queue
                        + "', 'infinity', 'why')",
                "INSERT INTO mq_msgs (id, channel_name, dead_origin) VALUES (gen_random_uuid(), '" + queue + "-dead', '"
                        + queue + "')",
                "INSERT INTO mq_paused (channel_name) VALUES ('" + queue + "')");
        try {
            Map<String, Object> expected = row("SELECT * FROM mq_channels WHERE channel = ?");
            Map<String, Object> seen = overview();
            for (String column :
                    new String[] {"depth", "ready", "in_flight", "delayed", "backing_off", "set_aside", "dead", "paused"
                    }) {
                assertThat(seen.get(column)).as(column).isEqualTo(expected.get(column));
            }
            assertThat(seen)
                    .containsEntry("depth", 9L)
                    .containsEntry("more", false)
                    .containsEntry("is_dead", false);
            assertThat(seen.get("oldest_age").toString()).isNotNull();
        } finally {
            sql("DELETE FROM mq_paused", "DELETE FROM mq_msgs WHERE channel_name LIKE '" + queue + "%'");
        }
    }

    @Test
    void whatATransactionHasTakenIsInFlight() throws Exception {
        send("1", "2");
        Session session = session(Session.SESSION_TRANSACTED);
        receive(consumer(session, queue));
        assertThat(overview()).containsEntry("depth", 2L).containsEntry("in_flight", 1L);
        session.commit();
        assertThat(overview()).containsEntry("depth", 1L).containsEntry("in_flight", 0L);
    }

    @Test
    void aQueueThatIsEmptyIsThereWhileSomebodyWaitsForIt() throws Exception {
        consumer(session(Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {});
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(overview()).containsEntry("depth", 0L).containsEntry("consumers", 1L));
    }

    @ParameterizedTest
    @CsvSource({"10000, 10000, false", "10500, 10001, true"})
    void manyAreCountedUpToABound(int messages, long depth, boolean more) throws Exception {
        sql("INSERT INTO mq_msgs (id, channel_name, sent_at) SELECT gen_random_uuid(), '" + queue
                + "', extract(epoch FROM now()) * 1000 - 60000 FROM generate_series(1, " + messages + ")");
        assertThat(overview()).containsEntry("depth", depth).containsEntry("more", more);
        assertThat(overview().get("oldest_age").toString()).contains("1 mins");
        sql("DELETE FROM mq_msgs WHERE channel_name = '" + queue + "'");
    }
}
