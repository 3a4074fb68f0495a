package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Message properties, sent and received: §3.5. */
class PropertiesTest extends ConformanceTest {

    /** The getters of §3.5.4. */
    private enum As {
        BOOLEAN(Boolean.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getBooleanProperty(name);
            }
        },
        BYTE(Byte.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getByteProperty(name);
            }
        },
        SHORT(Short.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getShortProperty(name);
            }
        },
        INT(Integer.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getIntProperty(name);
            }
        },
        LONG(Long.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getLongProperty(name);
            }
        },
        FLOAT(Float.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getFloatProperty(name);
            }
        },
        DOUBLE(Double.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getDoubleProperty(name);
            }
        },
        STRING(String.class) {
            @Override
            Object get(Message message, String name) throws JMSException {
                return message.getStringProperty(name);
            }
        };

        final Class<?> type;

        As(Class<?> type) {
            this.type = type;
        }

        abstract Object get(Message message, String name) throws JMSException;
    }

    /** The conversion table of §3.5.4: what may be read as what. */
    private static final Map<Class<?>, Set<As>> READABLE = Map.of(
            Boolean.class, Set.of(As.BOOLEAN, As.STRING),
            Byte.class, Set.of(As.BYTE, As.SHORT, As.INT, As.LONG, As.STRING),
            Short.class, Set.of(As.SHORT, As.INT, As.LONG, As.STRING),
            Integer.class, Set.of(As.INT, As.LONG, As.STRING),
            Long.class, Set.of(As.LONG, As.STRING),
            Float.class, Set.of(As.FLOAT, As.DOUBLE, As.STRING),
            Double.class, Set.of(As.DOUBLE, As.STRING));

    static Stream<Object> values() {
        return Stream.of(
                true,
                false,
                (byte) 0,
                Byte.MIN_VALUE,
                Byte.MAX_VALUE,
                Short.MIN_VALUE,
                Short.MAX_VALUE,
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                0L,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                (1L << 53) + 1,
                0.1f,
                -0.0f,
                Float.MIN_VALUE,
                Float.MAX_VALUE,
                Float.NaN,
                Float.POSITIVE_INFINITY,
                0.1,
                -0.0,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                Double.NaN,
                Double.NEGATIVE_INFINITY,
                "",
                "text",
                "\"quoted\" \\ {json} \n\t",
                "\u00e4\u20ac\ud83d\ude00",
                "a\u0000b",
                "\\u0000",
                "\ud800 unpaired",
                "true",
                "12");
    }

    @ParameterizedTest
    @MethodSource("values")
    void valuesArriveWithTheirTypes(Object value) throws JMSException {
        Message message = session.createMessage();
        message.setObjectProperty("p", value);
        assertThat(exchange(message).getObjectProperty("p")).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void receivedValuesConvertByTheTable(Object value) throws JMSException { // §3.5.4
        Message message = session.createMessage();
        message.setObjectProperty("p", value);
        Message received = exchange(message);
        for (As as : As.values()) {
            if (value instanceof String text) {
                if (as == As.STRING) {
                    assertThat(as.get(received, "p")).isEqualTo(text);
                }
            } else if (READABLE.get(value.getClass()).contains(as)) {
                Object read = as.get(received, "p");
                assertThat(read).isInstanceOf(as.type);
                assertThat(String.valueOf(read))
                        .as("%s read as %s", value, as)
                        .isEqualTo(as == As.DOUBLE ? String.valueOf(((Number) value).doubleValue()) : value.toString());
            } else {
                assertThatThrownBy(() -> as.get(received, "p"))
                        .as("%s %s read as %s", value.getClass(), value, as)
                        .isInstanceOf(MessageFormatException.class);
            }
        }
    }

    @Test
    void stringsConvertByTheValueOfMethods() throws JMSException { // §3.5.4
        Message message = session.createMessage();
        message.setStringProperty("number", "12");
        message.setStringProperty("truth", "TRUE");
        message.setStringProperty("word", "word");
        Message received = exchange(message);
        assertThat(received.getByteProperty("number")).isEqualTo((byte) 12);
        assertThat(received.getShortProperty("number")).isEqualTo((short) 12);
        assertThat(received.getIntProperty("number")).isEqualTo(12);
        assertThat(received.getLongProperty("number")).isEqualTo(12);
        assertThat(received.getFloatProperty("number")).isEqualTo(12f);
        assertThat(received.getDoubleProperty("number")).isEqualTo(12d);
        assertThat(received.getBooleanProperty("truth")).isTrue();
        assertThat(received.getBooleanProperty("word")).isFalse();
        for (As as : List.of(As.BYTE, As.SHORT, As.INT, As.LONG, As.FLOAT, As.DOUBLE)) {
            assertThatThrownBy(() -> as.get(received, "word")).isInstanceOf(NumberFormatException.class);
        }
    }

    @Test
    void anAbsentPropertyReadsAsNullWould() throws JMSException { // §3.5.4
        Message received = exchange(session.createMessage());
        assertThat(received.propertyExists("absent")).isFalse();
        assertThat(received.getObjectProperty("absent")).isNull();
        assertThat(received.getStringProperty("absent")).isNull();
        assertThat(received.getBooleanProperty("absent")).isFalse();
        for (As as : List.of(As.BYTE, As.SHORT, As.INT, As.LONG)) {
            assertThatThrownBy(() -> as.get(received, "absent")).isInstanceOf(NumberFormatException.class);
        }
        assertThatThrownBy(() -> received.getFloatProperty("absent")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> received.getDoubleProperty("absent")).isInstanceOf(NullPointerException.class);
    }

    @Test
    void nullValuesArrive() throws JMSException {
        Message message = session.createMessage();
        message.setStringProperty("s", null);
        message.setObjectProperty("o", null);
        Message received = exchange(message);
        assertThat(received.getStringProperty("s")).isNull();
        assertThat(received.getObjectProperty("o")).isNull();
    }

    @Test
    void otherObjectsAreRefused() throws JMSException { // §3.5.5
        Message message = session.createMessage();
        for (Object value : List.of(new Object(), 'c', new byte[1], List.of(), java.math.BigDecimal.ONE)) {
            assertThatThrownBy(() -> message.setObjectProperty("p", value)).isInstanceOf(MessageFormatException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE", "not", "Like",
                "a-b", "1a", "a b", "a.b"
            })
    void namesThatAreNoIdentifiersAreRefused(String name) throws JMSException { // §3.5.1, §3.8.1.1
        Message message = session.createMessage();
        assertThatThrownBy(() -> message.setStringProperty(name, "v"))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(JMSException.class),
                        e -> assertThat(e).isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void anEmptyOrNullNameIsRefused() throws JMSException {
        Message message = session.createMessage();
        assertThatThrownBy(() -> message.setStringProperty("", "v")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message.setStringProperty(null, "v")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message.setObjectProperty("", "v")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message.setIntProperty("", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"_a", "$a", "a1", "a_b$c", "\u00fcml\u00e4ut", "Like1", "nulls"})
    void identifiersAreNames(String name) throws JMSException {
        Message message = session.createMessage();
        message.setIntProperty(name, 1);
        assertThat(exchange(message).getIntProperty(name)).isOne();
    }

    @Test
    void namesOfReceivedPropertiesAreListed() throws JMSException { // §3.5.6
        Message message = session.createMessage();
        message.setIntProperty("a", 1);
        message.setStringProperty("b", "2");
        List<?> names =
                Collections.list((java.util.Enumeration<?>) exchange(message).getPropertyNames());
        assertThat(names.stream()
                        .map(String::valueOf)
                        .filter(name -> !name.startsWith("JMSX") && !name.startsWith("JMS_")))
                .containsExactlyInAnyOrder("a", "b");
        assertThat(names.stream().map(String::valueOf))
                .noneMatch(Set.of("JMSPriority", "JMSMessageID", "JMSType")::contains);
    }

    @Test
    void receivedPropertiesAreReadOnlyUntilCleared() throws JMSException { // §3.5.9
        Message message = session.createTextMessage("body");
        message.setIntProperty("p", 1);
        Message received = exchange(message);
        assertThatThrownBy(() -> received.setBooleanProperty("q", true))
                .isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setByteProperty("q", (byte) 1))
                .isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setShortProperty("q", (short) 1))
                .isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setIntProperty("q", 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setLongProperty("q", 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setFloatProperty("q", 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setDoubleProperty("q", 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setStringProperty("q", "1")).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setObjectProperty("q", 1)).isInstanceOf(MessageNotWriteableException.class);
        received.clearProperties();
        assertThat(received.propertyExists("p")).isFalse();
        received.setIntProperty("q", 2);
        assertThat(received.getIntProperty("q")).isEqualTo(2);
        assertThat(text(received)).isEqualTo("body");
    }

    @Test
    void theDeliveryCountOfAFirstDeliveryIsOne() throws JMSException { // §3.5.11
        assertThat(exchange(session.createMessage()).getIntProperty("JMSXDeliveryCount"))
                .isOne();
    }

    @Test
    void groupPropertiesArriveAsSet() throws JMSException { // §3.5.10
        Message message = session.createMessage();
        message.setStringProperty("JMSXGroupID", "group");
        message.setIntProperty("JMSXGroupSeq", 3);
        Message received = exchange(message);
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("group");
        assertThat(received.getIntProperty("JMSXGroupSeq")).isEqualTo(3);
    }

    @Test
    void manyPropertiesArrive() throws JMSException {
        Message message = session.createMessage();
        for (int i = 0; i < 300; i++) {
            message.setLongProperty("p" + i, i);
        }
        Message received = exchange(message);
        for (int i = 0; i < 300; i++) {
            assertThat(received.getLongProperty("p" + i)).isEqualTo(i);
        }
    }
}
