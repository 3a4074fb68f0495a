package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Texts that PostgreSQL cannot hold, and strange ones that it can, wherever an application can put them: they are kept as
 * they are, cleaned where people are to read them, or refused by the call that brings them.
 */
class TextsTest extends IntegrationTest {

    private static final int INDIVIDUAL = 4;

    /** In PostgreSQL no text can have these. */
    private static final List<String> IMPOSSIBLE = List.of("a\0b", "\0", "high \ud83d", "\ude00 low");

    private static final String LONG = "x".repeat(200_000);

    private static final List<String> POSSIBLE =
            List.of("\uffff", "\ud83d\ude00", "", "  ", "\\u:", "'\"\\%_$1?", LONG);

    private static List<String> texts() {
        List<String> texts = new ArrayList<>(IMPOSSIBLE);
        texts.addAll(POSSIBLE);
        return texts;
    }

    private static String readable(String text) {
        return text.replace('\0', '\ufffd').replaceAll("\ud83d(?!\ude00)|(?<!\ud83d)\ude00", "\ufffd");
    }

    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new UnsupportedOperationException("no words");
        }
    }

    // Errors

    /** The factory's dead letters come from here after the first failure. */
    private SqlmqConnectionFactory failing() {
        return factory(
                "maximumRedeliveries=0",
                "redeliveryDelay=0",
                "deadLetterQueuePrefix=dead.",
                "leaseAfter=20",
                "maximumPoolSize=40");
    }

    private String errorOf(String name) {
        return value("SELECT last_error FROM mq_msgs WHERE channel_name = 'dead." + name + "'");
    }

    private void awaitDeadLetters(int count) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                number("SELECT count(*) FROM mq_msgs WHERE channel_name LIKE 'dead." + queue + "-%'"))
                        .isEqualTo(count));
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL OR channel_name LIKE '" + queue
                        + "-%'"))
                .as("messages that are leased, or where they were")
                .isZero();
    }

    private void assertKept(String name, String text) {
        String error = errorOf(name);
        if (text.length() > 10_000) {
            assertThat(error).hasSizeLessThan(11_000).contains(text.substring(0, 5_000));
        } else {
            assertThat(error).endsWith(readable(text));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void whateverAListenerThrowsItsMessageGoesBackWithTheError(int mode) throws Exception {
        Connection connection = connect(failing());
        List<String> texts = texts();
        int listeners = 0;
        for (long millis : new long[] {0, 100}) { // below and above leaseAfter
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                String name = queue + "-" + millis + "-" + i;
                send(factory, name, "message");
                consumer(connection.createSession(mode), name).setMessageListener(message -> {
                    sleep(millis);
                    throw new IllegalStateException(text);
                });
                listeners++;
            }
            String name = queue + "-" + millis + "-unspeakable";
            send(factory, name, "message");
            consumer(connection.createSession(mode), name).setMessageListener(message -> {
                sleep(millis);
                throw new Unspeakable();
            });
            listeners++;
        }
        awaitDeadLetters(listeners);
        for (long millis : new long[] {0, 100}) {
            for (int i = 0; i < texts.size(); i++) {
                assertKept(queue + "-" + millis + "-" + i, texts.get(i));
            }
            assertThat(errorOf(queue + "-" + millis + "-unspeakable")).isEqualTo(Unspeakable.class.getName());
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.SESSION_TRANSACTED, Session.CLIENT_ACKNOWLEDGE, INDIVIDUAL})
    void whateverIsNotedItsMessageGoesBackWithTheError(int mode) throws Exception {
        Session session = session(failing(), mode);
        List<String> texts = texts();
        for (int i = 0; i < texts.size(); i++) {
            String name = queue + "-" + i;
            send(factory, name, "message");
            try (MessageConsumer consumer = consumer(session, name)) {
                SqlmqTransactions.noteFailure(receive(consumer), new IllegalStateException(texts.get(i)));
                if (session.getTransacted()) {
                    session.rollback();
                } else {
                    session.recover();
                }
            }
        }
        awaitDeadLetters(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            assertKept(queue + "-" + i, texts.get(i));
        }
    }

    /** The name of a queue may be so long that its dead-letter queue could not have it whole. */
    @Test
    void deadLettersOfQueuesWithTheLongestNamesAreKept() throws Exception {
        Session session = session(
                factory("maximumRedeliveries=0", "deadLetterQueuePrefix=dead.letters.of."), Session.SESSION_TRANSACTED);
        for (String name : List.of("x".repeat(255), "\ud83d\ude00".repeat(63), "€".repeat(85))) {
            send(factory, name, "fails");
            try (MessageConsumer consumer = consumer(session, name)) {
                receive(consumer);
                session.rollback();
            }
            // where the sweep of expired messages puts them, too
            assertThat(number("SELECT count(*) FROM mq_msgs WHERE dead_origin = '" + name
                            + "' AND channel_name = mq_prefixed('dead.letters.of.', '" + name + "')"))
                    .isEqualTo(1);
        }
        sql("DELETE FROM mq_msgs");
    }

    // Messages

    @Test
    void whatAMessageSaysIsReceivedAndSelectedAsItWasSent() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Queue destination = session.createQueue(queue);
        MessageProducer producer = session.createProducer(destination);
        List<String> texts = texts();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            TextMessage sent = session.createTextMessage(text);
            sent.setStringProperty("p", text);
            sent.setIntProperty("n", i);
            sent.setJMSType(text);
            if (text.length() < 2_000) {
                sent.setJMSCorrelationID(text);
                sent.setStringProperty("JMS_SQLMQ_DeduplicationId", text.isEmpty() ? "empty" : text);
            }
            sent.setStringProperty("JMSXGroupID", text);
            producer.send(sent);
        }
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            if (text.length() > 2_000) {
                assertThatThrownBy(() -> session.createConsumer(destination, "p = '" + text + "'"))
                        .isInstanceOf(InvalidSelectorException.class);
                continue;
            }
            String literal = "'" + text.replace("'", "''") + "'";
            for (String selector : List.of(
                    "p = " + literal,
                    "p IN ('other', " + literal + ")",
                    "JMSCorrelationID = " + literal,
                    "JMSType = " + literal,
                    "n = " + i + " AND p <> 'other'")) {
                try (QueueBrowser browser = session.createBrowser(destination, selector)) {
                    assertThat(browser.getEnumeration().hasMoreElements())
                            .as(selector)
                            .isTrue();
                }
            }
            try (MessageConsumer consumer = session.createConsumer(destination, "p = " + literal)) {
                Message received = receive(consumer);
                assertThat(received.getIntProperty("n")).isEqualTo(i);
                assertThat(received.getStringProperty("p")).isEqualTo(text);
                assertThat(received.getJMSType()).isEqualTo(text);
                assertThat(received.getJMSCorrelationID()).isEqualTo(text);
                assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo(text);
                assertThat(text(received)).isEqualTo(text);
            }
        }
        assertThat(drain(factory, queue)).containsExactly(LONG);
    }

    @Test
    void subscriptionsSelectTheSameStrings() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        List<String> texts =
                texts().stream().filter(text -> text.length() < 2_000).toList();
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String selector = "p = '" + texts.get(i).replace("'", "''") + "' AND NOT p = 'other'";
            MessageConsumer consumer = i % 2 == 0
                    ? session.createConsumer(session.createTopic(queue), selector)
                    : session.createSharedDurableConsumer(session.createTopic(queue), queue + "-" + i, selector);
            assertThat(consumer.getMessageSelector()).isEqualTo(selector);
            consumers.add(consumer);
        }
        MessageProducer producer = session.createProducer(session.createTopic(queue));
        for (String text : texts) {
            TextMessage message = session.createTextMessage(text);
            message.setStringProperty("p", text);
            producer.send(message);
        }
        for (int i = 0; i < texts.size(); i++) {
            assertThat(text(receive(consumers.get(i)))).isEqualTo(texts.get(i));
            assertThat(consumers.get(i).receiveNoWait()).isNull();
        }
    }

    // Names

    @Test
    void namesThatAreNoneAreRefusedByTheCallThatBringsThem() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        for (String text : IMPOSSIBLE) {
            Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
            calls.put("queue", () -> session.createQueue(text));
            calls.put("topic", () -> session.createTopic(text));
            calls.put("count", () -> factory.admin().count(text));
            calls.put("purge", () -> factory.admin().purge(text));
            calls.put("browse", () -> factory.admin().browse(text, 1));
            calls.put("move from", () -> factory.admin().move(text, queue));
            calls.put("copy to", () -> factory.admin().copy(queue, text));
            calls.put("retry", () -> factory.admin().retry(text));
            calls.put("remove", () -> factory.admin().remove(text, "ID:" + new java.util.UUID(0, 1)));
            calls.put("declareQueue", () -> factory.admin().declareQueue(text));
            calls.put("deleteQueue", () -> factory.admin().deleteQueue(text));
            calls.put("deleteTopic", () -> factory.admin().deleteTopic(text));
            calls.put("unsubscribe", () -> session.unsubscribe(text));
            calls.forEach(
                    (name, call) -> assertThatThrownBy(call).as(name).isInstanceOf(InvalidDestinationException.class));

            assertThatThrownBy(() -> session.createSharedDurableConsumer(session.createTopic(queue), text))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("name of the subscription");
            assertThatThrownBy(() -> factory.createConnection().setClientID(text))
                    .isInstanceOf(InvalidClientIDException.class);
            assertThatThrownBy(() -> factory.createConnection(text, "secret")).isInstanceOf(JMSSecurityException.class);
            SqlmqOptions options = new SqlmqOptions();
            assertThatThrownBy(() -> options.setApplicationName(text)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> options.setClientID(text)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> session.createConsumer(session.createQueue(queue), text))
                    .isInstanceOf(InvalidSelectorException.class);
        }
        send("still working");
        assertThat(drain(factory, queue)).containsExactly("still working");
    }

    @Test
    void strangeNamesThatArePossibleWork() throws Exception {
        for (String text : POSSIBLE) {
            if (text.isBlank() || text.length() > 255) {
                continue;
            }
            SqlmqConnectionFactory strange = factory();
            strange.getOptions().setApplicationName(text);
            Connection connection = closeAfterwards(strange.createConnection());
            connection.setClientID(text);
            connection.start();
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer durable =
                    session.createDurableConsumer(session.createTopic(text.replace("?", "") + "t"), text);
            Queue named = session.createQueue(text.replace("?", ""));
            session.createProducer(named).send(session.createTextMessage(text));
            session.createProducer(session.createTopic(text.replace("?", "") + "t"))
                    .send(session.createTextMessage(text));
            assertThat(drain(factory, named.getQueueName())).containsExactly(text);
            assertThat(text(receive(durable))).isEqualTo(text);
            durable.close();
            session.unsubscribe(text);
        }
    }
}
