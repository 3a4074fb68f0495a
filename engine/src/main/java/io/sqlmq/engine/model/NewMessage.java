package io.sqlmq.engine.model;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message to be written. Times are remaining milliseconds where the database has to compare them, because only the
 * server's clock decides when a message is due or expired; header values are by the client's clock and only carried.
 *
 * @param id unique per row (UUIDv7)
 * @param channel where consumers find it
 * @param persistent false: kept in the unlogged table
 * @param priority 0 (lowest) to 9
 * @param sentAt milliseconds since the epoch by the sender's clock, 0 when the sender asked for none
 * @param delay milliseconds until it may be delivered, 0 for at once
 * @param deliveryTime the header value that belongs to {@code delay}; 0 when there is no delay
 * @param timeToLive milliseconds until it expires, 0 for never, negative when it has expired already
 * @param expiration the header value that belongs to {@code timeToLive}; 0 for never
 * @param headers headers that are carried and not interpreted
 * @param content body and properties
 * @param publication for a message to a topic, whose {@code channel} stands for nothing; else null
 * @param schedule when and how often it is sent, if not once; {@code delay} is then the time until the first; else null
 * @param deduplication an identifier that no other message of the channel may have, else null
 * @param job what makes it a job, else null; only for persistent messages to queues
 */
public record NewMessage(
        UUID id,
        String channel,
        boolean persistent,
        int priority,
        long sentAt,
        long delay,
        long deliveryTime,
        long timeToLive,
        long expiration,
        Headers headers,
        Content content,
        @Nullable Publication publication,
        @Nullable Schedule schedule,
        @Nullable Deduplication deduplication,
        @Nullable Job job) {

    /** Of UTF-8, for each char of a string. */
    public static final int MOST_BYTES_PER_CHARACTER = 3;

    /** A message to a queue, at once or after its delay. */
    public NewMessage(
            UUID id,
            String channel,
            boolean persistent,
            int priority,
            long sentAt,
            long delay,
            long deliveryTime,
            long timeToLive,
            long expiration,
            Headers headers,
            Content content) {
        this(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                headers,
                content,
                null,
                null,
                null,
                null);
    }

    /**
     * An identifier by which duplicates are dropped.
     *
     * @param channel where no other message may have it
     * @param id at most about 2,000 bytes
     * @param window how many milliseconds it holds
     */
    public record Deduplication(String channel, String id, long window) {
        /** The same in another place. */
        public Deduplication in(String otherChannel) {
            return new Deduplication(otherChannel, id, window);
        }
    }

    /**
     * What a job has that other messages have not. Its body is that of the message, the JSON here, or JSON and bytes.
     *
     * @param name what is to be done
     * @param arguments tell the parts of a channel apart; empty for none. Ordered jobs with the same are a group
     * @param json a JSON value, or null
     * @param backoff how many milliseconds after a first failure it is delivered again; the next waits are longer. Negative: it does
     *     not say
     * @param maxDeliveries how often it is delivered at most; 0: as the redelivery policy among its headers says, and how long it waits
     * @param commitInterval for how many milliseconds of the message's delay its place is only reserved, 0 if it is sent as
     *     usual: it is then not delivered before it is committed, and gone if that does not come in time
     */
    public record Job(
            String name,
            String arguments,
            @Nullable String json,
            long backoff,
            int maxDeliveries,
            long commitInterval) {

        /** Of a message, which says the rest itself. */
        public Job(String name, String arguments, long commitInterval) {
            this(name, arguments, null, -1, 0, commitInterval);
        }
    }

    /** How much of its delay is left, in milliseconds: that runs since it was sent, which may be some time ago. */
    public long remainingDelay() {
        return delay <= 0 || deliveryTime <= 0
                ? delay
                : Math.max(1, Math.min(delay, deliveryTime - System.currentTimeMillis()));
    }

    /** Another row of this message, with the same JMSMessageID. */
    public NewMessage copyFor(UUID rowId, String otherChannel) {
        Headers own = headers;
        Headers copied = new Headers(
                own.messageId() == null ? id : own.messageId(),
                own.destination(),
                own.replyTo(),
                own.correlationId(),
                own.type(),
                own.redeliveryPolicy(),
                own.deliveryMode(),
                own.group());
        return new NewMessage(
                rowId,
                otherChannel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                copied,
                content,
                null,
                schedule,
                deduplication,
                job);
    }

    /** This message to a topic, with the text of that as a header; it is no job there. */
    public NewMessage published(Publication to, String destination) {
        Headers own = headers;
        Headers published = new Headers(
                own.messageId(),
                destination,
                own.replyTo(),
                own.correlationId(),
                own.type(),
                own.redeliveryPolicy(),
                own.deliveryMode(),
                own.group());
        return new NewMessage(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                published,
                content,
                to,
                schedule,
                deduplication,
                null);
    }

    /** This message with so many milliseconds left of its times. */
    public NewMessage left(long newDelay, long newTimeToLive) {
        return new NewMessage(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                newDelay,
                deliveryTime,
                newTimeToLive,
                expiration,
                headers,
                content,
                publication,
                schedule,
                deduplication,
                job);
    }

    /** This message, to be sent as the schedule says. */
    public NewMessage scheduled(Schedule by) {
        return new NewMessage(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                headers,
                content,
                publication,
                by,
                deduplication,
                job);
    }

    /** This message, to be dropped if another has the identifier. */
    public NewMessage deduplicated(@Nullable Deduplication by) {
        return new NewMessage(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                headers,
                content,
                publication,
                schedule,
                by,
                job);
    }

    /** This message with another content. */
    public NewMessage with(Content newContent) {
        return new NewMessage(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                headers,
                newContent,
                publication,
                schedule,
                deduplication,
                job);
    }

    /** This message as a job. */
    public NewMessage as(@Nullable Job newJob) {
        return new NewMessage(
                id,
                channel,
                persistent,
                priority,
                sentAt,
                delay,
                deliveryTime,
                timeToLive,
                expiration,
                headers,
                content,
                publication,
                schedule,
                deduplication,
                newJob);
    }

    /** Whether writing it takes more than a row for its queue, so that what was written is known only afterwards. */
    public boolean isSpecial() {
        return publication != null || schedule != null || deduplication != null;
    }

    /** Roughly how many bytes of its body and properties travel. */
    public int size() {
        return content.size() + (job == null ? 0 : length(job.json()));
    }

    /** Whom to wake when it is committed. */
    public String wakes() {
        return schedule == null ? channel : Schedule.CHANNEL;
    }

    /**
     * Headers that the engine carries and does not interpret.
     *
     * @param messageId where the message's identifier differs from the row's, else null
     * @param destination what the message was sent to where that is not the queue named as the channel, else null
     * @param redeliveryPolicy a policy of this message's own, as its owner writes it, else null
     * @param deliveryMode the JMSDeliveryMode where it is not what {@code persistent} says, else 0
     * @param group whose messages are delivered in order and one at a time, else null; only for persistent messages
     */
    public record Headers(
            @Nullable UUID messageId,
            @Nullable String destination,
            @Nullable String replyTo,
            @Nullable String correlationId,
            @Nullable String type,
            @Nullable String redeliveryPolicy,
            int deliveryMode,
            @Nullable String group) {
        /** No header at all. */
        public static final Headers NONE = new Headers(null, null, null, null, null, null);

        /** Headers of a message whose delivery mode is what {@code persistent} says. */
        public Headers(
                @Nullable UUID messageId,
                @Nullable String destination,
                @Nullable String replyTo,
                @Nullable String correlationId,
                @Nullable String type,
                @Nullable String redeliveryPolicy) {
            this(messageId, destination, replyTo, correlationId, type, redeliveryPolicy, 0, null);
        }

        /** These with another JMSType. */
        public Headers ofType(@Nullable String otherType) {
            return new Headers(
                    messageId, destination, replyTo, correlationId, otherType, redeliveryPolicy, deliveryMode, group);
        }

        /** As {@link Content#bytesStored}, of what the sender chooses and is not among the properties. */
        public long bytesStored() {
            return encodedLength(replyTo)
                    + encodedLength(correlationId)
                    + encodedLength(type)
                    + encodedLength(redeliveryPolicy);
        }

        /** As {@link Content#size}, of the same. */
        public int size() {
            return length(replyTo) + length(correlationId) + length(type) + length(redeliveryPolicy);
        }
    }

    /**
     * Body and properties as the columns hold them.
     *
     * @param bodyType null for a text message, else the name of the type: bytes, map, stream, object, message
     * @param text the body of a text message that a PostgreSQL text can hold
     * @param bytes any other body
     * @param properties the properties as a JSON object
     * @param propertyTypes what JSON alone does not tell about the properties
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; a copy per message would cost on the hot path
    public record Content(
            @Nullable String bodyType,
            @Nullable String text,
            byte @Nullable [] bytes,
            @Nullable String properties,
            @Nullable String propertyTypes) {

        /** How many bytes whoever receives it gets from the server: at least as many as mq_octets counts. */
        public long bytesStored() {
            return encodedLength(text)
                    + (bytes == null ? 0 : bytes.length)
                    + jsonLength(properties)
                    + jsonLength(propertyTypes);
        }

        /** Roughly how many bytes travel. */
        public int size() {
            return length(text) + (bytes == null ? 0 : bytes.length) + length(properties) + length(propertyTypes);
        }
    }

    private static int length(@Nullable String value) {
        return value == null ? 0 : value.length();
    }

    private static long encodedLength(@Nullable String value) {
        long length = 0;
        for (int i = 0; value != null && i < value.length(); i++) {
            char c = value.charAt(i);
            // Half of a pair: both together have four bytes.
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : MOST_BYTES_PER_CHARACTER;
        }
        return length;
    }

    /** The server writes a blank behind each colon and comma. */
    private static long jsonLength(@Nullable String json) {
        return encodedLength(json)
                + (json == null
                        ? 0
                        : json.chars().filter(c -> c == ':' || c == ',').count());
    }
}
