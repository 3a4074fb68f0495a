package io.sqlmq.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;

/** Another provider's message, read through the interfaces of Jakarta Messaging alone. */
final class ForeignMessage {
    /** Properties that a provider sets on receipt (§3.5.9): what they say is not true of our message. */
    private static final Set<String> OF_THE_DELIVERY =
            Set.of(PropertyNames.DELIVERY_COUNT, PropertyNames.RCV_TIMESTAMP, PropertyNames.CONSUMER_TXID, "JMSXState");

    private static final int CHUNK = 8192;

    private final Message foreign;
    private final MessageFactory factory;

    ForeignMessage(Message foreign, MessageFactory factory) {
        this.foreign = foreign;
        this.factory = factory;
    }

    SqlmqMessage copy() throws JMSException {
        SqlmqMessage copy = copyBody();
        for (String name : names(foreign.getPropertyNames())) {
            if (!OF_THE_DELIVERY.contains(name)) {
                copy.copyProperty(name, foreign.getObjectProperty(name));
            }
        }
        copy.setJMSCorrelationID(foreign.getJMSCorrelationID());
        copy.setJMSReplyTo(foreign.getJMSReplyTo());
        copy.setJMSType(foreign.getJMSType());
        return copy;
    }

    private SqlmqMessage copyBody() throws JMSException {
        if (foreign instanceof TextMessage text) {
            return factory.createTextMessage(text.getText());
        }
        if (foreign instanceof BytesMessage bytes) {
            return copyBytes(bytes);
        }
        if (foreign instanceof MapMessage map) {
            return copyMap(map);
        }
        if (foreign instanceof StreamMessage stream) {
            return copyStream(stream);
        }
        if (foreign instanceof ObjectMessage object) {
            return factory.createObjectMessage(object.getObject());
        }
        return factory.createMessage();
    }

    private SqlmqMessage copyBytes(BytesMessage bytes) throws JMSException {
        SqlmqBytesMessage copy = factory.createBytesMessage();
        bytes.reset();
        byte[] chunk = new byte[CHUNK];
        for (int count = bytes.readBytes(chunk); count > 0; count = bytes.readBytes(chunk)) {
            copy.writeBytes(chunk, 0, count);
        }
        bytes.reset();
        return copy;
    }

    private SqlmqMessage copyMap(MapMessage map) throws JMSException {
        SqlmqMapMessage copy = factory.createMapMessage();
        for (String name : names(map.getMapNames())) {
            copy.setObject(name, map.getObject(name));
        }
        return copy;
    }

    private SqlmqMessage copyStream(StreamMessage stream) throws JMSException {
        SqlmqStreamMessage copy = factory.createStreamMessage();
        stream.reset();
        try {
            while (true) {
                copy.writeObject(stream.readObject());
            }
        } catch (MessageEOFException end) {
            stream.reset();
        }
        return copy;
    }

    private static List<String> names(Enumeration<?> names) {
        return Collections.list(names).stream().map(String::valueOf).toList();
    }
}
