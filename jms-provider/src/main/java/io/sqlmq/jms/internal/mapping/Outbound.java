package io.sqlmq.jms.internal.mapping;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Deduplication;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.engine.model.Publication;
import io.sqlmq.engine.model.Schedule;
import io.sqlmq.engine.model.TemporaryNames;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.internal.destination.Destinations;
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
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the engine's message of an application's: a copy of its content at the time of the send (§3.9), and the headers
 * that the provider sets, which the application's message gets too (§3.4). Thread-safe.
 */
public final class Outbound {
    private static final Logger log = LoggerFactory.getLogger(Outbound.class);

    /** Stands for "no JMSMessageID": the row has an identifier all the same. */
    static final UUID NO_MESSAGE_ID = new UUID(0, 0);

    private static final NoArgGenerator IDS = Generators.timeBasedEpochGenerator();

    private final MessageFactory factory;
    private final MessageCodec codec;
    private final SubscriptionSelectors selectors;
    private final Deduplications deduplications;
    private final long maxMessageSize;

    public Outbound(
            MessageFactory factory,
            MessageCodec codec,
            SubscriptionSelectors selectors,
            Deduplications deduplications,
            long maxMessageSize) {
        this.deduplications = deduplications;
        this.factory = factory;
        this.codec = codec;
        this.selectors = selectors;
        this.maxMessageSize = maxMessageSize;
    }

    /**
     * One message for each target; all have the same JMSMessageID, each is for its target only.
     *
     * @param destination what the application sends to
     * @param targets what that stands for, at least one
     * @param properties what the provider sets on send
     * @param senders what noLocal subscriptions may call the sender
     */
    public List<NewMessage> prepare(
            Destination destination,
            List<SqlmqDestination> targets,
            Message message,
            SendOptions options,
            Map<String, Object> properties,
            Supplier<Set<String>> senders)
            throws JMSException {
        SqlmqDestination first = targets.get(0);
        NewMessage prepared = prepare(destination, first.getName(), message, options, properties, rowId(first));
        if (targets.size() == 1) {
            return List.of(addressed(prepared, first, senders));
        }
        List<NewMessage> all = new ArrayList<>();
        all.add(addressed(prepared, first, senders));
        for (SqlmqDestination next : targets.subList(1, targets.size())) {
            all.add(addressed(prepared.copyFor(rowId(next), next.getName()), next, senders));
        }
        return all;
    }

    private static UUID rowId(SqlmqDestination target) {
        return target.isQueue() ? IDS.generate() : Publication.messageId(IDS.generate());
    }

    private NewMessage addressed(NewMessage message, SqlmqDestination target, Supplier<Set<String>> senders)
            throws JMSException {
        Deduplication deduplication = message.deduplication();
        if (target.isQueue()) {
            return deduplication == null ? message : message.deduplicated(deduplication.in(target.getName()));
        }
        String topic = target.getName();
        String text = Destinations.text(Destinations.topic(topic));
        Publication publication = new Publication(topic, new SelectorMatcher(senders.get(), selectors, codec, message));
        Schedule schedule = message.schedule();
        NewMessage published = message.published(publication, text);
        published = schedule == null ? published : published.scheduled(schedule.from(senders.get()));
        return deduplication == null ? published : published.deduplicated(deduplication.in(text));
    }

    private NewMessage prepare(
            Destination destination,
            String queue,
            Message message,
            SendOptions options,
            Map<String, Object> properties,
            UUID id)
            throws JMSException {
        SqlmqMessage source = message instanceof SqlmqMessage own ? own : factory.copyOf(message);
        source.setBySend(properties);
        Scheduling scheduling = Scheduling.of(source);
        Content content = content(source, scheduling == null ? null : messageId(id));
        long now = System.currentTimeMillis();
        ZoneId zone = ZoneId.systemDefault();
        long wait = scheduling == null ? 0 : scheduling.firstDelay(Instant.ofEpochMilli(now), zone);
        long delay = Math.max(options.deliveryDelay(), wait);
        boolean repeated = scheduling != null && scheduling.isRepeated();
        // A scheduled message lives from its delivery on, as in ActiveMQ, any other from its send on (§3.4.9).
        long waitsFirst = repeated ? 0 : wait;
        long timeToLive = options.timeToLive() == 0 ? 0 : saturatedSum(options.timeToLive(), waitsFirst);
        long deliveryTime = saturatedSum(now, delay);
        long expiration = timeToLive == 0 ? 0 : saturatedSum(now, timeToLive);
        NewMessage.Job job = JobProperties.of(source);
        String group = MessageGroup.of(source);
        // Messages of groups, and jobs, are in the logged table, whatever their delivery mode. Others in temporary
        // queues never
        // are: these end with their connection.
        boolean logged = group != null
                || job != null
                || (options.deliveryMode() == DeliveryMode.PERSISTENT && !TemporaryNames.isOne(queue));
        Headers headers = headers(source, options, group, logged);
        checkSize(content, headers);
        long reserved = job == null ? 0 : job.commitInterval();
        NewMessage prepared = new NewMessage(
                id,
                queue,
                logged,
                options.priority(),
                options.withoutTimestamp() ? 0 : now,
                saturatedSum(delay, reserved),
                reserved > 0 || (delay == 0 && !options.withoutTimestamp()) ? 0 : deliveryTime,
                timeToLive,
                expiration,
                headers,
                content);
        message.setJMSDestination(destination);
        message.setJMSDeliveryMode(options.deliveryMode());
        message.setJMSPriority(options.priority());
        message.setJMSExpiration(expiration);
        setDeliveryTime(message, deliveryTime);
        message.setJMSTimestamp(options.withoutTimestamp() ? 0 : now);
        message.setJMSMessageID(options.withoutMessageId() ? null : messageId(id));
        prepared = prepared.as(job);
        prepared = scheduling == null || !repeated ? prepared : prepared.scheduled(scheduling.schedule(zone));
        return prepared.deduplicated(deduplications.of(source, queue));
    }

    /** Other providers' messages may know no delivery time, as in JMS 1.1; they can be sent all the same (§3.12). */
    private static void setDeliveryTime(Message message, long deliveryTime) throws JMSException {
        try {
            message.setJMSDeliveryTime(deliveryTime);
        } catch (UnsupportedOperationException unknown) {
            log.debug(
                    "A message of the class {} takes no delivery time",
                    message.getClass().getName(),
                    unknown);
        }
    }

    /** The JMSMessageID of a row's identifier. */
    public static String messageId(UUID id) {
        return "ID:" + id;
    }

    private Content content(SqlmqMessage source, @Nullable String jobId) throws JMSException {
        StoredContent stored = jobId == null
                ? codec.encode(source)
                : codec.encode(source, Scheduling.PROPERTIES, Scheduling.JOB_ID, jobId);
        return new Content(
                stored.bodyType(), stored.text(), stored.bytes(), stored.properties(), stored.propertyTypes());
    }

    private void checkSize(Content content, Headers headers) throws JMSException {
        if (content.size() + (long) headers.size() <= maxMessageSize / NewMessage.MOST_BYTES_PER_CHARACTER) {
            return;
        }
        long bytes = content.bytesStored() + headers.bytesStored();
        if (bytes > maxMessageSize) {
            throw new JMSException(
                    "The message has " + bytes + " bytes; maxMessageSize allows " + maxMessageSize
                            + ". Send less, or raise maxMessageSize.",
                    "MESSAGE_TOO_LARGE");
        }
    }

    private static Headers headers(SqlmqMessage source, SendOptions options, @Nullable String group, boolean logged)
            throws JMSException {
        Destination replyTo = source.getJMSReplyTo();
        return new Headers(
                options.withoutMessageId() ? NO_MESSAGE_ID : null,
                null,
                replyTo == null ? null : HeaderText.encode(Destinations.text(replyTo)),
                encoded(source.getJMSCorrelationID()),
                encoded(source.getJMSType()),
                redeliveryPolicy(source),
                logged == (options.deliveryMode() == DeliveryMode.PERSISTENT) ? 0 : options.deliveryMode(),
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
