package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.message.HeaderText;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.SqlmqMessage;
import io.sqlmq.message.StoredContent;
import io.sqlmq.selector.MessageView;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What selectors see of a message as it was sent: not what the application has made of its message since. */
final class PublishedMessage implements MessageView {
    private final MessageCodec codec;
    private final NewMessage message;
    private @Nullable SqlmqMessage decoded;

    PublishedMessage(MessageCodec codec, NewMessage message) {
        this.codec = codec;
        this.message = message;
    }

    private SqlmqMessage decoded() throws JMSException {
        SqlmqMessage known = decoded;
        if (known == null) {
            Content content = message.content();
            known = codec.decode(new StoredContent(
                    content.bodyType(),
                    content.text(),
                    content.bytes(),
                    content.properties(),
                    content.propertyTypes()));
            decoded = known;
        }
        return known;
    }

    @Override
    public @Nullable Object property(String name) {
        try {
            return message.content().properties() == null ? null : decoded().getObjectProperty(name);
        } catch (JMSException e) {
            throw new IllegalStateException("A message that was just written cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable Object header(String name) {
        return switch (name) {
            case "JMSPriority" -> message.priority();
            case "JMSTimestamp" -> message.sentAt();
            case "JMSDeliveryMode" -> isPersistent() ? "PERSISTENT" : "NON_PERSISTENT";
            case "JMSMessageID" -> messageId();
            case "JMSCorrelationID" -> decoded(message.headers().correlationId());
            case "JMSType" -> decoded(message.headers().type());
            default -> null;
        };
    }

    /** As it was sent: what is in a group is in the logged table in any case. */
    private boolean isPersistent() {
        int mode = message.headers().deliveryMode();
        return mode == 0 ? message.persistent() : mode == DeliveryMode.PERSISTENT;
    }

    private @Nullable String messageId() {
        UUID own = message.headers().messageId();
        UUID id = own == null ? message.id() : own;
        return id.equals(Outbound.NO_MESSAGE_ID) ? null : Outbound.messageId(id);
    }

    private static @Nullable String decoded(@Nullable String header) {
        return header == null ? null : HeaderText.decode(header);
    }

    @Override
    public @Nullable String body() {
        return message.content().bodyType() == null ? message.content().text() : null;
    }
}
