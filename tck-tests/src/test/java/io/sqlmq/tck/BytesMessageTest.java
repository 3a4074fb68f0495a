package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BytesMessage through the provider: §3.11. */
class BytesMessageTest extends ConformanceTest {

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private BytesMessage exchanged(byte[] body) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        return (BytesMessage) exchange(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 65_536, 1 << 20})
    void bytesArriveAsSent(int length) throws JMSException {
        byte[] body = random(length);
        BytesMessage received = exchanged(body);
        assertThat(received.getBodyLength()).isEqualTo(length);
        byte[] read = new byte[length];
        if (length > 0) {
            assertThat(received.readBytes(read)).isEqualTo(length);
        }
        assertThat(read).isEqualTo(body);
        assertThat(received.readBytes(new byte[1])).isEqualTo(-1);
    }

    @Test
    void eachTypeArrives() throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBoolean(true);
        message.writeByte((byte) -1);
        message.writeByte((byte) -1);
        message.writeShort((short) -1);
        message.writeShort((short) -1);
        message.writeChar('\u20ac');
        message.writeInt(Integer.MIN_VALUE);
        message.writeLong(Long.MAX_VALUE);
        message.writeFloat(0.1f);
        message.writeDouble(-0.0);
        message.writeUTF("a\u0000\u20ac");
        message.writeBytes(new byte[] {1, 2, 3, 4}, 1, 2);
        for (Object value : new Object[] {true, (byte) 1, (short) 2, 'c', 3, 4L, 5f, 6d, "7", new byte[] {8}}) {
            message.writeObject(value);
        }
        BytesMessage received = (BytesMessage) exchange(message);
        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readByte()).isEqualTo((byte) -1);
        assertThat(received.readUnsignedByte()).isEqualTo(255);
        assertThat(received.readShort()).isEqualTo((short) -1);
        assertThat(received.readUnsignedShort()).isEqualTo(65_535);
        assertThat(received.readChar()).isEqualTo('\u20ac');
        assertThat(received.readInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(received.readLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(received.readFloat()).isEqualTo(0.1f);
        assertThat(received.readDouble()).isEqualTo(-0.0);
        assertThat(received.readUTF()).isEqualTo("a\u0000\u20ac");
        byte[] two = new byte[2];
        assertThat(received.readBytes(two, 2)).isEqualTo(2);
        assertThat(two).containsExactly(2, 3);
        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readByte()).isEqualTo((byte) 1);
        assertThat(received.readShort()).isEqualTo((short) 2);
        assertThat(received.readChar()).isEqualTo('c');
        assertThat(received.readInt()).isEqualTo(3);
        assertThat(received.readLong()).isEqualTo(4);
        assertThat(received.readFloat()).isEqualTo(5);
        assertThat(received.readDouble()).isEqualTo(6);
        assertThat(received.readUTF()).isEqualTo("7");
        assertThat(received.readByte()).isEqualTo((byte) 8);
        assertThatThrownBy(received::readByte).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void readingBeyondTheEndIsRefused() throws JMSException {
        BytesMessage received = exchanged(new byte[] {1});
        assertThatThrownBy(received::readInt).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void resetReadsFromTheBeginning() throws JMSException {
        BytesMessage received = exchanged(new byte[] {1, 2});
        assertThat(received.readByte()).isEqualTo((byte) 1);
        received.reset();
        assertThat(received.readByte()).isEqualTo((byte) 1);
    }

    @Test
    void aReceivedBodyIsReadOnlyUntilCleared() throws JMSException { // §3.11.2
        BytesMessage received = exchanged(new byte[] {1});
        assertThatThrownBy(() -> received.writeByte((byte) 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.writeUTF("u")).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.writeObject(1)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThatThrownBy(received::readByte).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(received::getBodyLength).isInstanceOf(MessageNotReadableException.class);
        received.writeByte((byte) 2);
        received.reset();
        assertThat(received.readByte()).isEqualTo((byte) 2);
    }

    @Test
    void theBodyMayBeHadAsBytes() throws JMSException {
        BytesMessage received = exchanged(new byte[] {1, 2});
        assertThat(received.readByte()).isEqualTo((byte) 1);
        assertThat(received.isBodyAssignableTo(byte[].class)).isTrue();
        assertThat(received.isBodyAssignableTo(String.class)).isFalse();
        assertThat(received.getBody(byte[].class)).containsExactly(1, 2);
        assertThat(received.readByte()).as("getBody resets").isEqualTo((byte) 1);
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anEmptyBodyHasNoBytes() throws JMSException {
        assertThat(exchanged(new byte[0]).getBody(byte[].class)).isNullOrEmpty();
    }

    @Test
    void theBodyOfAMessageBeingWrittenIsNotReadable() throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeInt(1);
        assertThatThrownBy(message::readInt).isInstanceOf(MessageNotReadableException.class);
        assertThat(message.getBody(byte[].class)).as("getBody resets").containsExactly(0, 0, 0, 1);
    }

    @Test
    void otherObjectsAreRefused() throws JMSException {
        BytesMessage message = session.createBytesMessage();
        assertThatThrownBy(() -> message.writeObject(new Object())).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> message.writeObject(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void readBytesChecksItsArguments() throws JMSException {
        BytesMessage received = exchanged(new byte[] {1, 2});
        assertThatThrownBy(() -> received.readBytes(new byte[1], 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> received.readBytes(new byte[1], -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(received.readByte()).isEqualTo((byte) 1);
    }
}
