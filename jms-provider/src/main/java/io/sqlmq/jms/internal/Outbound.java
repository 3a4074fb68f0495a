package io.sqlmq.jms.internal;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import io.sqlmq.engine.NewMessage;
import io.sqlmq.engine.NewMessage.Content;
import io.sqlmq.engine.NewMessage.Headers;
import io.sqlmq.engine.Publication;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.message.HeaderText;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.MessageFactory;
import io.sqlmq.message.SqlmqMessage;
import io.sqlmq.message.StoredContent;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engine's message of an application's: a copy of its content at the time of the send (§3.9), and the headers
 * that the provider sets, which the application's message gets too (§3.4). Thread-safe.
 */
final class Outbound {
    /** Stands for "no JMSMessageID": the row has an identifier all the same. */
    static final UUID NO_MESSAGE_ID = new UUID(0, 0);

    private static final NoArgGenerator IDS = Generators.timeBasedEpochGenerator();

    private final MessageFactory factory;
    private final MessageCodec codec;
    private final SubscriptionSelectors selectors;
    private final long maxMessageSize;

    Outbound(MessageFactory factory, MessageCodec codec, SubscriptionSelectors selectors, long maxMessageSize) {
        this.factory = factory;
        this.codec = codec;
        this.selectors = selectors;
        this.maxMessageSize = maxMessageSize;
    }

    NewMessage prepare(Destination destination, String queue, Message message, SendOptions options)
            throws JMSException {
        return prepare(destination, queue, message, options, IDS.generate());
    }

    private NewMessage prepare(Destination destination, String queue, Message message, SendOptions options, UUID id)
            throws JMSException {
        SqlmqMessage source = message instanceof SqlmqMessage own ? own : factory.copyOf(message);
        Content content = content(source);
        long now = System.currentTimeMillis();
        long delay = options.deliveryDelay();
        long timeToLive = options.timeToLive();
        long deliveryTime = saturatedSum(now, delay);
        long expiration = timeToLive == 0 ? 0 : saturatedSum(now, timeToLive);
        Headers headers = headers(source, options);
        NewMessage prepared = new NewMessage(
                id,
                queue,
                options.deliveryMode() == DeliveryMode.PERSISTENT || headers.group() != null,
                options.priority(),
                options.withoutTimestamp() ? 0 : now,
                delay,
                delay == 0 && !options.withoutTimestamp() ? 0 : deliveryTime,
                timeToLive,
                expiration,
                headers,
                content);
        message.setJMSDestination(destination);
        message.setJMSDeliveryMode(options.deliveryMode());
        message.setJMSPriority(options.priority());
        message.setJMSExpiration(expiration);
        message.setJMSDeliveryTime(deliveryTime);
        message.setJMSTimestamp(options.withoutTimestamp() ? 0 : now);
        message.setJMSMessageID(options.withoutMessageId() ? null : messageId(id));
        return prepared;
    }

    /**
     * As {@link #prepare}, for a topic.
     *
     * @param senders what noLocal subscriptions may call the sender
     */
    NewMessage prepareForTopic(
            Destination destination, String topic, Message message, SendOptions options, Set<String> senders)
            throws JMSException {
        UUID id = Publication.messageId(IDS.generate());
        NewMessage prepared = prepare(destination, topic, message, options, id);
        Publication publication = new Publication(topic, new Audience(senders, selectors, codec, prepared));
        return prepared.published(publication, Destinations.text(Destinations.topic(topic)));
    }

    static String messageId(UUID id) {
        return "ID:" + id;
    }

    private Content content(SqlmqMessage source) throws JMSException {
        StoredContent stored = codec.encode(source);
        Content content = new Content(
                stored.bodyType(), stored.text(), stored.bytes(), stored.properties(), stored.propertyTypes());
        if (content.size() > maxMessageSize) {
            throw new JMSException(
                    "The message has " + content.size() + " bytes; maxMessageSize allows " + maxMessageSize
                            + ". Send less, or raise maxMessageSize.",
                    "MESSAGE_TOO_LARGE");
        }
        return content;
    }

    private static Headers headers(SqlmqMessage source, SendOptions options) throws JMSException {
        Destination replyTo = source.getJMSReplyTo();
        // Messages of groups are in the logged table, whatever their delivery mode.
        String group = MessageGroup.of(source);
        return new Headers(
                options.withoutMessageId() ? NO_MESSAGE_ID : null,
                null,
                replyTo == null ? null : HeaderText.encode(Destinations.text(replyTo)),
                encoded(source.getJMSCorrelationID()),
                encoded(source.getJMSType()),
                redeliveryPolicy(source),
                group != null && options.deliveryMode() == DeliveryMode.NON_PERSISTENT
                        ? DeliveryMode.NON_PERSISTENT
                        : 0,
                group);
    }

    private static @Nullable String redeliveryPolicy(SqlmqMessage source) throws JMSException {
        String text = source.getStringProperty(RedeliveryPolicy.PROPERTY);
        if (text == null) {
            return null;
        }
        try {
            RedeliveryPolicy.parse(text);
            return text;
        } catch (IllegalArgumentException e) {
            throw new MessageFormatException(
                    "The property " + RedeliveryPolicy.PROPERTY + " is not a redelivery policy: " + e.getMessage(),
                    "REDELIVERY_POLICY",
                    e);
        }
    }

    private static @Nullable String encoded(@Nullable String value) {
        return value == null ? null : HeaderText.encode(value);
    }

    private static long saturatedSum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
