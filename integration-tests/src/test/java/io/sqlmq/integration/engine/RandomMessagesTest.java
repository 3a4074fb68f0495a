package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages of all types with any content, properties and headers come as they were sent. */
class RandomMessagesTest extends IntegrationTest {

    private static final int MESSAGES = 20_000;
    private static final int BATCH = 250;

    private static final String[] CHARACTERS = {
        "a",
        "Z",
        " ",
        "'",
        "\"",
        "\\",
        "\\u:",
        "%",
        "\0",
        "\n",
        "\u00e4",
        "\u6f22",
        "\ud83d\ude00",
        "\ud83d",
        "\udc00",
        "\ufffe",
        "null"
    };

    private final Random random = new Random(20_260_101);

    @Test
    @Timeout(120)
    void comeAsTheyWereSent() throws Exception {
        Session sender = session(Session.SESSION_TRANSACTED);
        Session receiver = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = sender.createProducer(sender.createQueue(queue));
        MessageConsumer consumer = consumer(receiver, queue);
        for (int sent = 0; sent < MESSAGES; sent += BATCH) {
            // The order holds within a delivery mode.
            int mode = random.nextInt(4) == 0 ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT;
            List<Map<String, @Nullable Object>> batch = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                Message message = message(sender);
                producer.send(message, mode, 4, 0);
                batch.add(content(message));
            }
            sender.commit();
            for (Map<String, @Nullable Object> expected : batch) {
                assertThat(content(receive(consumer))).isEqualTo(expected);
            }
            receiver.commit();
        }
        assertNothingComes(consumer);
    }

    private Message message(Session session) throws JMSException {
        Message message = switch (random.nextInt(6)) {
            case 0 -> session.createMessage();
            case 1 -> session.createTextMessage(random.nextInt(10) == 0 ? null : text());
            case 2 -> {
                BytesMessage bytes = session.createBytesMessage();
                for (int i = random.nextInt(5); i > 0; i--) {
                    bytes.writeBytes(bytes());
                }
                yield bytes;
            }
            case 3 -> {
                MapMessage map = session.createMapMessage();
                for (int i = random.nextInt(5); i > 0; i--) {
                    map.setObject("field " + text(), field());
                }
                yield map;
            }
            case 4 -> {
                StreamMessage stream = session.createStreamMessage();
                for (int i = random.nextInt(5); i > 0; i--) {
                    stream.writeObject(field());
                }
                yield stream;
            }
            default -> session.createObjectMessage(random.nextBoolean() ? text() : new ArrayList<>(List.of(text(), 1)));
        };
        for (int i = random.nextInt(6); i > 0; i--) {
            message.setObjectProperty("p" + random.nextInt(20), property());
        }
        if (random.nextBoolean()) {
            message.setJMSCorrelationID(text());
            message.setJMSType(random.nextBoolean() ? text() : null);
        }
        if (random.nextInt(5) == 0) {
            message.setJMSReplyTo(session.createQueue("reply"));
        }
        return message;
    }

    private @Nullable Object property() {
        return switch (random.nextInt(9)) {
            case 0 -> random.nextBoolean();
            case 1 -> (byte) random.nextInt();
            case 2 -> (short) random.nextInt();
            case 3 -> random.nextInt();
            case 4 -> random.nextBoolean() ? random.nextLong() : (Long) (long) random.nextInt(10);
            case 5 -> random.nextBoolean() ? random.nextInt(3) : Float.intBitsToFloat(random.nextInt());
            case 6 -> random.nextBoolean() ? random.nextGaussian() : Double.longBitsToDouble(random.nextLong());
            case 7 -> null;
            default -> text();
        };
    }

    private @Nullable Object field() {
        return switch (random.nextInt(8)) {
            case 0 -> (char) random.nextInt(0x10000);
            case 1 -> bytes();
            default -> property();
        };
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return bytes;
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(200) == 0 ? 2_000 : 8); i > 0; i--) {
            text.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
        }
        return text.toString();
    }

    /** All that is to come, in a form that compares: arrays as lists of bytes, NaN as bits. */
    private static Map<String, @Nullable Object> content(Message message) throws JMSException {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        content.put("id", message.getJMSMessageID());
        content.put("correlation", message.getJMSCorrelationID());
        content.put("type", message.getJMSType());
        content.put("mode", message.getJMSDeliveryMode());
        content.put("reply", String.valueOf(message.getJMSReplyTo()));
        content.put("sent", message.getJMSTimestamp());
        for (Object name : all(message.getPropertyNames())) {
            if (!name.toString().startsWith("JMSX")) {
                content.put("property " + name, comparable(message.getObjectProperty(name.toString())));
            }
        }
        content.put("body", body(message));
        return content;
    }

    private static @Nullable Object body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return "text " + text.getText();
        } else if (message instanceof BytesMessage bytes) {
            bytes.reset();
            byte[] body = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(body);
            return comparable(body);
        } else if (message instanceof MapMessage map) {
            Map<Object, @Nullable Object> fields = new LinkedHashMap<>();
            for (Object name : all(map.getMapNames())) {
                fields.put(name, comparable(map.getObject(name.toString())));
            }
            return fields;
        } else if (message instanceof StreamMessage stream) {
            stream.reset();
            List<@Nullable Object> fields = new ArrayList<>();
            try {
                while (true) {
                    fields.add(comparable(stream.readObject()));
                }
            } catch (MessageEOFException e) {
                return fields;
            }
        }
        return message instanceof ObjectMessage object ? object.getObject() : "none";
    }

    private static List<Object> all(Enumeration<?> names) {
        List<Object> list = new ArrayList<>();
        names.asIterator().forEachRemaining(list::add);
        return list;
    }

    private static @Nullable Object comparable(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            List<Byte> list = new ArrayList<>();
            for (byte b : bytes) {
                list.add(b);
            }
            return list;
        }
        return value;
    }
}
