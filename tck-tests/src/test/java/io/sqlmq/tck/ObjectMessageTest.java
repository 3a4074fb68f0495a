package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ObjectMessage and plain Message through the provider: §3.11. */
class ObjectMessageTest extends ConformanceTest {

    /** Cannot be serialized, although it says so. */
    private static final class Unserializable implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(java.io.ObjectOutputStream out) throws java.io.IOException {
            throw new java.io.NotSerializableException("on purpose, to " + out);
        }
    }

    @Test
    void objectsArrive() throws JMSException {
        HashMap<String, Serializable> body = new HashMap<>();
        body.put("number", 1L);
        body.put("list", new ArrayList<>(List.of("a", "b")));
        ObjectMessage received = (ObjectMessage) exchange(session.createObjectMessage(body));
        assertThat(received.getObject()).isEqualTo(body);
        assertThat((Object) mapBody(received)).isEqualTo(body);
    }

    @Test
    void aMessageWithoutObjectHasNoBody() throws JMSException {
        ObjectMessage received = (ObjectMessage) exchange(session.createObjectMessage());
        assertThat(received.getObject()).isNull();
        assertThat(received.getBody(Serializable.class)).isNull();
    }

    @Test
    void theObjectIsTakenWhenSet() throws JMSException {
        ArrayList<String> body = new ArrayList<>(List.of("a"));
        ObjectMessage message = session.createObjectMessage(body);
        body.add("b");
        assertThat(((ObjectMessage) exchange(message)).getObject()).isEqualTo(List.of("a"));
    }

    @Test
    void aLargeObjectArrives() throws JMSException {
        byte[] body = new byte[1 << 20];
        body[1 << 19] = 1;
        assertThat(exchange(session.createObjectMessage(body)).getBody(byte[].class))
                .isEqualTo(body);
    }

    @Test
    void aReceivedBodyIsReadOnlyUntilCleared() throws JMSException { // §3.11.2
        ObjectMessage received = (ObjectMessage) exchange(session.createObjectMessage(1));
        assertThatThrownBy(() -> received.setObject(2)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThat(received.getObject()).isNull();
        received.setObject(2);
        assertThat(received.getObject()).isEqualTo(2);
    }

    @Test
    void theBodyMayBeHadAsItsSupertypes() throws JMSException {
        ObjectMessage received = (ObjectMessage) exchange(session.createObjectMessage(new BigDecimal("1.50")));
        assertThat(received.isBodyAssignableTo(BigDecimal.class)).isTrue();
        assertThat(received.isBodyAssignableTo(Number.class)).isTrue();
        assertThat(received.isBodyAssignableTo(String.class)).isFalse();
        assertThat(received.getBody(Number.class)).isEqualTo(new BigDecimal("1.50"));
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anObjectThatCannotBeSerializedIsRefused() throws JMSException {
        assertThatThrownBy(() -> {
                    ObjectMessage message = session.createObjectMessage();
                    message.setObject(new Unserializable());
                    exchange(message);
                })
                .isInstanceOf(MessageFormatException.class);
    }

    @Test
    void aPlainMessageHasNoBody() throws JMSException { // §3.11
        Message message = session.createMessage();
        message.setIntProperty("p", 1);
        Message received = exchange(message);
        assertThat(received.getIntProperty("p")).isOne();
        assertThat(received.getBody(String.class)).isNull();
        assertThat((Object) mapBody(received)).isNull();
        assertThat(received.isBodyAssignableTo(Object.class)).isTrue();
    }
}
