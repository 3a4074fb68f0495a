package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SqlmqBytesMessageTest {
    private final SqlmqBytesMessage message = new MessageFactory(TrustedClasses.defaults()).createBytesMessage();

    @Test
    void whatIsWrittenIsRead() throws JMSException {
        message.writeBoolean(true);
        message.writeBoolean(false);
        message.writeByte((byte) -1);
        message.writeByte((byte) -1);
        message.writeShort((short) -2);
        message.writeShort((short) -2);
        message.writeChar('\uD800');
        message.writeInt(Integer.MIN_VALUE);
        message.writeLong(Long.MIN_VALUE);
        message.writeFloat(Float.MIN_VALUE);
        message.writeDouble(-0.0);
        message.writeUTF("a\0\u00E4\uD800");
        message.writeBytes(new byte[] {1, 2, 3, 4}, 1, 2);
        message.reset();

        assertThat(message.toString()).contains("body=46 bytes");
        assertThat(message.readBoolean()).isTrue();
        assertThat(message.readBoolean()).isFalse();
        assertThat(message.readByte()).isEqualTo((byte) -1);
        assertThat(message.readUnsignedByte()).isEqualTo(255);
        assertThat(message.readShort()).isEqualTo((short) -2);
        assertThat(message.readUnsignedShort()).isEqualTo(65534);
        assertThat(message.readChar()).isEqualTo('\uD800');
        assertThat(message.readInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(message.readLong()).isEqualTo(Long.MIN_VALUE);
        assertThat(message.readFloat()).isEqualTo(Float.MIN_VALUE);
        assertThat(message.readDouble()).isEqualTo(-0.0);
        assertThat(message.readUTF()).isEqualTo("a\0\u00E4\uD800");
        byte[] rest = new byte[9];
        assertThat(message.readBytes(rest)).isEqualTo(2);
        assertThat(rest).startsWith(2, 3);
        assertThat(message.readBytes(rest)).isEqualTo(-1);
    }

    @Test
    void objectsAreWrittenAsTheirPrimitives() throws JMSException {
        for (Object value : List.of(true, (byte) 1, (short) 2, 'c', 3, 4L, 5f, 6.0, "text", new byte[] {7, 8})) {
            message.writeObject(value);
        }
        message.reset();

        assertThat(message.readBoolean()).isTrue();
        assertThat(message.readByte()).isEqualTo((byte) 1);
        assertThat(message.readShort()).isEqualTo((short) 2);
        assertThat(message.readChar()).isEqualTo('c');
        assertThat(message.readInt()).isEqualTo(3);
        assertThat(message.readLong()).isEqualTo(4);
        assertThat(message.readFloat()).isEqualTo(5);
        assertThat(message.readDouble()).isEqualTo(6);
        assertThat(message.readUTF()).isEqualTo("text");
        assertThat(message.readByte()).isEqualTo((byte) 7);
        assertThatThrownBy(() -> new MessageFactory(TrustedClasses.defaults())
                        .createBytesMessage()
                        .writeObject(List.of()))
                .isInstanceOf(MessageFormatException.class);
    }

    /** §3.12 */
    @Test
    void nullCannotBeWritten() {
        assertThatNullPointerException().isThrownBy(() -> message.writeObject(null));
        assertThatNullPointerException().isThrownBy(() -> message.writeBytes(null));
        assertThatNullPointerException().isThrownBy(() -> message.writeUTF(null));
    }

    @Test
    void aTextTooLongForUtfIsRefusedAndLeavesNothing() throws JMSException {
        assertThatThrownBy(() -> message.writeUTF("x".repeat(65_536))).isInstanceOf(MessageFormatException.class);
        message.reset();

        assertThat(message.getBodyLength()).isZero();
    }

    /** §3.11.3 */
    @Test
    void aReadBeyondTheEndDoesNotMoveThePosition() throws JMSException {
        message.writeBytes(new byte[] {1, 2, 3});
        message.reset();

        List<ThrowingCallable> tooLong =
                List.of(message::readInt, message::readLong, message::readFloat, message::readDouble, message::readUTF);
        for (ThrowingCallable read : tooLong) {
            assertThatThrownBy(read).isInstanceOf(MessageEOFException.class);
        }
        assertThat(message.readShort()).isEqualTo((short) 0x102);
        assertThat(message.readUnsignedByte()).isEqualTo(3);
        for (ThrowingCallable read : List.<ThrowingCallable>of(
                message::readBoolean,
                message::readByte,
                message::readUnsignedByte,
                message::readChar,
                message::readUnsignedShort)) {
            assertThatThrownBy(read).isInstanceOf(MessageEOFException.class);
        }
    }

    /** §3.11.3 */
    @Test
    void bytesThatAreNoUtfCanBeReadOtherwise() throws JMSException {
        message.writeBytes(new byte[] {0, 2, (byte) 0xFF, (byte) 0xFF});
        message.reset();

        assertThatThrownBy(message::readUTF).isInstanceOf(MessageFormatException.class);
        assertThat(message.readInt()).isEqualTo(0x2FFFF);
    }

    @Test
    void bytesAreReadUpToALength() throws JMSException {
        message.writeBytes(new byte[] {1, 2, 3});
        message.reset();
        byte[] buffer = new byte[3];

        assertThatThrownBy(() -> message.readBytes(buffer, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> message.readBytes(buffer, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(message.readBytes(buffer, 2)).isEqualTo(2);
        assertThat(buffer).containsExactly(1, 2, 0);
        assertThat(message.readBytes(buffer, 2)).isEqualTo(1);
        assertThat(message.readBytes(buffer, 2)).isEqualTo(-1);
    }

    @Test
    void bytesAreEitherWrittenOrRead() throws JMSException {
        message.writeInt(1);
        assertThatThrownBy(message::readInt).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(() -> message.readBytes(new byte[1])).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(message::getBodyLength).isInstanceOf(MessageNotReadableException.class);

        message.markReceived();
        assertThatThrownBy(() -> message.writeInt(2)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> message.writeObject(2)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(message.getBodyLength()).isEqualTo(4);
        assertThat(message.readInt()).isEqualTo(1);
        message.reset();
        assertThat(message.readInt()).isEqualTo(1);

        message.clearBody();
        assertThatThrownBy(message::getBodyLength).isInstanceOf(MessageNotReadableException.class);
        message.writeByte((byte) 2);
        message.reset();
        assertThat(message.getBodyLength()).isEqualTo(1);
    }

    @Test
    void theBodyIsACopyOfTheBytesUnlessThereAreNone() throws JMSException {
        assertThat(message.isBodyAssignableTo(String.class)).isTrue();
        assertThat(message.getBody(String.class)).isNull();

        message.clearBody();
        message.writeInt(1);
        assertThat(message.isBodyAssignableTo(byte[].class)).isTrue();
        assertThat(message.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(message.isBodyAssignableTo(String.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(String.class)).isInstanceOf(MessageFormatException.class);
        message.writeInt(2);

        byte[] body = message.getBody(byte[].class);
        assertThat(body).containsExactly(0, 0, 0, 1, 0, 0, 0, 2);
        body[3] = 9;
        assertThat(message.readInt()).as("reset before and after").isEqualTo(1);
        assertThat((byte[]) message.getBody(Object.class)).hasSize(8);
        assertThat(message.readInt()).isEqualTo(1);
    }
}
