package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** getBody and isBodyAssignableTo of all types, before sending and after: the javadoc of Message. */
class WholeBodyTest extends ConformanceTest {

    private static final List<Class<?>> TYPES = List.of(
            String.class,
            CharSequence.class,
            Integer.class,
            Number.class,
            byte[].class,
            int[].class,
            Map.class,
            Collection.class,
            ArrayList.class);

    /** Asserts that the body is had as these types and as Object, and as no others. */
    private static void assertHadAs(Message message, Object body, Class<?>... types) throws JMSException {
        for (Class<?> type : TYPES) {
            boolean fits = List.of(types).contains(type);
            assertThat(message.isBodyAssignableTo(type))
                    .as("%s assignable to %s", message, type)
                    .isEqualTo(fits);
            if (fits) {
                assertThat((Object) message.getBody(type))
                        .as("%s as %s", message, type)
                        .isEqualTo(body);
            } else {
                assertThatThrownBy(() -> message.getBody(type))
                        .as("%s as %s", message, type)
                        .isInstanceOf(MessageFormatException.class);
            }
        }
        assertThat(message.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(message.getBody(Object.class)).isEqualTo(body);
    }

    /** Asserts that there is no body, which is null as anything. */
    private static void assertHasNone(Message message) throws JMSException {
        for (Class<?> type : TYPES) {
            assertThat(message.isBodyAssignableTo(type))
                    .as("%s assignable to %s", message, type)
                    .isTrue();
            assertThat((Object) message.getBody(type))
                    .as("%s as %s", message, type)
                    .isNull();
        }
    }

    @Test
    void textsAreHadAsStrings() throws JMSException {
        Message message = session.createTextMessage("text");
        assertHadAs(message, "text", String.class, CharSequence.class);
        assertHadAs(exchange(message), "text", String.class, CharSequence.class);
    }

    @Test
    void objectsAreHadAsWhatTheyAre() throws JMSException {
        Message number = session.createObjectMessage(7);
        assertHadAs(number, 7, Integer.class, Number.class);
        assertHadAs(exchange(number), 7, Integer.class, Number.class);
        ArrayList<String> list = new ArrayList<>(List.of("a"));
        assertHadAs(exchange(session.createObjectMessage(list)), list, ArrayList.class, Collection.class);
    }

    @Test
    void mapsAreHadAsMaps() throws JMSException {
        MapMessage message = session.createMapMessage();
        message.setInt("a", 1);
        message.setString("b", null);
        Map<String, Object> body = new HashMap<>();
        body.put("a", 1);
        body.put("b", null);
        assertHadAs(message, body, Map.class);
        assertHadAs(exchange(message), body, Map.class);
    }

    @Test
    void bytesAreHadAsArrays() throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[] {1, 2});
        assertHadAs(exchange(message), new byte[] {1, 2}, byte[].class);
        assertHadAs(message, new byte[] {1, 2}, byte[].class);
    }

    @Test
    void streamsAreNotHadAsAWhole() throws JMSException {
        StreamMessage message = session.createStreamMessage();
        message.writeInt(1);
        for (Message each : List.of(message, exchange(message))) {
            for (Class<?> type : List.of(Object.class, Integer.class, byte[].class, Serializable.class)) {
                assertThat(each.isBodyAssignableTo(type)).isFalse();
                assertThatThrownBy(() -> each.getBody(type)).isInstanceOf(MessageFormatException.class);
            }
        }
    }

    @Test
    void messagesWithoutBodyHaveNoneOfAnyType() throws JMSException {
        for (Message message :
                List.of(session.createMessage(), session.createTextMessage(), session.createObjectMessage())) {
            assertHasNone(message);
        }
        assertHasNone(exchange(session.createTextMessage()));
        assertHasNone(exchange(session.createObjectMessage()));
    }

    @Test
    void clearedMessagesHaveNone() throws JMSException { // §3.11.1
        Message text = exchange(session.createTextMessage("text"));
        text.clearBody();
        assertHasNone(text);
        Message object = exchange(session.createObjectMessage(7));
        object.clearBody();
        assertHasNone(object);
    }

    @Test
    void aBodyThatWasHadIsACopy() throws JMSException { // javadoc of getBody: of maps and bytes a copy
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeByte((byte) 1);
        Message received = exchange(bytes);
        received.getBody(byte[].class)[0] = 2;
        assertThat(received.getBody(byte[].class)).containsExactly(1);
        Message object = exchange(session.createObjectMessage(new ArrayList<>(List.of("a"))));
        ((List<?>) object.getBody(Serializable.class)).clear();
        assertThat(object.getBody(Serializable.class)).isEqualTo(List.of("a"));
    }

    @Test
    void gettingTheBodyOfBytesEndsTheWritingAndRewinds() throws JMSException { // javadoc of getBody
        BytesMessage message = session.createBytesMessage();
        message.writeByte((byte) 1);
        assertThat(message.getBody(byte[].class)).containsExactly(1);
        assertThatThrownBy(() -> message.writeByte((byte) 2))
                .isInstanceOf(jakarta.jms.MessageNotWriteableException.class);
        assertThat(message.readByte()).isEqualTo((byte) 1);
        assertThat(message.getBody(byte[].class)).containsExactly(1);
        assertThat(message.readByte()).as("from the front again").isEqualTo((byte) 1);
    }
}
