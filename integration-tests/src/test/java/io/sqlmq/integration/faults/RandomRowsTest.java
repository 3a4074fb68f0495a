package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 5,000 rows of random values in all tables, and 200 messages between them: those arrive, each row that is not refused is
 * delivered, dead-lettered or set aside, and nothing goes round in circles. A run in which the same rows are rolled back tells how
 * the messages arrive without them.
 */
@Tag("slow")
@Timeout(180)
class RandomRowsTest extends IntegrationTest {

    private static final int ROWS = 5_000;
    private static final int GOOD = 200;
    private static final long SEED = Long.getLong("sqlmq.test.seed", 20_261_129L);

    /** More than an idle process with these consumers makes in a second, fewer than one of two consumers that spin. */
    private static final double BUSY = 60;

    /** More transactions than a bad row takes in the mean, of which there is about one. */
    private static final long ROUNDS_OF_A_ROW = 4;

    private final Set<String> arrived = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();

    @Test
    void noRowStopsTheOthers() throws Exception {
        List<String> queues = List.of(queue + "-a", queue + "-b", queue + "-c");
        List<String> channels = List.of(queues.get(0), queues.get(1), queues.get(2), queue + "-dead", queue + "-other");
        SqlmqConnectionFactory from =
                factory("maximumRedeliveries=2", "redeliveryDelay=0", "deadLetterQueue=" + queue + "-dead");
        consume(from, queues);
        Run without = run(from, queues, new RandomRows(url, SEED, channels), false, Duration.ofSeconds(30));
        assertThat(without.accepted).isZero();
        // Sooner than by one of the looks that come every 20 s.
        Duration patience = without.rest.multipliedBy(10).plusSeconds(10);
        Run with = run(from, queues, new RandomRows(url, SEED, channels), true, patience);
        assertThat(with.accepted).isBetween(ROWS / 10, ROWS * 9 / 10);
        // And not while others went round in circles.
        assertThat(with.transactions - without.transactions).isLessThan(ROUNDS_OF_A_ROW * with.accepted);
        assertThat(unexpected).isEmpty();

        String left = "FROM (SELECT * FROM mq_msgs UNION ALL SELECT * FROM mq_msgs_unlogged) m WHERE channel_name IN ('"
                + String.join("', '", queues) + "') AND set_aside IS NULL"
                + " AND (attempt_at IS NULL OR attempt_at < now() + interval '30 s')"
                + " AND (expires_at IS NULL OR expires_at > now())";
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(value("SELECT count(*) || coalesce(min(row_to_json(m)::text), '') " + left))
                                .isEqualTo("0"));
        // Operators see all of it.
        for (String view : List.of("mq_messages", "mq_queues", "mq_dead_letters", "mq_set_aside", "mq_scheduled")) {
            number("SELECT count(v) FROM (SELECT * FROM " + view + ") v");
        }
        assertThat(statementsPerSecond()).isLessThan(BUSY);
    }

    /** What it took until all good messages had arrived: transactions, those that insert the rows included, and time after the last. */
    private record Run(int accepted, long transactions, Duration rest) {}

    /** Sends the good messages between random rows, or between the same ones that are rolled back. */
    private Run run(
            SqlmqConnectionFactory from, List<String> queues, RandomRows rows, boolean commit, Duration patience)
            throws Exception {
        arrived.clear();
        long before = transactions();
        int accepted = 0;
        try (java.sql.Connection database = DriverManager.getConnection(url);
                Statement statement = database.createStatement();
                Session session = session(from, Session.AUTO_ACKNOWLEDGE)) {
            database.setAutoCommit(false);
            MessageProducer producer = session.createProducer(null);
            for (int i = 0; i < ROWS; i++) {
                String insert = rows.next();
                try {
                    statement.execute(insert);
                    if (commit) {
                        database.commit();
                        accepted++;
                    }
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).as(insert + ": " + e).matches("(22|23|54).*");
                }
                database.rollback();
                if (i % (ROWS / GOOD) == 0) {
                    sendGood(session, producer, queues, i / (ROWS / GOOD));
                }
            }
        }
        long sent = System.nanoTime();
        await().atMost(patience).untilAsserted(() -> assertThat(arrived).hasSize(GOOD));
        Duration rest = Duration.ofNanos(System.nanoTime() - sent);
        return new Run(accepted, transactions() - before, rest);
    }

    /** A listener for each queue, and one in a transacted session that rolls back what it does not know. */
    private void consume(SqlmqConnectionFactory from, List<String> queues) throws JMSException {
        for (String name : queues) {
            consumer(session(from, Session.AUTO_ACKNOWLEDGE), name).setMessageListener(this::read);
        }
        Session transacted = session(from, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(transacted, queues.get(0));
        consumer.setMessageListener(message -> {
            try {
                if (read(message)) {
                    transacted.commit();
                } else {
                    transacted.rollback();
                }
            } catch (JMSException e) {
                unexpected.add(e);
            }
        });
    }

    private void sendGood(Session session, MessageProducer producer, List<String> queues, int number)
            throws JMSException {
        TextMessage message = session.createTextMessage("good-" + number);
        if (number % 5 == 0) {
            message.setStringProperty("JMSXGroupID", "g");
        }
        producer.setDeliveryMode(number % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        producer.send(session.createQueue(queues.get(number % queues.size())), message);
    }

    /** Asks a message for all that it has: it may refuse that, but only as a message does. Returns whether it is a good one. */
    private boolean read(Message message) {
        try {
            if (message instanceof TextMessage text
                    && text.getText() != null
                    && text.getText().startsWith("good-")) {
                arrived.add(text.getText());
                return true;
            }
        } catch (JMSException e) {
            unexpected.add(e);
        }
        refusing(() -> {
            for (Enumeration<?> names = message.getPropertyNames(); names.hasMoreElements(); ) {
                message.getObjectProperty((String) names.nextElement());
            }
        });
        refusing(() -> message.getIntProperty("JMSXDeliveryCount"));
        refusing(message::getJMSReplyTo);
        refusing(message::getJMSDestination);
        refusing(() -> {
            if (message instanceof MapMessage map) {
                for (Enumeration<?> names = map.getMapNames(); names.hasMoreElements(); ) {
                    map.getObject((String) names.nextElement());
                }
            } else if (message instanceof StreamMessage stream) {
                stream.readObject();
            } else if (message instanceof BytesMessage bytes) {
                bytes.readLong();
            } else if (message instanceof ObjectMessage object) {
                object.getObject();
            }
        });
        return false;
    }

    private interface Reading {
        void read() throws JMSException;
    }

    private void refusing(Reading reading) {
        try {
            reading.read();
        } catch (JMSException e) {
            assertThat(e.getMessage()).isNotBlank();
        } catch (RuntimeException | Error e) {
            unexpected.add(e);
        }
    }

    private double statementsPerSecond() throws InterruptedException {
        long before = transactions();
        long began = System.nanoTime();
        Thread.sleep(5_000); // what is counted is a rate
        return (transactions() - before) * 1e9 / (System.nanoTime() - began);
    }

    private long transactions() throws InterruptedException {
        Thread.sleep(2_000); // what has ended is counted with some delay
        return number("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()");
    }
}
