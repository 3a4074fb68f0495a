package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.message.ConversionTable.Target;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SqlmqMapMessageTest {
    private final SqlmqMapMessage message = new MessageFactory(TrustedClasses.defaults()).createMapMessage();

    /** §3.11.3, Table 3-7 */
    @ParameterizedTest
    @MethodSource("io.sqlmq.message.ConversionTable#fields")
    void aFieldIsReadAsTheTypesOfTheTableAndNoOthers(Object value, Target target) throws JMSException {
        message.setObject("f", value);

        ConversionTable.check(value, target, () -> read("f", target));
    }

    /** §3.11.3 */
    @ParameterizedTest
    @EnumSource
    void aMissingFieldIsReadAsNull(Target target) throws JMSException {
        message.setString("null", null);

        ConversionTable.checkNull(target, () -> read("missing", target));
        ConversionTable.checkNull(target, () -> read("null", target));
        assertThat(message.itemExists("null")).isTrue();
        assertThat(message.itemExists("missing")).isFalse();
        assertThat(message.getObject("missing")).isNull();
    }

    /** §3.11.3 */
    @ParameterizedTest
    @EnumSource
    void aStringThatIsNoNumberIsNone(Target target) throws JMSException {
        message.setString("f", "no number");

        ConversionTable.checkNoNumber(target, () -> read("f", target));
    }

    @Test
    void everySetterKeepsItsType() throws JMSException {
        message.setBoolean("boolean", true);
        message.setByte("byte", (byte) 1);
        message.setShort("short", (short) 2);
        message.setChar("char", 'c');
        message.setInt("int", 3);
        message.setLong("long", 4);
        message.setFloat("float", 5);
        message.setDouble("double", 6);
        message.setString("string", "s");
        message.setBytes("bytes", new byte[] {1, 2, 3});
        message.setBytes("part", new byte[] {1, 2, 3}, 1, 2);

        Map<String, Object> expected = new HashMap<>(Map.of(
                "boolean",
                true,
                "byte",
                (byte) 1,
                "short",
                (short) 2,
                "char",
                'c',
                "int",
                3,
                "long",
                4L,
                "float",
                5f,
                "double",
                6.0,
                "string",
                "s",
                "bytes",
                new byte[] {1, 2, 3}));
        expected.put("part", new byte[] {2, 3});
        assertThat(Collections.list(message.getMapNames()))
                .containsExactly(
                        "boolean", "byte", "short", "char", "int", "long", "float", "double", "string", "bytes",
                        "part");
        for (Map.Entry<String, Object> entry : expected.entrySet()) {
            assertThat(message.getObject(entry.getKey())).isEqualTo(entry.getValue());
        }
    }

    @Test
    void namesAreNeitherNullNorEmpty() {
        assertThatIllegalArgumentException().isThrownBy(() -> message.setInt(null, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> message.setBytes("", new byte[1]));
    }

    @Test
    void otherClassesAreRefused() {
        for (Object value : List.of(List.of(), new Object(), new int[0])) {
            assertThatThrownBy(() -> message.setObject("f", value)).isInstanceOf(MessageFormatException.class);
        }
        assertThatThrownBy(() -> message.setBytes("f", new byte[3], 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** §3.12 */
    @Test
    void bytesAreCopiedInAndOut() throws JMSException {
        byte[] bytes = {1, 2};
        message.setObject("f", bytes);
        bytes[0] = 9;

        byte[] read = message.getBytes("f");
        assertThat(read).containsExactly(1, 2);
        read[0] = 9;
        ((byte[]) message.getObject("f"))[0] = 9;
        ((byte[]) message.getBody(Map.class).get("f"))[0] = 9;
        assertThat(message.getBytes("f")).containsExactly(1, 2);
    }

    /** §3.11.2 */
    @Test
    void theBodyOfAReceivedMessageIsReadOnlyUntilItIsCleared() throws JMSException {
        message.setInt("a", 1);
        message.markReceived();

        assertThatThrownBy(() -> message.setInt("a", 2)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(message.getInt("a")).isEqualTo(1);
        message.clearBody();
        assertThat(message.itemExists("a")).isFalse();
        message.setInt("b", 2);
        assertThat(message.getInt("b")).isEqualTo(2);
    }

    @Test
    void textsNameTheFieldAndCountEntries() throws JMSException {
        assertThatThrownBy(() -> message.getInt("missing")).hasMessageContaining("missing");
        assertThatThrownBy(() -> message.getInt(null)).hasMessageContaining("null");
        message.setInt("a", 1);
        assertThat(message.toString()).contains("body=1 entries");
    }

    @Test
    void theBodyIsAMapUnlessItIsEmpty() throws JMSException {
        assertThat(message.isBodyAssignableTo(Integer.class)).isTrue();
        assertThat(message.getBody(Integer.class)).isNull();

        message.setInt("a", 1);
        assertThat((Object) message.getBody(Map.class)).isEqualTo(Map.of("a", 1));
        assertThat(message.getBody(Object.class)).isEqualTo(Map.of("a", 1));
        assertThat(message.isBodyAssignableTo(Map.class)).isTrue();
        assertThat(message.isBodyAssignableTo(HashMap.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(HashMap.class)).isInstanceOf(MessageFormatException.class);
    }

    private @Nullable Object read(String name, Target target) throws JMSException {
        return switch (target) {
            case BOOLEAN -> message.getBoolean(name);
            case BYTE -> message.getByte(name);
            case SHORT -> message.getShort(name);
            case CHAR -> message.getChar(name);
            case INT -> message.getInt(name);
            case LONG -> message.getLong(name);
            case FLOAT -> message.getFloat(name);
            case DOUBLE -> message.getDouble(name);
            case STRING -> message.getString(name);
            case BYTES -> message.getBytes(name);
        };
    }
}
