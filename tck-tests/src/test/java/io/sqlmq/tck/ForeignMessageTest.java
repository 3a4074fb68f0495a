package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Messages of other providers, sent through this one: §3.12. */
class ForeignMessageTest extends ConformanceTest {

    /** A message of no provider: getters answer from a map by name, setters put there what they are given. */
    private static final class Foreign implements InvocationHandler {
        final Map<String, Object> state = new TreeMap<>();
        final Map<String, Object> properties = new TreeMap<>();
        final Map<String, Object> items = new TreeMap<>();
        private int position;
        private boolean ofJms11;

        <M extends Message> M as(Class<M> type) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this));
        }

        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] args) throws JMSException {
            String name = method.getName();
            return switch (name) {
                case "getPropertyNames" -> Collections.enumeration(properties.keySet());
                case "getObjectProperty" -> properties.get(args[0]);
                case "propertyExists" -> properties.containsKey(args[0]);
                case "getMapNames" -> Collections.enumeration(items.keySet());
                case "getObject" -> args == null ? state.get("Object") : items.get(args[0]);
                case "readObject" -> readObject();
                case "readBytes" -> readBytes((byte[]) args[0], args.length > 1 ? (int) args[1] : Integer.MAX_VALUE);
                case "getBodyLength" -> (long) ((byte[]) state.get("Body")).length;
                case "reset" -> {
                    position = 0;
                    yield null;
                }
                case "getBody" -> state.get("Text");
                case "setJMSDeliveryTime" -> setDeliveryTime();
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == args[0];
                case "toString" -> "foreign";
                default -> header(name, method.getReturnType(), args);
            };
        }

        private Object setDeliveryTime() {
            if (ofJms11) {
                throw new UnsupportedOperationException("JMS 1.1");
            }
            return null;
        }

        private Object readObject() throws JMSException {
            if (position == items.size()) {
                throw new MessageEOFException("end");
            }
            return items.get(String.valueOf(position++));
        }

        private int readBytes(byte[] target, int limit) {
            byte[] body = (byte[]) state.get("Body");
            int length = Math.min(Math.min(limit, target.length), body.length - position);
            System.arraycopy(body, position, target, 0, length);
            position += length;
            return length == 0 ? -1 : length;
        }

        private Object header(String name, Class<?> type, Object[] args) {
            if (name.startsWith("set")) {
                state.put(name.substring(3), args[0]);
                return null;
            }
            Object value = state.get(name.substring(3));
            if (value != null || !type.isPrimitive()) {
                return value;
            }
            return type == boolean.class ? (Object) false : type == long.class ? (Object) 0L : (Object) 0;
        }
    }

    private final Foreign foreign = new Foreign();

    @Test
    void headersAndPropertiesAreTaken() throws JMSException {
        TextMessage message = foreign.as(TextMessage.class);
        message.setText("body");
        message.setJMSCorrelationID("correlation");
        message.setJMSType("type");
        message.setJMSReplyTo(queue);
        foreign.properties.putAll(Map.of("i", 1, "s", "two", "l", 3L, "b", true));
        TextMessage received = (TextMessage) exchange(message);
        assertThat(received.getText()).isEqualTo("body");
        assertThat(received.getJMSCorrelationID()).isEqualTo("correlation");
        assertThat(received.getJMSType()).isEqualTo("type");
        assertThat(received.getJMSReplyTo()).isEqualTo(queue);
        assertThat(received.getObjectProperty("i")).isEqualTo(1);
        assertThat(received.getObjectProperty("s")).isEqualTo("two");
        assertThat(received.getObjectProperty("l")).isEqualTo(3L);
        assertThat(received.getObjectProperty("b")).isEqualTo(true);
    }

    @Test
    void headersOfTheForeignMessageAreSetBySend() throws JMSException {
        Message message = foreign.as(Message.class);
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(message, DeliveryMode.NON_PERSISTENT, 6, 60_000);
        }
        assertThat(message.getJMSDestination()).isEqualTo(queue);
        assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(message.getJMSPriority()).isEqualTo(6);
        assertThat(message.getJMSMessageID()).startsWith("ID:");
        assertThat(message.getJMSTimestamp()).isPositive();
        assertThat(message.getJMSExpiration()).isGreaterThan(message.getJMSTimestamp());
    }

    @Test
    void aMessageThatKnowsNoDeliveryTimeIsTaken() throws JMSException {
        foreign.ofJms11 = true;
        TextMessage message = foreign.as(TextMessage.class);
        message.setText("body");
        TextMessage received = (TextMessage) exchange(message);
        assertThat(received.getText()).isEqualTo("body");
        assertThat(message.getJMSMessageID()).isEqualTo(received.getJMSMessageID());
    }

    @Test
    void bytesAreTaken() throws JMSException {
        byte[] body = new byte[10_000];
        body[9_999] = 1;
        foreign.state.put("Body", body);
        BytesMessage received = (BytesMessage) exchange(foreign.as(BytesMessage.class));
        assertThat(received.getBody(byte[].class)).isEqualTo(body);
    }

    @Test
    void mapsAreTaken() throws JMSException {
        foreign.items.putAll(Map.of("a", 1, "b", "two", "c", 'c'));
        MapMessage received = (MapMessage) exchange(foreign.as(MapMessage.class));
        assertThat((Object) mapBody(received)).isEqualTo(Map.of("a", 1, "b", "two", "c", 'c'));
    }

    @Test
    void streamsAreTaken() throws JMSException {
        foreign.items.putAll(Map.of("0", 1, "1", "two", "2", 3.0));
        StreamMessage received = (StreamMessage) exchange(foreign.as(StreamMessage.class));
        for (Object item : List.of(1, "two", 3.0)) {
            assertThat(received.readObject()).isEqualTo(item);
        }
    }

    @Test
    void objectsAreTaken() throws JMSException {
        foreign.state.put("Object", 42L);
        ObjectMessage received = (ObjectMessage) exchange(foreign.as(ObjectMessage.class));
        assertThat(received.getObject()).isEqualTo(42L);
    }
}
