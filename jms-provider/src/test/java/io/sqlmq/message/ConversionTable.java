package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.Arguments;

/** The marked cases of Tables 3-2 and 3-7 of Jakarta Messaging, written down once more, by hand. */
final class ConversionTable {

    /** A type that values are read as. */
    enum Target {
        BOOLEAN,
        BYTE,
        SHORT,
        CHAR,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        STRING,
        BYTES
    }

    /** Reads the value under test as a type. */
    interface Reader {
        @Nullable
        Object read() throws JMSException;
    }

    private static final byte[] BYTES = {1, 2};

    /** Value that was set, and what it is read as, always in this order. What is missing must be refused. */
    private static final Map<Object, Map<Target, Object>> MARKED = new LinkedHashMap<>();

    static {
        MARKED.put(true, Map.of(Target.BOOLEAN, true, Target.STRING, "true"));
        MARKED.put(false, Map.of(Target.BOOLEAN, false, Target.STRING, "false"));
        MARKED.put(
                (byte) 5,
                Map.of(
                        Target.BYTE,
                        (byte) 5,
                        Target.SHORT,
                        (short) 5,
                        Target.INT,
                        5,
                        Target.LONG,
                        5L,
                        Target.STRING,
                        "5"));
        MARKED.put((short) 6, Map.of(Target.SHORT, (short) 6, Target.INT, 6, Target.LONG, 6L, Target.STRING, "6"));
        MARKED.put('c', Map.of(Target.CHAR, 'c', Target.STRING, "c"));
        MARKED.put(7, Map.of(Target.INT, 7, Target.LONG, 7L, Target.STRING, "7"));
        MARKED.put(8L, Map.of(Target.LONG, 8L, Target.STRING, "8"));
        MARKED.put(1.5f, Map.of(Target.FLOAT, 1.5f, Target.DOUBLE, 1.5, Target.STRING, "1.5"));
        MARKED.put(2.5, Map.of(Target.DOUBLE, 2.5, Target.STRING, "2.5"));
        MARKED.put(
                "9",
                Map.of(
                        Target.BOOLEAN,
                        false,
                        Target.BYTE,
                        (byte) 9,
                        Target.SHORT,
                        (short) 9,
                        Target.INT,
                        9,
                        Target.LONG,
                        9L,
                        Target.FLOAT,
                        9f,
                        Target.DOUBLE,
                        9.0,
                        Target.STRING,
                        "9"));
        MARKED.put(BYTES, Map.of(Target.BYTES, BYTES));
    }

    private ConversionTable() {}

    /** Every value with every type it may be asked for. */
    static Stream<Arguments> fields() {
        return MARKED.keySet().stream()
                .flatMap(value -> Stream.of(Target.values()).map(target -> Arguments.of(value, target)));
    }

    /** As {@link #fields} for properties, which are neither char nor byte[]. */
    static Stream<Arguments> properties() {
        List<Target> none = List.of(Target.CHAR, Target.BYTES);
        return fields().filter(row -> !(row.get()[0] instanceof Character)
                && !(row.get()[0] instanceof byte[])
                && !none.contains((Target) row.get()[1]));
    }

    /** Checks what {@code reader} makes of {@code value}. */
    static void check(Object value, Target target, Reader reader) throws JMSException {
        Object expected = MARKED.get(value).get(target);
        if (expected == null) {
            assertThatThrownBy(reader::read)
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining(value.getClass().getSimpleName());
        } else {
            assertThat(reader.read()).isEqualTo(expected);
        }
    }

    /** §3.5.4, §3.11.3: a null is read as {@code valueOf(String)} reads it. */
    static void checkNull(Target target, Reader reader) throws JMSException {
        switch (target) {
            case BOOLEAN -> assertThat(reader.read()).isEqualTo(false);
            case BYTE, SHORT, INT, LONG -> assertThatThrownBy(reader::read).isInstanceOf(NumberFormatException.class);
            case CHAR, FLOAT, DOUBLE -> assertThatThrownBy(reader::read).isInstanceOf(NullPointerException.class);
            case STRING, BYTES -> assertThat(reader.read()).isNull();
        }
    }

    /** §3.5.4, §3.11.3: a String that is no number. */
    static void checkNoNumber(Target target, Reader reader) throws JMSException {
        switch (target) {
            case BOOLEAN -> assertThat(reader.read()).isEqualTo(false);
            case BYTE, SHORT, INT, LONG, FLOAT, DOUBLE ->
                assertThatThrownBy(reader::read).isInstanceOf(NumberFormatException.class);
            case CHAR, BYTES -> assertThatThrownBy(reader::read).isInstanceOf(MessageFormatException.class);
            case STRING -> assertThat(reader.read()).isEqualTo("no number");
        }
    }
}
