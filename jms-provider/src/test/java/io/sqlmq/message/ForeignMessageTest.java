package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Messages of other providers (§3.12): proxies of the interfaces, in front of messages that nobody can recognise. */
class ForeignMessageTest {
    private static final Queue REPLIES = () -> "replies";

    private final MessageFactory factory = new MessageFactory(TrustedClasses.defaults());

    /** A kind of message that Jakarta Messaging does not know. */
    private interface Hologram extends Message {}

    @Test
    void headersAndPropertiesAreCopied() throws JMSException {
        SqlmqMessage original = factory.createTextMessage("text");
        original.setJMSCorrelationID("c");
        original.setJMSReplyTo(REPLIES);
        original.setJMSType("t");
        original.setLongProperty("long", 5);
        original.setStringProperty("nothing", null);
        original.copyProperty("a-name.of-theirs", "x");
        original.setStringProperty("JMSXGroupID", "g");
        original.setDeliveryCount(4);
        original.setLongProperty("JMSXRcvTimestamp", 5);
        original.setJMSMessageID("ID:theirs");

        SqlmqMessage copy = factory.copyOf(foreign(TextMessage.class, original));

        assertThat(((SqlmqTextMessage) copy).getText()).isEqualTo("text");
        assertThat(copy.getJMSCorrelationID()).isEqualTo("c");
        assertThat(copy.getJMSReplyTo()).isSameAs(REPLIES);
        assertThat(copy.getJMSType()).isEqualTo("t");
        assertThat(copy.getJMSMessageID()).isNull();
        assertThat(Collections.list(copy.getPropertyNames()))
                .containsExactly("long", "nothing", "a-name.of-theirs", "JMSXGroupID");
        assertThat(copy.getObjectProperty("long")).isEqualTo(5L);
        copy.setIntProperty("mine", 1);
    }

    @Test
    void bytesAreCopiedWhereverTheyWereRead() throws JMSException {
        SqlmqBytesMessage original = factory.createBytesMessage();
        byte[] body = new byte[20_000];
        body[19_999] = 7;
        original.writeBytes(body);

        SqlmqMessage unread = factory.copyOf(foreign(BytesMessage.class, original));
        original.readInt();
        SqlmqMessage half = factory.copyOf(foreign(BytesMessage.class, original));

        assertThat(unread.getBody(byte[].class)).isEqualTo(body);
        assertThat(half.getBody(byte[].class)).isEqualTo(body);
    }

    @Test
    void mapsAreCopied() throws JMSException {
        SqlmqMapMessage original = factory.createMapMessage();
        original.setChar("char", 'c');
        original.setBytes("bytes", new byte[] {1});
        original.setString("null", null);

        SqlmqMapMessage copy = (SqlmqMapMessage) factory.copyOf(foreign(MapMessage.class, original));

        assertThat(Collections.list(copy.getMapNames())).containsExactly("char", "bytes", "null");
        assertThat(copy.getChar("char")).isEqualTo('c');
        assertThat(copy.getBytes("bytes")).containsExactly(1);
    }

    @Test
    void streamsAreCopiedFromTheStart() throws JMSException {
        SqlmqStreamMessage original = factory.createStreamMessage();
        original.writeShort((short) 1);
        original.writeObject(null);
        original.writeBytes(new byte[] {2});
        original.reset();
        original.readShort();

        SqlmqStreamMessage copy = (SqlmqStreamMessage) factory.copyOf(foreign(StreamMessage.class, original));
        copy.reset();

        assertThat(copy.readObject()).isEqualTo((short) 1);
        assertThat(copy.readObject()).isNull();
        assertThat((byte[]) copy.readObject()).containsExactly(2);
        assertThatThrownBy(copy::readObject).isInstanceOf(MessageEOFException.class);
        assertThat(original.readShort()).as("theirs can be read again").isEqualTo((short) 1);
    }

    @Test
    void objectsAreCopied() throws JMSException {
        SqlmqObjectMessage original = factory.createObjectMessage(new ArrayList<>(List.of(1)));

        SqlmqObjectMessage copy = (SqlmqObjectMessage) factory.copyOf(foreign(ObjectMessage.class, original));

        assertThat(copy.getObject()).isEqualTo(List.of(1));
    }

    @Test
    void anUnknownKindIsCopiedWithoutBody() throws JMSException {
        SqlmqMessage original = factory.createTextMessage("lost");
        original.setIntProperty("p", 1);

        SqlmqMessage copy = factory.copyOf(foreign(Hologram.class, original));

        assertThat(copy).isInstanceOf(SqlmqPlainMessage.class);
        assertThat(copy.getIntProperty("p")).isEqualTo(1);
    }

    @Test
    void aPropertyOfATypeOfTheirOwnIsRefused() throws JMSException {
        Map<String, Object> answers = new HashMap<>();
        answers.put("getObjectProperty", List.of(1));
        SqlmqMessage original = factory.createMessage();
        original.setIntProperty("list", 1);

        assertThatThrownBy(() -> factory.copyOf(foreign(Message.class, original, answers)))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("'list'");
    }

    private static <T extends Message> T foreign(Class<T> type, SqlmqMessage behind) {
        return foreign(type, behind, Map.of());
    }

    private static <T extends Message> T foreign(Class<T> type, SqlmqMessage behind, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                ForeignMessageTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    @Nullable Object answer = answers.get(method.getName());
                    if (answer != null) {
                        return answer;
                    }
                    try {
                        return method.invoke(behind, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
