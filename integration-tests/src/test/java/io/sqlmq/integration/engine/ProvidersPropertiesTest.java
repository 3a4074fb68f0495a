package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the provider sets in properties (§3.5.9, §3.5.10), and what it does not believe there. */
class ProvidersPropertiesTest extends IntegrationTest {

    private static List<String> listed(Connection connection) throws JMSException {
        return Collections.list(
                        (java.util.Enumeration<?>) connection.getMetaData().getJMSXPropertyNames())
                .stream()
                .map(String::valueOf)
                .toList();
    }

    private static Map<String, Object> providers(Message message) throws JMSException {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Object name : Collections.list((java.util.Enumeration<?>) message.getPropertyNames())) {
            if (((String) name).startsWith("JMS_")) {
                found.put((String) name, message.getObjectProperty((String) name));
            }
        }
        return found;
    }

    private static MessageConsumer selecting(Session session, String queue, String selector) throws JMSException {
        return session.createConsumer(session.createQueue(queue), selector);
    }

    private Message sent(Session session, Message message) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            producer.send(message);
        }
        return message;
    }

    @Test
    void aReceivedMessageTellsWhenItWasReceived() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        sent(session, session.createMessage());
        long before = System.currentTimeMillis();
        Message received = receive(consumer(session, queue));
        assertThat(received.getLongProperty("JMSXRcvTimestamp")).isBetween(before, System.currentTimeMillis());
        assertThat(received.getObjectProperty("JMSXRcvTimestamp")).isInstanceOf(Long.class);
        assertThat(received.propertyExists("JMSXRcvTimestamp")).isTrue();
        assertThat(Collections.list((java.util.Enumeration<?>) received.getPropertyNames()))
                .map(String::valueOf)
                .contains("JMSXRcvTimestamp", "JMSXDeliveryCount")
                .doesNotContain("JMSXConsumerTXID");
        assertThat(received.propertyExists("JMSXConsumerTXID")).isFalse();
    }

    @Test
    void aBrowsedMessageWasNotReceived() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        sent(session, session.createMessage());
        try (var browser = session.createBrowser(session.createQueue(queue))) {
            Message seen = (Message) browser.getEnumeration().nextElement();
            assertThat(seen.propertyExists("JMSXRcvTimestamp")).isFalse();
        }
    }

    @Test
    void inATransactionTheConsumersTransactionIsTold() throws Exception {
        send("a", "b", "c");
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        String first = receive(consumer).getStringProperty("JMSXConsumerTXID");
        assertThat(receive(consumer).getStringProperty("JMSXConsumerTXID")).isEqualTo(first);
        try (Statement statement = SqlmqTransactions.connection(session).createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo(first);
        }
        session.commit();
        assertThat(receive(consumer).getStringProperty("JMSXConsumerTXID"))
                .isNotEmpty()
                .isNotEqualTo(first);
        session.commit();
    }

    @Test
    void whatTheApplicationWritesThereIsNotSent() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Message forged = session.createMessage();
        for (String name : List.of(
                "JMSXUserID",
                "JMSXAppID",
                "JMSXProducerTXID",
                "JMSXConsumerTXID",
                "JMS_SQLMQ_DeadLetterReason",
                "JMS_SQLMQ_DeadLetterOrigin")) {
            forged.setStringProperty(name, "forged");
        }
        forged.setLongProperty("JMSXRcvTimestamp", 1);
        forged.setStringProperty("own", "kept");
        sent(session, forged);
        assertThat(forged.propertyExists("JMSXUserID")).isFalse();
        Message received = receive(consumer(session, queue));
        assertThat(received.getStringProperty("own")).isEqualTo("kept");
        assertThat(received.getLongProperty("JMSXRcvTimestamp")).isGreaterThan(1);
        for (String name : List.of("JMSXUserID", "JMSXAppID", "JMSXProducerTXID", "JMSXConsumerTXID")) {
            assertThat(received.propertyExists(name)).as(name).isFalse();
        }
        assertThat(providers(received)).isEmpty();
    }

    @Test
    void theSenderIsNamedWhereOptionsAskForIt() throws Exception {
        SqlmqConnectionFactory naming =
                factory("populateJMSXUserID=true", "populateJMSXAppID=true", "applicationName=the shop");
        Session session = session(naming, Session.AUTO_ACKNOWLEDGE);
        Message message = session.createMessage();
        message.setStringProperty("JMSXUserID", "forged");
        sent(session, message);
        String role = value("SELECT session_user");
        assertThat(message.getStringProperty("JMSXUserID")).isEqualTo(role);
        Message received = receive(selecting(session, queue, "JMSXUserID = '" + role + "'"));
        assertThat(received.getStringProperty("JMSXUserID")).isEqualTo(role);
        assertThat(received.getStringProperty("JMSXAppID")).isEqualTo("the shop");
        assertThat(received.propertyExists("JMSXProducerTXID")).isFalse();
        Session unnaming = session(Session.AUTO_ACKNOWLEDGE);
        sent(unnaming, received);
        Message again = receive(consumer(unnaming, queue));
        assertThat(again.propertyExists("JMSXUserID")).isFalse();
        assertThat(again.propertyExists("JMSXAppID")).isFalse();
    }

    @Test
    void theProducersTransactionIsToldWhereAnOptionAsksForIt() throws Exception {
        SqlmqConnectionFactory naming = factory("populateJMSXProducerTXID=true");
        Session session = session(naming, Session.SESSION_TRANSACTED);
        String first = sent(session, session.createTextMessage("a")).getStringProperty("JMSXProducerTXID");
        String second = sent(session, session.createTextMessage("b")).getStringProperty("JMSXProducerTXID");
        session.commit();
        String third = sent(session, session.createTextMessage("c")).getStringProperty("JMSXProducerTXID");
        session.rollback();
        sent(session, session.createTextMessage("d"));
        session.commit();
        assertThat(second).isEqualTo(first).matches("\\d+");
        assertThat(third).isNotEqualTo(first);
        MessageConsumer consumer = consumer(session, queue);
        for (String text : List.of("a", "b")) {
            Message received = receive(consumer);
            assertThat(text(received)).isEqualTo(text);
            assertThat(received.getStringProperty("JMSXProducerTXID")).isEqualTo(first);
        }
        Message answer = sent(session, session.createTextMessage("e"));
        assertThat(answer.getStringProperty("JMSXProducerTXID"))
                .as("the transaction that receives is the one that sends")
                .isEqualTo(receive(consumer).getStringProperty("JMSXConsumerTXID"));
        session.commit();
        Session untransacted = session(naming, Session.AUTO_ACKNOWLEDGE);
        assertThat(sent(untransacted, untransacted.createMessage()).propertyExists("JMSXProducerTXID"))
                .isFalse();
    }

    @Test
    void aPublishedMessageNamesItsSenderToo() throws Exception {
        Session session = session(factory("populateJMSXUserID=true"), Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic(queue);
        MessageConsumer consumer = session.createConsumer(topic);
        try (MessageProducer producer = session.createProducer(topic)) {
            producer.send(session.createMessage());
        }
        assertThat(receive(consumer).getStringProperty("JMSXUserID")).isEqualTo(value("SELECT session_user"));
    }

    @Test
    void metaDataListsWhatIsSet() throws Exception {
        try (Connection plain = factory.createConnection();
                Connection naming = factory(
                                "populateJMSXUserID=true", "populateJMSXAppID=true", "populateJMSXProducerTXID=true")
                        .createConnection()) {
            assertThat(listed(plain))
                    .containsExactlyInAnyOrder(
                            "JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount", "JMSXRcvTimestamp", "JMSXConsumerTXID");
            assertThat(listed(naming)).contains("JMSXUserID", "JMSXAppID", "JMSXProducerTXID");
        }
    }

    @Test
    void aDeadLetterTellsItsStory() throws Exception {
        String dead = queue + "-dead";
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueue=" + dead);
        Session session = session(strict, Session.SESSION_TRANSACTED);
        Message message = session.createTextMessage("m");
        message.setLongProperty("amount", 7L);
        message.setStringProperty("JMS_SQLMQ_REDELIVERY", "maximumRedeliveries=0");
        sent(session, message);
        session.commit();
        long before = System.currentTimeMillis();
        SqlmqTransactions.noteFailure(receive(consumer(session, queue)), new IllegalStateException("out of stock"));
        session.rollback();

        try (var browser = session.createBrowser(session.createQueue(dead))) {
            assertThat(((Message) browser.getEnumeration().nextElement())
                            .getStringProperty("JMS_SQLMQ_DeadLetterOrigin"))
                    .isEqualTo(queue);
        }
        Session own = session(Session.AUTO_ACKNOWLEDGE);
        Message letter = receive(selecting(
                own,
                dead,
                "JMS_SQLMQ_DeadLetterOrigin = '" + queue + "'"
                        + " AND JMS_SQLMQ_DeadLetterAttempts = 1 AND JMS_SQLMQ_DeadLetterAt > 1000000000000"));
        assertThat(providers(letter))
                .contains(
                        entry("JMS_SQLMQ_DeadLetterOrigin", queue),
                        entry("JMS_SQLMQ_DeadLetterReason", "delivery failed 1 times"),
                        entry("JMS_SQLMQ_DeadLetterAttempts", 1),
                        entry("JMS_SQLMQ_DeadLetterError", "java.lang.IllegalStateException: out of stock"),
                        entry("JMS_SQLMQ_REDELIVERY", "maximumRedeliveries=0"));
        assertThat(letter.getLongProperty("JMS_SQLMQ_DeadLetterAt"))
                .isBetween(before - 5_000, System.currentTimeMillis() + 5_000);
        assertThat(letter.getObjectProperty("JMS_SQLMQ_DeadLetterAt")).isInstanceOf(Long.class);
        assertThat(letter.getObjectProperty("amount")).isEqualTo(7L);

        sent(own, letter);
        Message again = receive(consumer(own, queue));
        assertThat(providers(again)).containsOnlyKeys("JMS_SQLMQ_REDELIVERY");
        assertThat(again.getObjectProperty("amount")).isEqualTo(7L);
    }

    @Test
    void aMessageThatIsRetriedIsNoDeadLetterAnyMore() throws Exception {
        String dead = queue + "-dead";
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueue=" + dead);
        send("m");
        Session session = session(strict, Session.SESSION_TRANSACTED);
        receive(consumer(session, queue));
        session.rollback();
        SqlmqAdmin admin = factory.admin();
        assertThat(admin.retry(dead)).isEqualTo(1);
        assertThat(providers(receive(consumer(session, queue)))).isEmpty();
        session.commit();
        assertThat(value("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isEqualTo("0");
    }
}
