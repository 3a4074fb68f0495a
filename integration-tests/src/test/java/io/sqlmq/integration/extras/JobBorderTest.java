package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Jobs of programs that call the functions of sqlxmq, and messages of JMS, in one queue. */
class JobBorderTest extends IntegrationTest {

    private void insert(String columns) {
        value("SELECT 'x' FROM mq_insert(ARRAY[ROW(" + columns.replace(":q", "'" + queue + "'") + ")::mq_new_t])");
    }

    private List<String> poll() throws Exception {
        List<String> jobs = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT concat_ws(' ', name, payload_json, payload_bytes, retry_backoff) FROM mq_poll(ARRAY['"
                                + queue + "'], 10) WHERE id IS NOT NULL")) {
            while (rows.next()) {
                jobs.add(rows.getString(1));
            }
        }
        return jobs;
    }

    @Test
    void aJobArrivesAsAMessage() throws Exception {
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, 'ada', NULL, true, 'mail', '{\"n\": 1}', NULL");
        TextMessage text = (TextMessage) receive(consumer);
        assertThat(text.getText()).isEqualTo("{\"n\": 1}");
        assertThat(text.getJMSType()).isEqualTo("mail");
        assertThat(text.getStringProperty("JMS_SQLMQ_ChannelArgs")).isEqualTo("ada");
        assertThat(text.getStringProperty("JMSXGroupID")).isEqualTo("ada");
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, NULL, NULL, NULL, 'mail', NULL, '\\x0102'");
        assertThat(((BytesMessage) receive(consumer)).getBodyLength()).isEqualTo(2);
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, NULL, NULL, NULL, 'mail', 'true', '\\x01'");
        MapMessage both = (MapMessage) receive(consumer);
        assertThat(both.getString("json")).isEqualTo("true");
        assertThat(both.getBytes("bytes")).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void aMessageWithTheNameOfAJobIsOne(int mode) throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(mode);
        try (Listener listener = new Listener()) {
            for (int i = 0; i < 6; i++) {
                Message message = session.createTextMessage("{\"n\": " + i + "}");
                message.setStringProperty("JMS_SQLMQ_JobName", "mail" + i);
                producer.send(message);
            }
            producer.send(session.createTextMessage("no job"));
            assertThat(poll()).isEmpty();
            session.commit();
            listener.hears();
        }
        assertThat(poll()).hasSize(6).contains("mail0 {\"n\": 0} 00:00:01");
    }

    /** A program that polls this queue. */
    private final class Listener implements AutoCloseable {
        private final Connection connection = DriverManager.getConnection(url);

        Listener() throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("LISTEN \"mq_" + queue + "\"; LISTEN mq; LISTEN told");
            }
        }

        /** Hears that there is something to poll. */
        void hears() {
            List<String> heard = new ArrayList<>();
            await().atMost(30, TimeUnit.SECONDS).until(() -> {
                heard.addAll(heard(100));
                return heard.containsAll(List.of("mq", "mq_" + queue));
            });
        }

        /** Hears nothing of that, though others were told. */
        void hearsNothing() {
            List<String> heard = new ArrayList<>();
            await().atMost(30, TimeUnit.SECONDS).until(() -> {
                heard.addAll(heard(100));
                return heard.contains("told");
            });
            assertThat(heard).containsExactly("told");
        }

        private List<String> heard(int millis) throws SQLException {
            return Stream.of(connection.unwrap(PGConnection.class).getNotifications(millis))
                    .map(PGNotification::getName)
                    .toList();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    @Test
    void whoPollsIsWokenAlsoByWhatIsGivenBackAndByTheEndOfAnOrderedJob() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        insert("gen_random_uuid(), NULL, NULL, interval '1 hour', :q, 'g', NULL, true, 'first', NULL, NULL");
        insert("gen_random_uuid(), NULL, NULL, interval '1 hour', :q, 'g', NULL, true, 'second', NULL, NULL");
        receive(consumer);
        try (Listener listener = new Listener()) {
            session.commit();
            listener.hears();
            receive(consumer);
        }
        try (Listener listener = new Listener()) {
            session.rollback();
            listener.hears();
        }
    }

    @Test
    void whoPollsIsToldOfJobsInTransactionsOfTheApplicationButNotOfMessages() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        Message job = session.createTextMessage("1");
        job.setStringProperty("JMS_SQLMQ_JobName", "mail");
        value("SELECT 'x' FROM mq_insert(ARRAY[ROW(gen_random_uuid(), interval '1 hour', 1, NULL, '" + queue
                + "', '', NULL, false, 'later', NULL, NULL)::mq_new_t])");
        try (Listener listener = new Listener()) {
            producer.send(session.createTextMessage("no job"));
            await().until(() -> value(
                            "SELECT count(*) FROM mq_msgs WHERE name IS NULL AND channel_name = '" + queue + "'")
                    .equals("1"));
            Thread.sleep(50); // what goes out after a commit does within milliseconds
            value("SELECT 'x' FROM pg_notify('told', '')");
            listener.hearsNothing();
            try (Connection connection = DriverManager.getConnection(url)) {
                connection.setAutoCommit(false);
                try (var scope = SqlmqTransactions.join(connection)) {
                    producer.send(job);
                }
                connection.commit();
            }
            listener.hears();
        }
        assertThat(poll()).hasSize(1);
    }

    @Test
    void jobsAndMessagesOfATransactionKeepTheirOrder() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (int i = 0; i < 10; i++) {
            Message message = session.createTextMessage(String.valueOf(i));
            if (i % 3 == 1) {
                message.setStringProperty("JMS_SQLMQ_JobName", "mail");
                message.setJMSType("type");
                message.setJMSCorrelationID("c");
            }
            producer.send(message);
        }
        session.commit();
        MessageConsumer consumer = consumer(session, queue);
        for (int i = 0; i < 10; i++) {
            TextMessage message = (TextMessage) receive(consumer);
            assertThat(message.getText()).isEqualTo(String.valueOf(i));
            assertThat(message.getJMSType()).isEqualTo(i % 3 == 1 ? "type" : null);
            assertThat(message.getJMSCorrelationID()).isEqualTo(i % 3 == 1 ? "c" : null);
        }
    }

    @Test
    void attemptsAndBackoffGoOnAcrossTheBorder() throws Exception {
        insert("gen_random_uuid(), NULL, 1, interval '1 ms', :q, NULL, NULL, NULL, 'mail', '1', NULL");
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        session.rollback();
        consumer.close();
        await().atMost(30, TimeUnit.SECONDS).until(() -> poll().equals(List.of("mail 1 00:00:00.002")));
        await().atMost(30, TimeUnit.SECONDS).until(() -> {
            poll();
            return value("SELECT count(*) FROM mq_dead_letters WHERE origin = '" + queue + "'")
                    .equals("1");
        });
    }

    @Test
    void whatIsPolledComesToAConsumerWhenItsLeaseIsOver() throws Exception {
        insert("gen_random_uuid(), NULL, 0, interval '10 ms', :q, NULL, NULL, NULL, 'last', '1', NULL");
        insert("gen_random_uuid(), NULL, 4, interval '10 ms', :q, NULL, NULL, NULL, 'again', '1', NULL");
        assertThat(poll()).hasSize(2);
        Message message = receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue));
        assertThat(message.getJMSType()).isEqualTo("again");
        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        await().until(() -> value("SELECT count(*) FROM mq_dead_letters WHERE origin = '" + queue + "'")
                .equals("1"));
    }

    /** Whatever its body was: what comes after the checkpoint is no text, map, stream or object of before. */
    @ParameterizedTest
    @CsvSource({
        "text, json, text:2",
        "bytes, json, map:2:1",
        "map, json, map:2:",
        "stream, json, map:2:",
        "object, json, map:2:",
        "message, json, text:2",
        "text, bytes, map:1:7",
        "text that is no JSON, bytes, bytes:7",
        "bytes, bytes, bytes:7",
        "map, bytes, bytes:7",
        "stream, bytes, bytes:7",
        "object, bytes, bytes:7",
        "message, bytes, bytes:7",
        "text, both, map:2:7",
        "map, both, map:2:7",
        "text, nothing, text:1",
        "bytes, nothing, bytes:1"
    })
    void whatACheckpointLeavesIsWhatAConsumerGets(String body, String given, String expected) throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Message message = switch (body) {
            case "text" -> session.createTextMessage("1");
            case "text that is no JSON" -> session.createTextMessage("{");
            case "bytes" -> {
                BytesMessage bytes = session.createBytesMessage();
                bytes.writeByte((byte) 1);
                yield bytes;
            }
            case "map" -> {
                MapMessage map = session.createMapMessage();
                map.setInt("n", 1);
                yield map;
            }
            case "stream" -> {
                StreamMessage stream = session.createStreamMessage();
                stream.writeInt(1);
                yield stream;
            }
            case "object" -> session.createObjectMessage(1);
            default -> session.createMessage();
        };
        message.setStringProperty("JMS_SQLMQ_JobName", "any");
        session.createProducer(session.createQueue(queue)).send(message);
        String id = message.getJMSMessageID().substring(3);
        assertThat(poll()).hasSize(1);
        value("SELECT 'x' FROM mq_checkpoint('" + id + "', NULL, "
                + (given.equals("json") || given.equals("both") ? "'2'" : "NULL") + ", "
                + (given.equals("bytes") || given.equals("both") ? "'\\x07'" : "NULL") + ", NULL)");
        Message again = receive(consumer(session, queue));
        String found = again.getClass().getSimpleName();
        if (again instanceof TextMessage text) {
            found = "text:" + text.getText();
        } else if (again instanceof BytesMessage bytes) {
            found = "bytes:" + bytes.readByte();
        } else if (again instanceof MapMessage map) {
            byte[] bytes = map.getBytes("bytes");
            found = "map:" + map.getString("json") + ":" + (bytes.length == 1 ? "" + bytes[0] : "");
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void aGroupIsOneOnBothSides() throws Exception {
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, 'g', NULL, true, 'first', '1', NULL");
        Session session = session(Session.SESSION_TRANSACTED);
        Message second = session.createTextMessage("second");
        second.setStringProperty("JMSXGroupID", "g");
        session.createProducer(session.createQueue(queue)).send(second);
        session.commit();
        MessageConsumer consumer = consumer(session, queue);
        assertThat(poll()).hasSize(1);
        assertThat(consumer.receive(300)).isNull();
        value("SELECT 'x' FROM mq_delete(ARRAY(SELECT id FROM mq_msgs WHERE name = 'first' AND channel_name = '" + queue
                + "'))");
        assertThat(text(receive(consumer))).isEqualTo("second");
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, 'g', NULL, true, 'third', '1', NULL");
        assertThat(poll())
                .as("while the transaction of the consumer has the group")
                .isEmpty();
        session.commit();
        assertThat(poll()).hasSize(1);
    }

    @Test
    void aReservedPositionHoldsBackItsGroupUntilItIsCommitted() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        Message reserved = session.createTextMessage("first");
        reserved.setStringProperty("JMSXGroupID", "g");
        reserved.setStringProperty("JMS_SQLMQ_JobName", "any");
        reserved.setLongProperty("JMS_SQLMQ_CommitInterval", 3_600_000);
        producer.send(reserved);
        Message next = session.createTextMessage("second");
        next.setStringProperty("JMSXGroupID", "g");
        producer.send(next);
        session.commit();
        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        assertThat(consumer.receive(300)).isNull();
        try (Statement statement = SqlmqTransactions.connection(session).createStatement()) {
            statement.execute(
                    "SELECT mq_commit(ARRAY['" + reserved.getJMSMessageID().substring(3) + "']::uuid[])");
        }
        session.commit();
        assertThat(text(receive(consumer))).isEqualTo("first");
        assertThat(text(receive(consumer))).isEqualTo("second");
    }

    @Test
    void aReservedPositionThatLapsesIsNeverDelivered() throws Exception {
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, 'g', interval '50 ms', true, 'first', '1', NULL");
        insert("gen_random_uuid(), NULL, NULL, NULL, :q, 'g', NULL, true, 'second', '2', NULL");
        assertThat(receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue)).getJMSType())
                .isEqualTo("second");
    }
}
