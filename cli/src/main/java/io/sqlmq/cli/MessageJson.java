package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages as JSON for people and scripts: headers by their names, {@code properties}, {@code bodyType} and {@code body}. A body of bytes is
 * Base64; of an object only its type is told, since reading it would run code. What {@link Export} writes is another form, that loses nothing.
 */
final class MessageJson {
    private static final int MOST_BYTES = Integer.MAX_VALUE - 16;

    private MessageJson() {}

    /** What there is of a message that was received or browsed; absent what it does not have. */
    static Map<String, @Nullable Object> of(Message message) throws JMSException {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("JMSMessageID", message.getJMSMessageID());
        put(json, "JMSDestination", message.getJMSDestination());
        json.put("JMSTimestamp", message.getJMSTimestamp());
        json.put("JMSPriority", message.getJMSPriority());
        json.put(
                "JMSDeliveryMode",
                message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT ? "PERSISTENT" : "NON_PERSISTENT");
        json.put("JMSRedelivered", message.getJMSRedelivered());
        put(json, "JMSCorrelationID", message.getJMSCorrelationID());
        put(json, "JMSReplyTo", message.getJMSReplyTo());
        put(json, "JMSType", message.getJMSType());
        if (message.getJMSExpiration() != 0) {
            json.put("JMSExpiration", message.getJMSExpiration());
        }
        if (message.getJMSDeliveryTime() != 0) {
            json.put("JMSDeliveryTime", message.getJMSDeliveryTime());
        }
        Map<String, @Nullable Object> properties = properties(message);
        if (!properties.isEmpty()) {
            json.put("properties", properties);
        }
        json.put("bodyType", bodyType(message));
        Object body = body(message);
        if (body != null) {
            json.put("body", body);
        }
        return json;
    }

    private static void put(Map<String, @Nullable Object> json, String name, @Nullable Object value) {
        if (value != null) {
            json.put(name, value.toString());
        }
    }

    static Map<String, @Nullable Object> properties(Message message) throws JMSException {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        Enumeration<?> names = message.getPropertyNames();
        for (Object name : Collections.list(names)) {
            properties.put(name.toString(), message.getObjectProperty(name.toString()));
        }
        return properties;
    }

    static String bodyType(Message message) {
        if (message instanceof TextMessage) {
            return "text";
        } else if (message instanceof BytesMessage) {
            return "bytes";
        } else if (message instanceof MapMessage) {
            return "map";
        } else if (message instanceof StreamMessage) {
            return "stream";
        }
        return message instanceof ObjectMessage ? "object" : "message";
    }

    /** Text, Base64, a map or a list; null if there is none, or it is an object. */
    static @Nullable Object body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return text.getText();
        } else if (message instanceof BytesMessage bytes) {
            bytes.reset();
            if (bytes.getBodyLength() > MOST_BYTES) {
                throw Problem.failed("the body of " + message.getJMSMessageID() + " is too large");
            }
            byte[] body = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(body);
            return Base64.getEncoder().encodeToString(body);
        } else if (message instanceof MapMessage map) {
            Map<String, @Nullable Object> body = new LinkedHashMap<>();
            Enumeration<?> names = map.getMapNames();
            for (Object name : Collections.list(names)) {
                body.put(name.toString(), plain(map.getObject(name.toString())));
            }
            return body;
        } else if (message instanceof StreamMessage stream) {
            return elements(stream);
        }
        return null;
    }

    private static List<@Nullable Object> elements(StreamMessage stream) throws JMSException {
        List<@Nullable Object> body = new ArrayList<>();
        stream.reset();
        try {
            while (true) {
                body.add(plain(stream.readObject()));
            }
        } catch (MessageEOFException end) {
            return body;
        }
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return value instanceof byte[] bytes ? Base64.getEncoder().encodeToString(bytes) : value;
    }

    /** What is sent, and how; of a line of JSON, its headers prevail over those of the command line. */
    static final class Draft {
        @Nullable
        String type;

        @Nullable
        String correlationId;

        @Nullable
        String replyTo;

        int priority = Message.DEFAULT_PRIORITY;
        boolean persistent = true;
        Duration delay = Duration.ZERO;
        Duration timeToLive = Duration.ZERO;
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        String bodyType = "text";

        @Nullable
        Object body;

        /** With what a line says instead; what it says of an earlier life (identifier, time stamp, redelivery) is left out. */
        Draft with(Map<String, @Nullable Object> json, String what) {
            Draft draft = new Draft();
            draft.type = text(json, "JMSType", type);
            draft.correlationId = text(json, "JMSCorrelationID", correlationId);
            draft.replyTo = text(json, "JMSReplyTo", replyTo);
            draft.priority = json.get("JMSPriority") instanceof Number number ? number.intValue() : priority;
            String mode = text(json, "JMSDeliveryMode", null);
            draft.persistent = mode == null ? persistent : !mode.equals("NON_PERSISTENT");
            draft.delay = until(json.get("JMSDeliveryTime"), delay, Duration.ZERO);
            draft.timeToLive = until(json.get("JMSExpiration"), timeToLive, Duration.ofMillis(1));
            draft.properties.putAll(properties);
            if (json.get("properties") instanceof Map<?, ?> more) {
                more.forEach((name, value) -> {
                    if (isForSenders(name.toString())) {
                        draft.properties.put(name.toString(), narrowed(value, what));
                    }
                });
            }
            draft.bodyType = String.valueOf(text(json, "bodyType", bodyType)).toLowerCase(Locale.ROOT);
            draft.body = json.getOrDefault("body", body);
            return draft;
        }

        private static @Nullable String text(
                Map<String, @Nullable Object> json, String name, @Nullable String otherwise) {
            Object value = json.get(name);
            return value == null ? otherwise : value.toString();
        }

        private static Duration until(@Nullable Object millis, Duration otherwise, Duration past) {
            if (!(millis instanceof Number number) || number.longValue() == 0) {
                return otherwise;
            }
            Duration left = Duration.between(Instant.now(), Instant.ofEpochMilli(number.longValue()));
            return left.isNegative() ? past : left;
        }

        /** What the provider sets is not for senders. */
        private static boolean isForSenders(String name) {
            return (!name.startsWith("JMSX") && !name.startsWith("JMS_SQLMQ_DeadLetter"))
                    || name.equals("JMSXGroupID")
                    || name.equals("JMSXGroupSeq");
        }

        /** The message of it. */
        Message make(Session session) throws JMSException {
            Message message = body(session);
            message.setJMSType(type);
            message.setJMSCorrelationID(correlationId);
            if (replyTo != null) {
                message.setJMSReplyTo((Destination) SqlmqDestination.parse(replyTo));
            }
            for (Map.Entry<String, @Nullable Object> property : properties.entrySet()) {
                message.setObjectProperty(property.getKey(), property.getValue());
            }
            return message;
        }

        private Message body(Session session) throws JMSException {
            return switch (bodyType) {
                case "text" ->
                    session.createTextMessage(
                            body == null || body instanceof String ? (String) body : Json.write(body));
                case "bytes" -> bytes(session.createBytesMessage());
                case "map" -> map(session.createMapMessage());
                case "stream" -> stream(session.createStreamMessage());
                case "message" -> session.createMessage();
                default ->
                    throw Problem.failed(
                            "a body of type " + bodyType + " cannot be sent: text, bytes, map, stream or message can");
            };
        }

        private Message bytes(BytesMessage message) throws JMSException {
            if (body instanceof byte[] raw) {
                message.writeBytes(raw);
            } else if (body != null) {
                message.writeBytes(Base64.getDecoder().decode(body.toString()));
            }
            return message;
        }

        private Message map(MapMessage message) throws JMSException {
            if (body instanceof Map<?, ?> members) {
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    message.setObject(member.getKey().toString(), narrowed(member.getValue(), "body"));
                }
            }
            return message;
        }

        private Message stream(StreamMessage message) throws JMSException {
            if (body instanceof List<?> elements) {
                for (Object element : elements) {
                    message.writeObject(narrowed(element, "body"));
                }
            }
            return message;
        }

        /** As JMS knows it: whole numbers are Integers or Longs, others Doubles. */
        private static @Nullable Object narrowed(@Nullable Object value, String what) {
            if (value instanceof BigDecimal number) {
                return number.doubleValue();
            } else if (value instanceof BigInteger || value instanceof Map || value instanceof List) {
                throw Problem.failed(what + " has a value that JMS does not know: " + Json.write(value));
            }
            return value;
        }
    }
}
