package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.message.ConversionTable.Target;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SqlmqStreamMessageTest {
    private final SqlmqStreamMessage message = new MessageFactory(TrustedClasses.defaults()).createStreamMessage();

    /** §3.11.3, Table 3-7; whatever failed, the field can be read as what it is. */
    @ParameterizedTest
    @MethodSource("io.sqlmq.message.ConversionTable#fields")
    void aFieldIsReadAsTheTypesOfTheTableAndNoOthers(Object value, Target target) throws JMSException {
        message.writeObject(value);
        message.reset();

        ConversionTable.check(value, target, () -> read(target));

        message.reset();
        assertThat(message.readObject()).isEqualTo(value);
    }

    /** §3.11.3 */
    @ParameterizedTest
    @EnumSource
    void aReadThatFailsDoesNotMoveThePosition(Target target) throws JMSException {
        message.writeObject(value(target));
        message.writeString("next");
        message.reset();

        for (Target wrong : Target.values()) {
            try {
                read(wrong);
                message.reset();
            } catch (MessageFormatException | NumberFormatException refused) {
                assertThat(message.readObject()).as("after %s", refused).isEqualTo(value(target));
                assertThat(message.readString()).isEqualTo("next");
                message.reset();
            }
        }
    }

    /** §3.11.3 */
    @ParameterizedTest
    @EnumSource(names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
    void nullIsReadAsTheTypesReadIt(Target target) throws JMSException {
        message.writeObject(null);
        message.reset();

        ConversionTable.checkNull(target, () -> read(target));
    }

    /** §3.11.3 */
    @ParameterizedTest
    @EnumSource
    void aStringThatIsNoNumberIsNone(Target target) throws JMSException {
        message.writeString("no number");
        message.reset();

        ConversionTable.checkNoNumber(target, () -> read(target));
    }

    @Test
    void everyWriterKeepsItsType() throws JMSException {
        message.writeBoolean(true);
        message.writeByte((byte) 1);
        message.writeShort((short) 2);
        message.writeChar('c');
        message.writeInt(3);
        message.writeLong(4);
        message.writeFloat(5);
        message.writeDouble(6);
        message.writeString("s");
        message.writeBytes(new byte[] {1, 2});
        message.writeBytes(new byte[] {1, 2, 3}, 1, 2);
        message.reset();

        for (Object expected :
                List.of(true, (byte) 1, (short) 2, 'c', 3, 4L, 5f, 6.0, "s", new byte[] {1, 2}, new byte[] {2, 3})) {
            assertThat(message.readObject()).isEqualTo(expected);
        }
        assertThatThrownBy(message::readObject).isInstanceOf(MessageEOFException.class);
        assertThatThrownBy(() -> message.readBytes(new byte[1])).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void bytesAreReadInPartsUntilAPartIsShort() throws JMSException {
        message.writeBytes(new byte[] {1, 2, 3, 4, 5});
        message.writeInt(7);
        message.reset();
        byte[] buffer = new byte[2];

        assertThat(message.readBytes(buffer)).isEqualTo(2);
        assertThat(buffer).containsExactly(1, 2);
        assertThatThrownBy(message::readInt).as("the field is not over").isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(message::readObject).isInstanceOf(MessageFormatException.class);
        assertThat(message.readBytes(buffer)).isEqualTo(2);
        assertThat(message.readBytes(buffer)).isEqualTo(1);
        assertThat(buffer[0]).isEqualTo((byte) 5);
        assertThat(message.readInt()).isEqualTo(7);
    }

    @Test
    void bytesThatFillTheBufferExactlyEndWithMinusOne() throws JMSException {
        message.writeBytes(new byte[] {1, 2});
        message.writeInt(7);
        message.reset();
        byte[] buffer = new byte[2];

        assertThat(message.readBytes(buffer)).isEqualTo(2);
        assertThatThrownBy(message::readInt).isInstanceOf(MessageFormatException.class);
        assertThat(message.readBytes(buffer)).isEqualTo(-1);
        assertThat(message.readInt()).isEqualTo(7);
    }

    @Test
    void emptyBytesAreZeroAndNullBytesAreMinusOne() throws JMSException {
        message.writeBytes(new byte[0]);
        message.writeBytes(null);
        message.writeInt(7);
        message.reset();

        assertThat(message.readBytes(new byte[4])).isZero();
        assertThat(message.readBytes(new byte[4])).isEqualTo(-1);
        assertThatThrownBy(() -> message.readBytes(new byte[4])).isInstanceOf(MessageFormatException.class);
        assertThat(message.readInt()).isEqualTo(7);
    }

    @Test
    void resetForgetsABegunField() throws JMSException {
        message.writeBytes(new byte[] {1, 2, 3});
        message.reset();
        message.readBytes(new byte[1]);
        message.reset();

        assertThat((byte[]) message.readObject()).containsExactly(1, 2, 3);
    }

    @Test
    void otherClassesAreRefused() {
        assertThatThrownBy(() -> message.writeObject(List.of())).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> message.writeBytes(new byte[2], 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** §3.12 */
    @Test
    void bytesAreCopiedInAndOut() throws JMSException {
        byte[] bytes = {1, 2};
        message.writeBytes(bytes);
        bytes[0] = 9;
        message.reset();
        ((byte[]) message.readObject())[0] = 9;
        message.reset();

        assertThat((byte[]) message.readObject()).containsExactly(1, 2);
    }

    @Test
    void aStreamIsEitherWrittenOrRead() throws JMSException {
        message.writeInt(1);
        for (Target target : Target.values()) {
            assertThatThrownBy(() -> read(target)).isInstanceOf(MessageNotReadableException.class);
        }
        message.markReceived();
        assertThatThrownBy(() -> message.writeInt(2)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(message.readInt()).isEqualTo(1);
        message.clearBody();
        assertThatThrownBy(message::readInt).isInstanceOf(MessageNotReadableException.class);
        message.writeInt(3);
        message.reset();
        assertThat(message.readInt()).isEqualTo(3);
    }

    @Test
    void theBodyCannotBeHadAsAWhole() throws JMSException {
        assertThat(message.isBodyAssignableTo(Object.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(Object.class)).isInstanceOf(MessageFormatException.class);
    }

    private static Object value(Target type) {
        return switch (type) {
            case BOOLEAN -> true;
            case BYTE -> (byte) 1;
            case SHORT -> (short) 2;
            case CHAR -> 'c';
            case INT -> 3;
            case LONG -> 4L;
            case FLOAT -> 5f;
            case DOUBLE -> 6.0;
            case STRING -> "no number";
            case BYTES -> new byte[] {1, 2};
        };
    }

    private @Nullable Object read(Target target) throws JMSException {
        return switch (target) {
            case BOOLEAN -> message.readBoolean();
            case BYTE -> message.readByte();
            case SHORT -> message.readShort();
            case CHAR -> message.readChar();
            case INT -> message.readInt();
            case LONG -> message.readLong();
            case FLOAT -> message.readFloat();
            case DOUBLE -> message.readDouble();
            case STRING -> message.readString();
            case BYTES -> {
                byte[] buffer = new byte[2];
                assertThat(message.readBytes(buffer)).isEqualTo(2);
                assertThat(message.readBytes(new byte[1])).isEqualTo(-1);
                yield buffer;
            }
        };
    }
}
