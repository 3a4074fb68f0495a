package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading bytes and streams from front to end and beyond it: the javadoc of BytesMessage and StreamMessage, §3.11.3. */
class BodyReadingTest extends ConformanceTest {

    private interface Reading<M> {
        Object from(M message) throws JMSException;
    }

    /** The methods that read a value of several bytes or one, and how many bytes they need. */
    private record Sized(int bytes, Reading<BytesMessage> reading) {}

    private static Map<String, Sized> sized() {
        Map<String, Sized> methods = new LinkedHashMap<>();
        methods.put("readBoolean", new Sized(1, BytesMessage::readBoolean));
        methods.put("readByte", new Sized(1, BytesMessage::readByte));
        methods.put("readUnsignedByte", new Sized(1, BytesMessage::readUnsignedByte));
        methods.put("readShort", new Sized(2, BytesMessage::readShort));
        methods.put("readUnsignedShort", new Sized(2, BytesMessage::readUnsignedShort));
        methods.put("readChar", new Sized(2, BytesMessage::readChar));
        methods.put("readInt", new Sized(4, BytesMessage::readInt));
        methods.put("readLong", new Sized(8, BytesMessage::readLong));
        methods.put("readFloat", new Sized(4, BytesMessage::readFloat));
        methods.put("readDouble", new Sized(8, BytesMessage::readDouble));
        methods.put("readUTF", new Sized(2, BytesMessage::readUTF));
        return methods;
    }

    private static Map<String, Reading<StreamMessage>> fields() {
        Map<String, Reading<StreamMessage>> methods = new LinkedHashMap<>();
        methods.put("readBoolean", StreamMessage::readBoolean);
        methods.put("readByte", StreamMessage::readByte);
        methods.put("readShort", StreamMessage::readShort);
        methods.put("readChar", StreamMessage::readChar);
        methods.put("readInt", StreamMessage::readInt);
        methods.put("readLong", StreamMessage::readLong);
        methods.put("readFloat", StreamMessage::readFloat);
        methods.put("readDouble", StreamMessage::readDouble);
        methods.put("readString", StreamMessage::readString);
        methods.put("readBytes", message -> message.readBytes(new byte[1]));
        methods.put("readObject", StreamMessage::readObject);
        return methods;
    }

    static Stream<String> bytesMethods() {
        return sized().keySet().stream();
    }

    static Stream<String> streamMethods() {
        return fields().keySet().stream();
    }

    static Stream<String> otherStreamMethods() {
        return streamMethods().filter(name -> !name.equals("readBytes"));
    }

    private BytesMessage bytes(int... values) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        for (int value : values) {
            message.writeByte((byte) value);
        }
        return (BytesMessage) exchange(message);
    }

    private StreamMessage stream(Object... values) throws JMSException {
        StreamMessage message = session.createStreamMessage();
        for (Object value : values) {
            message.writeObject(value);
        }
        return (StreamMessage) exchange(message);
    }

    @ParameterizedTest
    @MethodSource("bytesMethods")
    void noBytesAreReadBeyondTheEnd(String name) throws JMSException {
        Sized method = sized().get(name);
        for (int missing = method.bytes; missing > 0; missing--) {
            BytesMessage received = bytes(new int[method.bytes - missing]);
            assertThat(catchThrowable(() -> method.reading.from(received)))
                    .as("%s bytes are missing", missing)
                    .isInstanceOf(MessageEOFException.class);
        }
        BytesMessage enough = bytes(new int[method.bytes]);
        assertThat(method.reading.from(enough)).isNotNull();
        assertThatThrownBy(() -> method.reading.from(enough)).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void aTextThatIsCutOffIsNotRead() throws JMSException {
        BytesMessage received = bytes(0, 5, 'a', 'b');
        assertThatThrownBy(received::readUTF).isInstanceOf(MessageEOFException.class);
    }

    @ParameterizedTest
    @MethodSource("streamMethods")
    void noFieldIsReadBeyondTheEnd(String name) throws JMSException {
        Reading<StreamMessage> method = fields().get(name);
        assertThatThrownBy(() -> method.from(stream())).isInstanceOf(MessageEOFException.class);
        StreamMessage received = stream("last");
        assertThat(received.readString()).isEqualTo("last");
        assertThatThrownBy(() -> method.from(received)).isInstanceOf(MessageEOFException.class);
        assertThatThrownBy(() -> method.from(received)).as("again").isInstanceOf(MessageEOFException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void bytesAreReadInPieces(int size) throws JMSException { // javadoc of BytesMessage.readBytes(byte[])
        BytesMessage received = bytes(1, 2, 3, 4, 5, 6);
        List<Byte> read = new ArrayList<>();
        byte[] piece = new byte[size];
        for (int count = received.readBytes(piece); count != -1; count = received.readBytes(piece)) {
            assertThat(count).isEqualTo(Math.min(size, 6 - read.size()));
            for (int i = 0; i < count; i++) {
                read.add(piece[i]);
            }
        }
        assertThat(read).containsExactly((byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6);
        assertThat(received.readBytes(piece)).as("still at the end").isEqualTo(-1);
    }

    @Test
    void readBytesTakesNoMoreThanItIsAskedFor() throws JMSException { // javadoc of readBytes(byte[], int)
        BytesMessage received = bytes(1, 2, 3);
        byte[] buffer = {9, 9, 9, 9};
        assertThat(received.readBytes(buffer, 2)).isEqualTo(2);
        assertThat(buffer).containsExactly(1, 2, 9, 9);
        assertThat(received.readBytes(buffer, 2)).isOne();
        assertThat(buffer).containsExactly(3, 2, 9, 9);
        assertThat(received.readBytes(buffer, 2)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 3, Integer.MAX_VALUE})
    void aLengthThatTheBufferHasNotIsRefusedAndReadsNothing(int length) throws JMSException {
        BytesMessage received = bytes(1, 2, 3);
        assertThatThrownBy(() -> received.readBytes(new byte[2], length)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(received.readByte()).isEqualTo((byte) 1);
    }

    @Test
    void resetReadsBytesFromTheFrontAgain() throws JMSException {
        BytesMessage received = bytes(1, 2);
        received.reset();
        assertThat(received.readShort()).isEqualTo((short) 0x102);
        received.reset();
        assertThat(received.readBytes(new byte[3])).isEqualTo(2);
        received.reset();
        assertThat(received.readByte()).isEqualTo((byte) 1);
        assertThat(received.getBodyLength()).as("whatever was read").isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void aByteFieldIsReadInPieces(int size) throws JMSException { // javadoc of StreamMessage.readBytes
        StreamMessage received = stream(new byte[] {1, 2, 3, 4, 5, 6}, "next");
        List<Byte> read = new ArrayList<>();
        byte[] piece = new byte[size];
        int count;
        do {
            count = received.readBytes(piece);
            for (int i = 0; i < count; i++) {
                read.add(piece[i]);
            }
        } while (count == size);
        assertThat(count).isEqualTo(6 % size == 0 ? -1 : 6 % size);
        assertThat(read).containsExactly((byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6);
        assertThat(received.readString()).isEqualTo("next");
    }

    @ParameterizedTest
    @MethodSource("otherStreamMethods")
    void nothingElseIsReadBeforeTheEndOfAByteField(String name)
            throws JMSException { // javadoc of StreamMessage.readBytes
        Reading<StreamMessage> method = fields().get(name);
        StreamMessage received = stream(new byte[] {1, 2}, "next");
        byte[] piece = new byte[1];
        assertThat(received.readBytes(piece)).isOne();
        assertThatThrownBy(() -> method.from(received)).isInstanceOf(MessageFormatException.class);
        assertThat(received.readBytes(piece)).isOne();
        assertThat(piece).containsExactly(2);
        assertThatThrownBy(() -> method.from(received))
                .as("its end was not seen")
                .isInstanceOf(MessageFormatException.class);
        assertThat(received.readBytes(piece)).isEqualTo(-1);
        assertThat(received.readString()).isEqualTo("next");
    }

    @Test
    void resetLeavesAByteFieldThatWasBegun() throws JMSException { // javadoc of reset
        StreamMessage received = stream(new byte[] {1, 2, 3}, "next");
        assertThat(received.readBytes(new byte[2])).isEqualTo(2);
        received.reset();
        assertThat((byte[]) received.readObject()).containsExactly(1, 2, 3);
        assertThat(received.readString()).isEqualTo("next");
    }

    @Test
    void twoByteFieldsAreReadOneAfterTheOther() throws JMSException {
        StreamMessage received = stream(new byte[] {1, 2}, new byte[] {3, 4, 5});
        byte[] buffer = new byte[2];
        assertThat(received.readBytes(buffer)).isEqualTo(2);
        assertThat(received.readBytes(buffer)).isEqualTo(-1);
        assertThat(received.readBytes(buffer)).isEqualTo(2);
        assertThat(buffer).containsExactly(3, 4);
        assertThat(received.readBytes(buffer)).isOne();
        assertThat(buffer[0]).isEqualTo((byte) 5);
        assertThatThrownBy(() -> received.readBytes(buffer)).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void aNullByteFieldHasNoBytes() throws JMSException { // javadoc of StreamMessage.readBytes
        StreamMessage received = stream(null, "next");
        assertThat(received.readBytes(new byte[1])).isEqualTo(-1);
        assertThat(received.readString()).isEqualTo("next");
    }

    @Test
    void clearedBodiesBeginAnew() throws JMSException { // §3.11.1
        BytesMessage bytes = bytes(1, 2);
        assertThat(bytes.readByte()).isEqualTo((byte) 1);
        bytes.clearBody();
        bytes.writeByte((byte) 3);
        bytes.reset();
        assertThat(bytes.getBodyLength()).isOne();
        assertThat(bytes.readByte()).isEqualTo((byte) 3);
        StreamMessage stream = stream("a", "b");
        assertThat(stream.readString()).isEqualTo("a");
        stream.clearBody();
        stream.writeString("c");
        stream.reset();
        assertThat(stream.readString()).isEqualTo("c");
        assertThatThrownBy(stream::readString).isInstanceOf(MessageEOFException.class);
    }
}
