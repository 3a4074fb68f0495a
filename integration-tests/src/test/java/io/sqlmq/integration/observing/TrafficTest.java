package io.sqlmq.integration.observing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent and received is counted in the database, by queue and minute. */
class TrafficTest extends IntegrationTest {

    private String counted(String channel) throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT coalesce(sum(sent), 0) || ' sent, ' || coalesce(sum(gone), 0)"
                                + " || ' gone' FROM mq_traffic WHERE channel_name = '" + channel + "'")) {
            row.next();
            return row.getString(1);
        }
    }

    private void sql(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Session.AUTO_ACKNOWLEDGE,
                Session.CLIENT_ACKNOWLEDGE,
                Session.DUPS_OK_ACKNOWLEDGE,
                4,
                Session.SESSION_TRANSACTED
            })
    void aProcessReportsWhatItCountedAtItsEnd(int mode) throws Exception {
        SqlmqConnectionFactory own = factory();
        send(own, queue, "1", "2", "3");
        Session session = session(own, mode);
        var consumer = consumer(session, queue);
        for (int i = 0; i < 2; i++) {
            receive(consumer).acknowledge();
        }
        if (mode == Session.SESSION_TRANSACTED) {
            session.commit();
        }
        session.close();
        own.close();
        assertThat(counted(queue)).isEqualTo("3 sent, 2 gone");
    }

    @Test
    void itReportsBeforeToo() throws Exception {
        send(factory(), queue, "1", "2");
        await().atMost(Duration.ofSeconds(50)).until(() -> counted(queue).equals("2 sent, 0 gone"));
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT sent_per_second, gone_per_second FROM mq_rates WHERE channel = '" + queue + "'")) {
            row.next();
            assertThat(row.getDouble(1)).isBetween(2 / 121.0, 2 / 59.0);
            assertThat(row.getDouble(2)).isZero();
        }
    }

    @Test
    void aDeadLetterIsGoneFromItsQueueAndSentToAnother() throws Exception {
        SqlmqConnectionFactory own = factory("maximumRedeliveries=0", "deadLetterQueue=dead-" + queue);
        send(own, queue, "1");
        Session session = session(own, Session.SESSION_TRANSACTED);
        receive(consumer(session, queue));
        session.rollback();
        own.close();
        assertThat(counted(queue)).isEqualTo("1 sent, 1 gone");
        assertThat(counted("dead-" + queue)).isEqualTo("1 sent, 0 gone");
    }

    /** The schedule itself is no message. */
    @Test
    void whatAScheduleSendsIsCountedByTheProcessThatSendsIt() throws Exception {
        SqlmqConnectionFactory own = factory();
        Session session = session(own, Session.AUTO_ACKNOWLEDGE);
        Message message = session.createTextMessage("again");
        message.setLongProperty("AMQ_SCHEDULED_PERIOD", 10);
        message.setIntProperty("AMQ_SCHEDULED_REPEAT", 2);
        session.createProducer(session.createQueue(queue)).send(message);
        var consumer = consumer(session, queue);
        for (int i = 0; i < 3; i++) {
            receive(consumer);
        }
        own.close();
        assertThat(counted(queue)).isEqualTo("3 sent, 3 gone");
    }

    @Test
    void whatWasAnHourAgoIsForgotten() throws Exception {
        sql("INSERT INTO mq_traffic VALUES (date_trunc('minute', now()) - interval '2 hours', '" + queue + "', 7, 7)");
        SqlmqConnectionFactory own = factory();
        send(own, queue, "1");
        own.close();
        assertThat(counted(queue)).isEqualTo("1 sent, 0 gone");
    }

    /** Whoever may send but not count goes on without a word. */
    @Test
    void aRoleThatMayNotCountSendsAllTheSame() throws Exception {
        String role = "traffic_" + queue.replace('-', '_');
        sql("CREATE ROLE " + role + " LOGIN; SELECT mq_grant('" + role + "', 'all'); REVOKE ALL ON mq_traffic FROM "
                + role);
        SqlmqConnectionFactory own =
                closeAfterwards(new SqlmqConnectionFactory(url.replaceFirst("user=[^&]*", "user=" + role)));
        send(own, queue, "1");
        own.close();
        assertThat(counted(queue)).isEqualTo("0 sent, 0 gone");
        sql("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
}
