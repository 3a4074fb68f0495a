package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sqlmq.tck.provider.KnownDifferences;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Message selectors, the whole grammar, on a message with known properties: §3.8. */
class SelectorTest extends ConformanceTest {

    private Message message() throws JMSException {
        Message message = session.createTextMessage("m");
        message.setBooleanProperty("yes", true);
        message.setBooleanProperty("no", false);
        message.setByteProperty("b", (byte) 7);
        message.setShortProperty("s", (short) 300);
        message.setIntProperty("i", 42);
        message.setLongProperty("l", 5_000_000_000L);
        message.setFloatProperty("f", 0.5f);
        message.setDoubleProperty("d", 2.25);
        message.setStringProperty("text", "it's");
        message.setStringProperty("country", "UK");
        message.setStringProperty("phone", "12993");
        message.setStringProperty("underscored", "_foo");
        message.setStringProperty("percent", "50%");
        message.setStringProperty("lines", "a\nb");
        message.setStringProperty("digits", "42");
        message.setJMSType("car");
        message.setJMSCorrelationID("c-1");
        return message;
    }

    private boolean selects(String selector) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer selective = session.createConsumer(queue, selector)) {
            producer.send(message(), DeliveryMode.NON_PERSISTENT, 6, 0);
            Message got = selective.receiveNoWait();
            return got != null;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yes",
                "NOT no",
                "yes = TRUE",
                "no = false",
                "yes <> no",
                "i = 42",
                "i=42",
                "i <> 43",
                "i > 41 AND i < 43",
                "i >= 42 AND i <= 42",
                "i = 42.0",
                "i = 4.2E1",
                "i = +42",
                "-i = -42",
                "i = 42L",
                "d = 2.25D",
                "f = 0.5F",
                "i = 0x2A",
                "i = 052",
                "b = 7 AND s = 300 AND l = 5000000000",
                "f = 0.5 AND d = 2.25",
                "f < d",
                "i + 1 = 43",
                "i - 2 * 20 = 2",
                "(i - 2) * 2 = 80",
                "i / 4 = 10",
                "i / 4.0 = 10.5",
                "d * 4 = 9",
                "i BETWEEN 40 AND 44",
                "i between 42 and 42",
                "i NOT BETWEEN 1 AND 2",
                "d BETWEEN 2 AND b",
                "country IN ('UK')",
                "country IN ('US', 'UK', 'France')",
                "country NOT IN ('US')",
                "text = 'it''s'",
                "country > country OR country = 'UK'",
                "phone LIKE '12%3'",
                "phone LIKE '12__3'",
                "phone LIKE '%'",
                "phone NOT LIKE '13%'",
                "country LIKE 'U_'",
                "underscored LIKE '\\_%' ESCAPE '\\'",
                "percent LIKE '50!%' ESCAPE '!'",
                "lines LIKE 'a%b'",
                "lines LIKE 'a_b'",
                "absent IS NULL",
                "country IS NOT NULL",
                "absent = 1 OR i = 42",
                "NOT (absent = 1 AND i = 43)",
                "NOT i = 43",
                "i = 42 OR i = 1 AND i = 2",
                "yes AND NOT no",
                "JMSPriority = 6",
                "JMSType = 'car'",
                "JMSCorrelationID = 'c-1'",
                "JMSCorrelationID LIKE 'c-%'",
                "JMSDeliveryMode = 'NON_PERSISTENT'",
                "JMSTimestamp > 0",
                "JMSMessageID LIKE 'ID:%'",
                "JMSXDeliveryCount IS NULL OR JMSXDeliveryCount = 1",
                " \t\ni = 42 ",
                "TRUE",
                "i = 42 AND TRUE",
                "((((i = 42))))"
            })
    void itSelects(String selector) throws JMSException {
        assumeThat(KnownDifferences.reason("selector." + selector)).isEmpty();
        assertThat(selects(selector)).as(selector).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no",
                "NOT yes",
                "i = 43",
                "i > 42",
                "i BETWEEN 43 AND 50",
                "i BETWEEN 44 AND 40",
                "country IN ('US')",
                "country = 'uk'",
                "country = 'UK '",
                "phone LIKE '12'",
                "phone LIKE '12_3'",
                "underscored LIKE 'foo%'",
                "percent LIKE '50!_' ESCAPE '!'",
                "country IS NULL",
                "absent IS NOT NULL",
                "FALSE",
                // unknown, §3.8.1.2
                "absent",
                "NOT absent",
                "absent = 1",
                "absent <> 1",
                "NOT (absent = 1)",
                "absent IN ('a')",
                "absent NOT IN ('a')",
                "absent LIKE '%'",
                "absent NOT LIKE '%'",
                "absent BETWEEN 1 AND 2",
                "absent NOT BETWEEN 1 AND 2",
                "absent + 1 = 2",
                "absent = absent",
                "absent AND yes",
                "absent OR no",
                // values of other types do not compare, and strings are not numbers
                "digits = 42",
                "i = '42'",
                "i LIKE '4%'",
                "i NOT LIKE '4%'",
                "i IN ('42')",
                "i NOT IN ('43')",
                "country <> 42",
                "country NOT BETWEEN 1 AND 2",
                "country = TRUE",
                "JMSDeliveryMode = 'PERSISTENT'",
                "JMSPriority = 4",
                "JMSType IS NULL"
            })
    void itDoesNotSelect(String selector) throws JMSException {
        assumeThat(KnownDifferences.reason("selector." + selector)).isEmpty();
        assertThat(selects(selector)).as(selector).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "i =",
                "= 1",
                "i = 1 AND",
                "AND i = 1",
                "i == 1",
                "i != 1",
                "(i = 1",
                "i = 1)",
                "i = 'unterminated",
                "country LIKE 5",
                "country LIKE 'a' ESCAPE 'ab'",
                "country IN ()",
                "country IN (1, 2)",
                "country IN 'UK'",
                "i BETWEEN 1",
                "i BETWEEN 1 OR 2",
                "5 LIKE '5'",
                "i IS",
                "i IS 5",
                "1 IN ('1')",
                "TRUE = 0",
                "'1' <> 1",
                "i = \"42\"",
                "i = 1; DROP TABLE x",
                "a.b = 1",
                "1a = 1",
                "i @ 1",
                "LIKE 'a'",
                "NOT"
            })
    void itIsInvalid(String selector) {
        assumeThat(KnownDifferences.reason("selector." + selector)).isEmpty();
        assertThatThrownBy(() -> session.createConsumer(queue, selector).close())
                .as(selector)
                .isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void whatIsNotSelectedStaysInOrder() throws JMSException { // §3.8.1
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = 0; i < 6; i++) {
                Message message = session.createTextMessage("m" + i);
                message.setIntProperty("n", i);
                producer.send(message);
            }
        }
        try (MessageConsumer selective = session.createConsumer(queue, "n = 1 OR n = 4")) {
            assertThat(texts(selective, 2)).containsExactly("m1", "m4");
            assertThat(selective.receiveNoWait()).isNull();
        }
        assertQueueHolds("m0", "m2", "m3", "m5");
    }

    @Test
    void aMatchBehindManyOthersIsFound() throws JMSException {
        jakarta.jms.Session transacted = session(jakarta.jms.Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        for (int i = 0; i < 1_000; i++) {
            Message message = transacted.createTextMessage("m" + i);
            message.setIntProperty("n", i);
            producer.send(message);
        }
        transacted.commit();
        try (MessageConsumer selective = session.createConsumer(queue, "n = 999")) {
            assertThat(text(receive(selective))).isEqualTo("m999");
        }
    }

    @Test
    void twoSelectiveConsumersShareAQueue() throws JMSException {
        try (MessageConsumer even = session.createConsumer(queue, "even");
                MessageConsumer odd = session.createConsumer(queue, "NOT even");
                MessageProducer producer = session.createProducer(queue)) {
            for (int i = 0; i < 6; i++) {
                Message message = session.createTextMessage("m" + i);
                message.setBooleanProperty("even", i % 2 == 0);
                producer.send(message);
            }
            assertThat(texts(odd, 3)).containsExactly("m1", "m3", "m5");
            assertThat(texts(even, 3)).containsExactly("m0", "m2", "m4");
        }
    }
}
