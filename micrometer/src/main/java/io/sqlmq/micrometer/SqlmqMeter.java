package io.sqlmq.micrometer;

import java.util.List;

/** The table of meters: docs/observing.md is written from it. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
enum SqlmqMeter {
    SENT(
            Kind.COUNTER,
            "messages.sent",
            Names.DESTINATION,
            "Messages that were written; one to a topic counts once for each subscription that gets it"),
    DELIVERED(Kind.COUNTER, "messages.delivered", Names.DESTINATION, "Messages that were handed to consumers"),
    REDELIVERED(
            Kind.COUNTER, "messages.redelivered", Names.DESTINATION, "Those of them that had been handed over before"),
    ACKNOWLEDGED(
            Kind.COUNTER,
            "messages.acknowledged",
            Names.DESTINATION,
            "Messages that are done with, by an acknowledgement or a commit"),
    ROLLED_BACK(
            Kind.COUNTER,
            "messages.rolled.back",
            Names.DESTINATION,
            "Deliveries that failed: rollback, recover, a listener's exception, the death of a process"),
    DEAD_LETTERED(
            Kind.COUNTER, "messages.dead.lettered", Names.DESTINATION, "Messages that went to a dead-letter queue"),
    SET_ASIDE(
            Kind.COUNTER,
            "messages.set.aside",
            Names.DESTINATION,
            "Messages that can be neither delivered nor moved to a dead-letter queue"),
    EXPIRED(
            Kind.COUNTER,
            "messages.expired",
            Names.DESTINATION,
            "Messages whose time to live was over; those that nobody consumed have the destination `other`"),
    PROCESSING(
            Kind.TIMER,
            "message.processing",
            List.of(Names.DESTINATION_TAG, Names.OUTCOME_TAG),
            "From delivery to acknowledgement (outcome `acknowledged`) or failure (`rolled back`)"),
    WAIT(
            Kind.TIMER,
            "message.wait",
            Names.DESTINATION,
            "How long messages could have been delivered before they were, by the clocks of sender and receiver"),
    WAKEUP(
            Kind.TIMER,
            "consumer.wakeup",
            List.of(),
            "From the wake-up of a consumer that waited to the message in its hand"),
    SEND_GROUP(
            Kind.SUMMARY,
            "send.group",
            List.of(),
            "How many messages, sent outside of transactions, were committed together"),
    OUTAGES(Kind.TIMER, "outages", List.of(), "How long the database, or one connection to it, was lost"),
    OUTAGE(Kind.GAUGE, "outage", List.of(), "1 while the database cannot be reached, else 0"),
    WAITING(Kind.GAUGE, "consumers.waiting", List.of(), "Consumers that wait for messages"),
    WINDOWS(
            Kind.GAUGE,
            "windows.open",
            List.of(),
            "Sessions that have a database transaction, and so a connection, for receiving"),
    LEASES(
            Kind.GAUGE,
            "leases",
            List.of(),
            "Messages that are worked on for longer than `leaseAfter`, without a transaction"),
    POOL_ACTIVE(Kind.GAUGE, "pool.active", Names.POOL, "Connections of the factory's own pools that are in use"),
    POOL_IDLE(Kind.GAUGE, "pool.idle", Names.POOL, "Connections of these pools that are not"),
    POOL_PENDING(Kind.GAUGE, "pool.pending", Names.POOL, "Threads that wait for a connection"),
    POOL_MAX(Kind.GAUGE, "pool.max", Names.POOL, "How many connections the pools may have"),
    QUEUE_MESSAGES(
            Kind.GAUGE,
            "queue.messages",
            Names.DESTINATION,
            "Messages in the queue, whatever their state, up to 10,000; only with `queueSizes`"),
    QUEUE_OLDEST(
            Kind.GAUGE,
            "queue.oldest.age",
            Names.DESTINATION,
            "For how many seconds the next message has been in the queue; only with `queueSizes`");

    /** What Micrometer calls it. */
    enum Kind {
        COUNTER,
        TIMER,
        SUMMARY,
        GAUGE
    }

    /** Of tags. */
    static final class Names {
        static final String DESTINATION_TAG = "destination";
        static final String OUTCOME_TAG = "outcome";
        static final String POOL_TAG = "pool";
        static final List<String> DESTINATION = List.of(DESTINATION_TAG);
        static final List<String> POOL = List.of(POOL_TAG);

        private Names() {}
    }

    private final Kind kind;
    private final String meterName;
    private final List<String> tags;
    private final String description;

    SqlmqMeter(Kind kind, String meterName, List<String> tags, String description) {
        this.kind = kind;
        this.meterName = "sqlmq." + meterName;
        this.tags = tags;
        this.description = description;
    }

    Kind kind() {
        return kind;
    }

    String meterName() {
        return meterName;
    }

    List<String> tags() {
        return tags;
    }

    String description() {
        return description;
    }
}
