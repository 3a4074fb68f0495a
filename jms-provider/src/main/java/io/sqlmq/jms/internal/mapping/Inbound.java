package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.message.HeaderText;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.SqlmqMessage;
import io.sqlmq.message.StoredContent;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the application's message of the engine's. Thread-safe. */
public final class Inbound {
    private static final Logger log = LoggerFactory.getLogger(Inbound.class);

    private final MessageCodec codec;

    public Inbound(MessageCodec codec) {
        this.codec = codec;
    }

    /** As {@link #message}, for who only looks: null if it cannot be read, which is logged. */
    @Nullable
    public SqlmqMessage messageIfReadable(Delivery.Row row) {
        try {
            return message(row);
        } catch (JMSException | RuntimeException e) {
            log.warn("Message {} of {} cannot be read, and so not be shown", row.id(), row.channel(), e);
            return null;
        }
    }

    /** The message as a consumer or browser sees it: read-only, without an acknowledger. */
    public SqlmqMessage message(Delivery.Row row) throws JMSException {
        Content content = row.content();
        Headers headers = row.headers();
        SqlmqMessage message = codec.decode(new StoredContent(
                content.bodyType(), content.text(), content.bytes(), content.properties(), content.propertyTypes()));
        UUID id = headers.messageId() == null ? row.id() : headers.messageId();
        message.setJMSMessageID(id.equals(Outbound.NO_MESSAGE_ID) ? null : Outbound.messageId(id));
        message.setJMSDestination(
                headers.destination() == null
                        ? Destinations.queue(row.channel())
                        : Destinations.parse(headers.destination()));
        if (headers.replyTo() != null) {
            message.setJMSReplyTo(Destinations.parseReplyTo(HeaderText.decode(headers.replyTo())));
        }
        if (headers.correlationId() != null) {
            message.setJMSCorrelationID(HeaderText.decode(headers.correlationId()));
        }
        if (headers.type() != null) {
            message.setJMSType(HeaderText.decode(headers.type()));
        }
        message.setJMSDeliveryMode(
                headers.deliveryMode() != 0
                        ? headers.deliveryMode()
                        : row.persistent() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        message.setJMSPriority(row.priority());
        message.setJMSTimestamp(row.sentAt());
        message.setJMSDeliveryTime(row.deliveryTime() == 0 ? row.sentAt() : row.deliveryTime());
        message.setJMSExpiration(row.expiration());
        message.setJMSRedelivered(row.deliveryCount() > 0);
        message.setDeliveryCount(row.deliveryCount() + 1);
        return message;
    }
}
