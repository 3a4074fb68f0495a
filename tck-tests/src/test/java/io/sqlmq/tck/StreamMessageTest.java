package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.StreamMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** StreamMessage through the provider: §3.11. */
class StreamMessageTest extends ConformanceTest {

    private StreamMessage exchanged(Object... items) throws JMSException {
        StreamMessage message = session.createStreamMessage();
        for (Object item : items) {
            message.writeObject(item);
        }
        return (StreamMessage) exchange(message);
    }

    @Test
    void eachTypeArrives() throws JMSException {
        StreamMessage message = session.createStreamMessage();
        message.writeBoolean(true);
        message.writeByte(Byte.MIN_VALUE);
        message.writeShort(Short.MAX_VALUE);
        message.writeChar('\u20ac');
        message.writeInt(Integer.MIN_VALUE);
        message.writeLong(Long.MAX_VALUE);
        message.writeFloat(Float.POSITIVE_INFINITY);
        message.writeDouble(-0.0);
        message.writeString("a\u0000\ud800");
        message.writeBytes(new byte[] {1, 2, 3}, 1, 2);
        message.writeObject(7L);
        StreamMessage received = (StreamMessage) exchange(message);
        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readByte()).isEqualTo(Byte.MIN_VALUE);
        assertThat(received.readShort()).isEqualTo(Short.MAX_VALUE);
        assertThat(received.readChar()).isEqualTo('\u20ac');
        assertThat(received.readInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(received.readLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(received.readFloat()).isInfinite();
        assertThat(received.readDouble()).isEqualTo(-0.0);
        assertThat(received.readString()).isEqualTo("a\u0000\ud800");
        byte[] bytes = new byte[2];
        assertThat(received.readBytes(bytes)).isEqualTo(2);
        assertThat(received.readBytes(bytes)).isEqualTo(-1);
        assertThat(bytes).containsExactly(2, 3);
        assertThat(received.readObject()).isEqualTo(7L);
        assertThatThrownBy(received::readObject).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void objectsArriveWithTheirTypes() throws JMSException {
        Object[] items = {true, (byte) 1, (short) 2, 'c', 3, 4L, 5f, 6d, "7"};
        StreamMessage received = exchanged(items);
        for (Object item : items) {
            assertThat(received.readObject()).isEqualTo(item);
        }
    }

    @Test
    void nullArrives() throws JMSException {
        StreamMessage received = exchanged(null, "a");
        assertThat(received.readObject()).isNull();
        assertThat(received.readString()).isEqualTo("a");
    }

    @Test
    void aFailedConversionDoesNotAdvance() throws JMSException { // §3.11.3
        StreamMessage received = exchanged("word", 1_000L);
        assertThatThrownBy(received::readInt).isInstanceOf(NumberFormatException.class);
        assertThat(received.readString()).isEqualTo("word");
        assertThatThrownBy(received::readInt).isInstanceOf(MessageFormatException.class);
        assertThat(received.readLong()).isEqualTo(1_000);
    }

    @Test
    void valuesConvertByTheTable() throws JMSException { // §3.11.3
        StreamMessage received = exchanged((byte) 1, (short) 2, 'c', 0.5f, "12", true);
        assertThat(received.readLong()).isEqualTo(1);
        assertThat(received.readInt()).isEqualTo(2);
        assertThat(received.readString()).isEqualTo("c");
        assertThat(received.readDouble()).isEqualTo(0.5);
        assertThat(received.readByte()).isEqualTo((byte) 12);
        assertThat(received.readString()).isEqualTo("true");
    }

    @Test
    void bytesMayBeReadInPieces() throws JMSException {
        StreamMessage received = exchanged(new byte[] {1, 2, 3}, "next");
        byte[] piece = new byte[2];
        assertThat(received.readBytes(piece)).isEqualTo(2);
        assertThat(piece).containsExactly(1, 2);
        assertThatThrownBy(received::readString)
                .as("other reads before the byte field is read to its end")
                .isInstanceOf(MessageFormatException.class);
        assertThat(received.readBytes(piece)).isOne();
        assertThat(piece[0]).isEqualTo((byte) 3);
        assertThat(received.readString()).isEqualTo("next");
    }

    @Test
    void anEmptyByteFieldIsNotNull() throws JMSException {
        StreamMessage received = exchanged(new byte[0], "next");
        assertThat(received.readObject()).isEqualTo(new byte[0]);
        assertThat(received.readString()).isEqualTo("next");
    }

    @Test
    void resetReadsFromTheBeginning() throws JMSException {
        StreamMessage received = exchanged("a", "b");
        assertThat(received.readString()).isEqualTo("a");
        received.reset();
        assertThat(received.readString()).isEqualTo("a");
        assertThat(received.readString()).isEqualTo("b");
    }

    @Test
    void aReceivedBodyIsReadOnlyUntilCleared() throws JMSException { // §3.11.2
        StreamMessage received = exchanged("a");
        assertThatThrownBy(() -> received.writeInt(1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.writeObject(1)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThatThrownBy(received::readString).isInstanceOf(MessageNotReadableException.class);
        received.writeInt(1);
        received.reset();
        assertThat(received.readInt()).isOne();
    }

    @Test
    void theBodyCannotBeHadAsAWhole() throws JMSException {
        StreamMessage received = exchanged("a");
        assertThat(received.isBodyAssignableTo(Object.class)).isFalse();
        assertThatThrownBy(() -> received.getBody(Object.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void otherObjectsAreRefused() throws JMSException {
        StreamMessage message = session.createStreamMessage();
        assertThatThrownBy(() -> message.writeObject(List.of())).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void aLargeStreamArrives() throws JMSException {
        StreamMessage message = session.createStreamMessage();
        for (int i = 0; i < 10_000; i++) {
            message.writeInt(i);
        }
        message.writeBytes(new byte[1 << 20]);
        StreamMessage received = (StreamMessage) exchange(message);
        for (int i = 0; i < 10_000; i++) {
            assertThat(received.readInt()).isEqualTo(i);
        }
        assertThat((byte[]) received.readObject()).hasSize(1 << 20);
    }
}
