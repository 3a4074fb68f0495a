package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.testing.Async;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole conversion table of map items and stream fields, and what null and texts are read as: §3.11.3. */
class BodyConversionsTest extends ConformanceTest {

    /** The types of the table's columns, and of its rows. */
    enum Type {
        BOOLEAN,
        BYTE,
        SHORT,
        CHAR,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        STRING,
        BYTES;

        /** A value that no narrower type has. */
        Object sample() {
            return switch (this) {
                case BOOLEAN -> true;
                case BYTE -> (byte) 5;
                case SHORT -> (short) 600;
                case CHAR -> 'c';
                case INT -> 70_000;
                case LONG -> 1L << 40;
                case FLOAT -> 1.5f;
                case DOUBLE -> 2.5;
                case STRING -> "text";
                case BYTES -> new byte[] {1, 2};
            };
        }

        @Nullable
        Object from(StreamMessage message) throws JMSException {
            return switch (this) {
                case BOOLEAN -> message.readBoolean();
                case BYTE -> message.readByte();
                case SHORT -> message.readShort();
                case CHAR -> message.readChar();
                case INT -> message.readInt();
                case LONG -> message.readLong();
                case FLOAT -> message.readFloat();
                case DOUBLE -> message.readDouble();
                case STRING -> message.readString();
                case BYTES -> allBytes(message);
            };
        }

        @Nullable
        Object from(MapMessage message) throws JMSException {
            return switch (this) {
                case BOOLEAN -> message.getBoolean("f");
                case BYTE -> message.getByte("f");
                case SHORT -> message.getShort("f");
                case CHAR -> message.getChar("f");
                case INT -> message.getInt("f");
                case LONG -> message.getLong("f");
                case FLOAT -> message.getFloat("f");
                case DOUBLE -> message.getDouble("f");
                case STRING -> message.getString("f");
                case BYTES -> message.getBytes("f");
            };
        }

        /** What a value of this type may be read as (Table 3-7); of strings see below. */
        Set<Type> readableAs() {
            return switch (this) {
                case BOOLEAN -> EnumSet.of(BOOLEAN, STRING);
                case BYTE -> EnumSet.of(BYTE, SHORT, INT, LONG, STRING);
                case SHORT -> EnumSet.of(SHORT, INT, LONG, STRING);
                case CHAR -> EnumSet.of(CHAR, STRING);
                case INT -> EnumSet.of(INT, LONG, STRING);
                case LONG -> EnumSet.of(LONG, STRING);
                case FLOAT -> EnumSet.of(FLOAT, DOUBLE, STRING);
                case DOUBLE -> EnumSet.of(DOUBLE, STRING);
                case STRING -> EnumSet.of(BOOLEAN, BYTE, SHORT, INT, LONG, FLOAT, DOUBLE, STRING);
                case BYTES -> EnumSet.of(BYTES);
            };
        }

        boolean isNumber() {
            return NUMBERS.contains(this);
        }

        /** The sample of another type as a value of this one. */
        Object converted(Object value) {
            return switch (this) {
                case SHORT -> ((Number) value).shortValue();
                case INT -> ((Number) value).intValue();
                case LONG -> ((Number) value).longValue();
                case DOUBLE -> ((Number) value).doubleValue();
                case STRING -> value.toString();
                default -> value;
            };
        }
    }

    private static final Set<Type> NUMBERS =
            EnumSet.of(Type.BYTE, Type.SHORT, Type.INT, Type.LONG, Type.FLOAT, Type.DOUBLE);

    private static byte @Nullable [] allBytes(StreamMessage message) throws JMSException {
        byte[] buffer = new byte[100];
        int length = message.readBytes(buffer);
        return length < 0 ? null : Arrays.copyOf(buffer, length);
    }

    private StreamMessage stream(@Nullable Object field) throws JMSException {
        StreamMessage message = session.createStreamMessage();
        message.writeObject(field);
        return (StreamMessage) exchange(message);
    }

    private MapMessage map(@Nullable Object item) throws JMSException {
        MapMessage message = session.createMapMessage();
        message.setObject("f", item);
        return (MapMessage) exchange(message);
    }

    @ParameterizedTest
    @EnumSource
    void streamFieldsConvertByTheTableOnly(Type type) throws JMSException {
        StreamMessage received = stream(type.sample());
        for (Type as : Type.values()) {
            received.reset();
            assertConverts(type, as, () -> as.from(received));
        }
    }

    @ParameterizedTest
    @EnumSource
    void mapItemsConvertByTheTableOnly(Type type) throws JMSException {
        MapMessage received = map(type.sample());
        for (Type as : Type.values()) {
            assertConverts(type, as, () -> as.from(received));
        }
    }

    private static void assertConverts(Type type, Type as, Callable<?> reading) {
        String what = type + " read as " + as;
        if (!type.readableAs().contains(as)) {
            assertThatThrownBy(reading::call).as(what).isInstanceOf(MessageFormatException.class);
        } else if (type == Type.STRING && as.isNumber()) {
            assertThatThrownBy(reading::call).as(what).isInstanceOf(NumberFormatException.class);
        } else if (type == Type.STRING && as == Type.BOOLEAN) {
            assertThat((Object) Async.unchecked(reading)).as(what).isEqualTo(false);
        } else {
            assertThat((Object) Async.unchecked(reading)).as(what).isEqualTo(as.converted(type.sample()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedReadLeavesThePositionInTheStream(Type type) throws JMSException {
        StreamMessage received = stream(type.sample());
        for (Type as : Type.values()) {
            if (!type.readableAs().contains(as) || (type == Type.STRING && as.isNumber())) {
                received.reset();
                assertThatThrownBy(() -> as.from(received)).isInstanceOf(Exception.class);
                assertThat(received.readObject())
                        .as("after reading %s as %s", type, as)
                        .isEqualTo(type.sample());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "-7", "0"})
    void textsOfNumbersAreReadAsNumbers(String text) throws JMSException {
        StreamMessage stream = stream(text);
        MapMessage map = map(text);
        for (Type as : NUMBERS) {
            stream.reset();
            assertThat(((Number) as.from(stream)).intValue()).isEqualTo(Integer.parseInt(text));
            assertThat(((Number) as.from(map)).intValue()).isEqualTo(Integer.parseInt(text));
        }
    }

    @Test
    void textsOfNumbersThatAreTooLargeAreNone() throws JMSException {
        String text = "99999999999999999999";
        StreamMessage stream = stream(text);
        MapMessage map = map(text);
        for (Type as : EnumSet.of(Type.BYTE, Type.SHORT, Type.INT, Type.LONG)) {
            stream.reset();
            assertThatThrownBy(() -> as.from(stream)).isInstanceOf(NumberFormatException.class);
            assertThatThrownBy(() -> as.from(map)).isInstanceOf(NumberFormatException.class);
        }
        stream.reset();
        assertThat(stream.readDouble()).isEqualTo(1e20);
        assertThat(map.getFloat("f")).isEqualTo(1e20f);
    }

    @Test
    void onlyTheTextTrueIsTrue() throws JMSException {
        assertThat(stream("TRUE").readBoolean()).isTrue();
        assertThat(map("true").getBoolean("f")).isTrue();
        assertThat(stream("1").readBoolean()).isFalse();
        assertThat(map("yes").getBoolean("f")).isFalse();
    }

    @Test
    void nullIsReadAsTheValueOfMethodsDo() throws JMSException {
        StreamMessage stream = stream(null);
        MapMessage map = map(null);
        for (Type as : Type.values()) {
            stream.reset();
            assertReadsNull(as, () -> as.from(stream));
            assertReadsNull(as, () -> as.from(map));
        }
        stream.reset();
        assertThat(stream.readObject()).isNull();
        assertThat(map.getObject("f")).isNull();
    }

    private static void assertReadsNull(Type as, Callable<?> reading) {
        switch (as) {
            case BOOLEAN -> assertThat((Object) Async.unchecked(reading)).isEqualTo(false);
            case BYTE, SHORT, INT, LONG ->
                assertThatThrownBy(reading::call).as("null as %s", as).isInstanceOf(NumberFormatException.class);
            case CHAR, FLOAT, DOUBLE ->
                assertThatThrownBy(reading::call).as("null as %s", as).isInstanceOf(NullPointerException.class);
            case STRING, BYTES ->
                assertThat((Object) Async.unchecked(reading))
                        .as("null as %s", as)
                        .isNull();
        }
    }

    @Test
    void otherObjectsAreNoValues() throws JMSException { // javadoc of writeObject and setObject
        BytesMessage bytes = session.createBytesMessage();
        StreamMessage stream = session.createStreamMessage();
        MapMessage map = session.createMapMessage();
        for (Object value :
                List.of(new Object(), List.of(), Instant.EPOCH, BigDecimal.ONE, new int[1], new Byte[] {1}, Type.INT)) {
            assertThatThrownBy(() -> bytes.writeObject(value)).isInstanceOf(MessageFormatException.class);
            assertThatThrownBy(() -> stream.writeObject(value)).isInstanceOf(MessageFormatException.class);
            assertThatThrownBy(() -> map.setObject("f", value)).isInstanceOf(MessageFormatException.class);
        }
        assertThat(bytes.getBody(byte[].class)).as("nothing was written").isNullOrEmpty();
        assertThat(map.itemExists("f")).isFalse();
    }
}
