package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Entries of an index are bounded, at about 2,700 bytes: every text that reaches one works at any length, or the call that
 * names it says how long it may be. Nothing fails at the commit.
 */
class LongTextsTest extends IntegrationTest {

    /** A text that does not compress. */
    record Text(int length, boolean wide) {
        String value() {
            Random random = new Random(length);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++) {
                text.appendCodePoint(wide ? 0x20000 + random.nextInt(0xa000) : 'a' + random.nextInt(26));
            }
            return text.toString();
        }

        int bytes() {
            return value().getBytes(StandardCharsets.UTF_8).length;
        }
    }

    static Stream<Text> texts() {
        return IntStream.of(255, 256, 2_600, 2_800, 9_000, 1_000_000)
                .boxed()
                .flatMap(length -> Stream.of(new Text(length, false), new Text(length, true)));
    }

    private interface Change {
        void to(Message message, String text) throws JMSException;
    }

    /** Sends such a message, with and without a transaction, between others, and gets it with a selector. */
    private void assertWorks(Text text, Change change, String header) throws JMSException {
        String value = text.value();
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED}) {
            for (int delivery = 1; delivery <= 2; delivery++) {
                String to = queue + mode + delivery;
                Session session = session(mode);
                MessageProducer producer = session.createProducer(session.createQueue(to));
                producer.setDeliveryMode(delivery);
                producer.send(session.createTextMessage("before"));
                Message message = session.createTextMessage("it");
                change.to(message, value);
                producer.send(message);
                producer.send(session.createTextMessage("after"));
                if (mode == Session.SESSION_TRANSACTED) {
                    session.commit();
                }
                boolean selects = text.length() < 100_000; // a selector has no more characters
                try (MessageConsumer consumer = session.createConsumer(
                        session.createQueue(to),
                        selects ? header + " = '" + value + "' AND JMSPriority = 4" : header + " IS NOT NULL")) {
                    Message received = receive(consumer);
                    assertThat(text(received)).isEqualTo("it");
                    assertThat(consumer.receiveNoWait()).isNull();
                }
                try (MessageConsumer consumer = session.createConsumer(session.createQueue(to))) {
                    assertThat(text(receive(consumer))).isEqualTo("before");
                    assertThat(text(receive(consumer))).isEqualTo("after");
                }
                if (mode == Session.SESSION_TRANSACTED) {
                    session.commit();
                }
                session.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void correlationIdentifiersOfAnyLength(Text text) throws JMSException {
        assertWorks(text, Message::setJMSCorrelationID, "JMSCorrelationID");
    }

    @Test
    void correlationIdentifiersWithOneHashOrOneBeginningAreToldApart() throws JMSException {
        String one = new Text(2_800, false).value();
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (String id : new String[] {one + "1", one + "2", one}) {
            Message message = session.createTextMessage(id.substring(2_790));
            message.setJMSCorrelationID(id);
            producer.send(message);
        }
        MessageConsumer consumer =
                session.createConsumer(session.createQueue(queue), "NOT JMSCorrelationID <> '" + one + "2'");
        assertThat(text(receive(consumer))).endsWith("2");
        assertThat(consumer.receiveNoWait()).isNull();
        consumer.close();
        consumer = session.createConsumer(session.createQueue(queue), "JMSCorrelationID = '" + one + "'");
        assertThat(receive(consumer).getJMSCorrelationID()).isEqualTo(one);
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @ParameterizedTest
    @MethodSource("texts")
    void typesOfAnyLength(Text text) throws JMSException {
        assertWorks(text, Message::setJMSType, "JMSType");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void groupsOfAnyLength(Text text) throws JMSException {
        assertWorks(text, (message, group) -> message.setStringProperty("JMSXGroupID", group), "JMSXGroupID");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void namesOfDestinationsHaveALimitThatTheCallSays(Text text) throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        if (text.bytes() <= 255) {
            String name = text.value();
            send(factory, name, "one");
            assertThat(drain(factory, name)).containsExactly("one");
            session.createConsumer(session.createTopic(name)).close();
        } else {
            assertSaysLimit(
                    InvalidDestinationException.class, () -> session.createQueue(text.value()), "at most 255", text);
            assertSaysLimit(
                    InvalidDestinationException.class, () -> session.createTopic(text.value()), "at most 255", text);
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void clientIdentifiersHaveALimitThatTheCallSays(Text text) throws JMSException {
        try (Connection connection = factory.createConnection()) {
            if (text.bytes() <= 1_000) {
                connection.setClientID(text.value());
            } else {
                assertSaysLimit(
                        InvalidClientIDException.class,
                        () -> connection.setClientID(text.value()),
                        "at most 1000",
                        text);
                connection.setClientID("short");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void namesOfSubscriptionsHaveALimitThatTheCallSays(Text text) throws JMSException {
        try (SqlmqConnectionFactory own = factory();
                Connection connection = own.createConnection()) {
            connection.setClientID(new Text(250, true).value());
            Session session = connection.createSession();
            String name = text.value();
            String topic = queue;
            if (text.bytes() <= 1_000) {
                session.createDurableConsumer(session.createTopic(topic), name).close();
                session.unsubscribe(name);
            } else {
                assertSaysLimit(
                        JMSException.class,
                        () -> session.createDurableConsumer(session.createTopic(topic), name),
                        "at most 1000",
                        text);
                assertSaysLimit(
                        JMSException.class,
                        () -> session.createSharedConsumer(session.createTopic(topic), name),
                        "at most 1000",
                        text);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void identifiersAgainstDuplicatesHaveALimitThatTheSendSays(Text text) throws JMSException {
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED}) {
            Session session = session(mode);
            MessageProducer producer = session.createProducer(session.createQueue(queue + mode));
            Message message = session.createTextMessage("it");
            message.setStringProperty("JMS_SQLMQ_DeduplicationId", text.value());
            if (text.bytes() <= 2_000) {
                producer.send(message);
                producer.send(message);
            } else {
                assertSaysLimit(JMSException.class, () -> producer.send(message), "2000", text);
            }
            if (mode == Session.SESSION_TRANSACTED) {
                assertThatCode(session::commit).doesNotThrowAnyException();
            }
            assertThat(drain(factory, queue + mode)).hasSize(text.bytes() <= 2_000 ? 1 : 0);
        }
    }

    /** The prefix of dead-letter queues makes longer names than there can be. */
    @Test
    void aMessageOfAQueueWithTheLongestNameCanBecomeADeadLetter() throws JMSException {
        String longest = new Text(255, false).value();
        try (SqlmqConnectionFactory own = factory("deadLetterQueuePrefix=DLQ.", "maximumRedeliveries=0")) {
            send(own, longest, "bad");
            Session session = session(own, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = consumer(session, longest);
            assertThat(text(receive(consumer))).isEqualTo("bad");
            session.rollback();
            sql("DO $$ BEGIN ASSERT (SELECT channel_name LIKE 'DLQ.%' FROM mq_msgs WHERE dead_origin = '" + longest
                    + "'); END $$");
        }
    }

    private static <E extends JMSException> void assertSaysLimit(
            Class<E> type, ThrowingCallable call, String limit, Text text) {
        E refusal = catchThrowableOfType(type, call);
        assertThat(refusal).isNotNull().hasMessageContaining(limit).hasMessageContaining(text.bytes() + " bytes");
        assertThat(refusal.getMessage()).hasSizeLessThan(500);
    }
}
