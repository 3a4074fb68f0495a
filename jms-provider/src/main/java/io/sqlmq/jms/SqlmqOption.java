package io.sqlmq.jms;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table of options: URL parameters, the setters of {@link SqlmqOptions}, redelivery policies and
 * docs/configuration.md all come from these rows.
 */
@SuppressWarnings("ImmutableEnumChecker") // types have no state; defaults are strings, boxes, enums, unmodifiable lists
enum SqlmqOption {
    SCHEMA(
            Group.CONNECTING,
            "schema",
            OptionType.text(),
            "public",
            "The database schema that holds the tables of sqlmq. Any name; it needs no quotes."),
    SCHEMA_MANAGEMENT(
            Group.CONNECTING,
            "schemaManagement",
            OptionType.choice(SchemaManagement.class),
            "validate",
            "What the first connection does about the tables: create or upgrade them (`migrate`, which needs the "
                    + "artifact `sqlmq-migrate`), check them and fail with the command to run (`validate`), or nothing "
                    + "(`none`)."),
    USER(
            Group.CONNECTING,
            "user",
            OptionType.text(),
            null,
            "The PostgreSQL role of connections created without a user name. The driver's own parameter `user` does the "
                    + "same."),
    PASSWORD(
            Group.CONNECTING,
            "password",
            OptionType.text(),
            null,
            "The password of `user`. Never logged. The driver's own parameter `password` does the same."),
    CLIENT_ID(
            Group.CONNECTING,
            "clientID",
            OptionType.text(),
            null,
            "The client identifier of each connection, for durable subscriptions."),
    APPLICATION_NAME(
            Group.CONNECTING, "applicationName", OptionType.text(), "sqlmq", "The name seen in `pg_stat_activity`."),
    MAXIMUM_POOL_SIZE(
            Group.CONNECTING,
            "maximumPoolSize",
            OptionType.integer(1, 10_000),
            "16",
            "Database connections per role for sessions that have a transaction open; up to two more send, and one "
                    + "listens. Idle sessions hold none."),
    CONNECTION_TIMEOUT(
            Group.CONNECTING,
            "connectionTimeout",
            OptionType.millis(250),
            "30000",
            "How long an operation waits for a free database connection before it fails with a "
                    + "ResourceAllocationException."),
    LISTEN(
            Group.CONNECTING,
            "listen",
            OptionType.choice(Listen.class),
            "auto",
            "Whether waiting consumers are woken by LISTEN and NOTIFY; without it they poll. `auto` is off with "
                    + "`pgBouncer`."),
    PG_BOUNCER(
            Group.CONNECTING,
            "pgBouncer",
            OptionType.flag(),
            "false",
            "For PgBouncer in transaction mode: sets the driver's `prepareThreshold=0` unless the URL says otherwise, "
                    + "sends no start-up options, and turns `listen=auto` off."),
    HOST_TIMEOUT(
            Group.CONNECTING,
            "hostTimeout",
            OptionType.millis(0),
            "3000",
            "How long the database's host may be silent before it is taken for gone, and connections to it are dropped; it "
                    + "also bounds each step of connecting to a host. Statements that wait for a lock or a standby, and those "
                    + "of the application, may take longer; 0: for ever."),
    RECONNECT_GRACE(
            Group.CONNECTING,
            "reconnectGrace",
            OptionType.millis(0),
            "0",
            "How long the database may be away before exception listeners hear of it; 0: they hear of every lost "
                    + "connection."),

    MAX_MESSAGE_SIZE(
            Group.MESSAGES,
            "maxMessageSize",
            OptionType.bytes(1, 1_000_000_000),
            "104857600",
            "Larger messages (body, properties and other texts) are refused by send. What other programs have put in and is larger than this, or "
                    + "than a quarter of the receiving JVM's heap, is not fetched but set aside."),
    TRUSTED_PACKAGES(
            Group.MESSAGES,
            "trustedPackages",
            OptionType.names(),
            "",
            "Packages whose classes an ObjectMessage may hold, with their sub-packages, besides the basics of java.lang, "
                    + "java.util, java.math and java.time; `*` trusts all."),
    MAX_HASHTABLE_OBJECTS(
            Group.MESSAGES,
            "maxHashtableObjects",
            OptionType.integer(1, Integer.MAX_VALUE),
            "20000",
            "How many objects a received ObjectMessage may have if a Hashtable or Properties are among them, whose keys can be "
                    + "made to take time that grows with the square of their number."),
    MAX_DEPTH(
            Group.MESSAGES,
            "maxDepth",
            OptionType.integer(0, 100_000_000),
            "0",
            "About how many messages a queue may hold before sends wait or fail; 0: no limit. "
                    + "`SqlmqOptions.setDepthLimit`, or an option like `depthLimit.orders.>` with a value like "
                    + "`maxDepth=1000&whenFull=fail`, sets one for some queues."),
    WHEN_FULL(
            Group.MESSAGES,
            "whenFull",
            OptionType.choice(WhenFull.class),
            "block",
            "What a send to a queue with `maxDepth` messages does: wait for room (`block`), or throw a "
                    + "ResourceAllocationException (`fail`)."),
    SEND_TIMEOUT(
            Group.MESSAGES,
            "sendTimeout",
            OptionType.millis(0),
            "0",
            "How long a send waits for room in a full queue before it throws a ResourceAllocationException; 0: for "
                    + "ever."),
    DEDUPLICATION_WINDOW(
            Group.MESSAGES,
            "deduplicationWindow",
            OptionType.millis(0),
            "600000",
            "How long a queue or topic remembers the identifier of a message (property `JMS_SQLMQ_DeduplicationId` or "
                    + "`_AMQ_DUPL_ID`) and drops others that have it too; 0: identifiers mean nothing."),
    NOTIFY_JOINED(
            Group.MESSAGES,
            "notifyJoined",
            OptionType.flag(),
            "true",
            "Whether a send within a transaction that sqlmq does not commit itself runs NOTIFY in it. NOTIFY serialises "
                    + "commits; without it consumers find such messages when they poll."),
    POPULATE_JMSX_USER_ID(
            Group.MESSAGES,
            "populateJMSXUserID",
            OptionType.flag(),
            "false",
            "Whether send sets the property JMSXUserID to the PostgreSQL role of the sender. What an application has set "
                    + "there is never sent, with or without this."),
    POPULATE_JMSX_APP_ID(
            Group.MESSAGES,
            "populateJMSXAppID",
            OptionType.flag(),
            "false",
            "Whether send sets the property JMSXAppID to `applicationName`."),
    POPULATE_JMSX_PRODUCER_TXID(
            Group.MESSAGES,
            "populateJMSXProducerTXID",
            OptionType.flag(),
            "false",
            "Whether a send within a transaction sets the property JMSXProducerTXID to the number of the database "
                    + "transaction (`pg_current_xact_id`). The first send of a transaction then costs a round trip, and "
                    + "the database transaction is open from then on."),

    DESTINATION_NAMES(
            Group.DESTINATIONS,
            "destinationNames",
            OptionType.choice(DestinationNames.class),
            "activemq",
            "What names can say, see [Coming from ActiveMQ](activemq.md): options after `?`, several destinations separated "
                    + "by commas, the wildcards `*` and `>`, virtual topics (`activemq`); or nothing but a name, whatever "
                    + "its characters are (`literal`)."),

    AUTO_CREATE(
            Group.DESTINATIONS,
            "autoCreate",
            OptionType.flag(),
            "true",
            "Whether a queue or topic exists as soon as it is named. If not, one that was not declared by "
                    + "`SqlmqAdmin.declareQueue` or `declareTopic` (table `mq_destinations`) is an "
                    + "InvalidDestinationException for producers and consumers; dead-letter queues and temporary "
                    + "destinations need no declaration."),

    INITIAL_REDELIVERY_DELAY(
            Group.REDELIVERY,
            "initialRedeliveryDelay",
            OptionType.millis(0),
            "0",
            "Delay before the first redelivery."),
    REDELIVERY_DELAY(
            Group.REDELIVERY,
            "redeliveryDelay",
            OptionType.millis(0),
            "1000",
            "Delay before the second redelivery, and before each later one without back-off."),
    USE_EXPONENTIAL_BACK_OFF(
            Group.REDELIVERY,
            "useExponentialBackOff",
            OptionType.flag(),
            "true",
            "Whether later redeliveries wait longer and longer."),
    BACK_OFF_MULTIPLIER(
            Group.REDELIVERY, "backOffMultiplier", OptionType.number(1, 1000), "2.0", "By how much longer, each time."),
    MAXIMUM_REDELIVERY_DELAY(
            Group.REDELIVERY,
            "maximumRedeliveryDelay",
            OptionType.millis(0),
            "300000",
            "The longest delay that back-off leads to."),
    MAXIMUM_REDELIVERIES(
            Group.REDELIVERY,
            "maximumRedeliveries",
            OptionType.integer(-1, 1_000_000),
            "6",
            "After so many failed redeliveries a message goes to the dead-letter queue; -1: never."),
    USE_COLLISION_AVOIDANCE(
            Group.REDELIVERY,
            "useCollisionAvoidance",
            OptionType.flag(),
            "false",
            "Whether delays vary at random, so that messages that failed together do not come back together."),
    COLLISION_AVOIDANCE_FACTOR(
            Group.REDELIVERY,
            "collisionAvoidanceFactor",
            OptionType.number(0, 1),
            "0.15",
            "By which part of the delay, up or down."),
    NON_BLOCKING_REDELIVERY(
            Group.REDELIVERY,
            "nonBlockingRedelivery",
            OptionType.flag(),
            "true",
            "Whether other messages flow while a message waits for its redelivery. The policy of the queue decides, not "
                    + "that of the message."),
    GROUPS_WAIT_FOR_REDELIVERY(
            Group.REDELIVERY,
            "groupsWaitForRedelivery",
            OptionType.flag(),
            "true",
            "Whether the later messages of a group (JMSXGroupID) wait while one of them waits for its redelivery, so that "
                    + "their order holds; without, they overtake it. The policy of the queue decides, not that of the "
                    + "message."),

    DEAD_LETTER_QUEUE(
            Group.DEAD_LETTERS,
            "deadLetterQueue",
            OptionType.destinationName(),
            "DLQ",
            "The queue for messages that failed too often."),
    DEAD_LETTER_QUEUE_PREFIX(
            Group.DEAD_LETTERS,
            "deadLetterQueuePrefix",
            OptionType.destinationName(),
            null,
            "A dead-letter queue for each queue instead: this prefix and the name of the queue. Not together with "
                    + "`deadLetterQueue`."),
    DEAD_LETTER_EXPIRED(
            Group.DEAD_LETTERS,
            "deadLetterExpired",
            OptionType.flag(),
            "false",
            "Whether expired messages go to the dead-letter queue rather than away."),

    ACK_SYNC(
            Group.RECEIVING,
            "ackSync",
            OptionType.flag(),
            "false",
            "Whether acknowledgements outside of transacted sessions wait for the server's disk. Without, a crash of "
                    + "the server can deliver the messages of its last second again; none is lost."),
    OPTIMIZE_ACKNOWLEDGE(
            Group.RECEIVING,
            "optimizeAcknowledge",
            OptionType.flag(),
            "false",
            "Whether AUTO_ACKNOWLEDGE and DUPS_OK_ACKNOWLEDGE may collect acknowledgements over 50 ms of work: much "
                    + "faster, but a crash of the client delivers all of these messages again. Without, `receive` "
                    + "acknowledges before it returns in AUTO_ACKNOWLEDGE, and about 1 ms of a listener's work is "
                    + "acknowledged together."),
    LEASE_AFTER(
            Group.RECEIVING,
            "leaseAfter",
            OptionType.millis(1),
            "100",
            "After this time in a handler a message of a session that is not transacted is held by a lease instead of an "
                    + "open database transaction."),
    LEASE_TIME(
            Group.RECEIVING,
            "leaseTime",
            OptionType.millis(1_000),
            "30000",
            "How long a lease outlives its process. A living process keeps its leases."),
    TRANSACTION_TIMEOUT(
            Group.RECEIVING,
            "transactionTimeout",
            OptionType.millis(0),
            "0",
            "The server rolls a transacted session back that has a transaction open and does nothing for this time, as a "
                    + "frozen process does; 0: never."),

    LOG_CONTEXT(
            Group.OBSERVING,
            "logContext",
            OptionType.flag(),
            "false",
            "Whether what a listener logs has the keys `sqlmq.destination` and `sqlmq.messageId` in its context (MDC)."),
    JMX(
            Group.OBSERVING,
            "jmx",
            OptionType.flag(),
            "false",
            "Whether the factory and its queues are MBeans of the JVM, named as a broker of ActiveMQ names its own.");

    /** Sections of the documentation. */
    enum Group {
        CONNECTING("Connecting"),
        MESSAGES("Messages"),
        DESTINATIONS("Destinations"),
        REDELIVERY("Redelivery"),
        DEAD_LETTERS("Dead letters"),
        RECEIVING("Receiving"),
        OBSERVING("Observing");

        private final String title;

        Group(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private final Group group;
    private final String optionName;
    private final OptionType<?> type;
    private final @Nullable String defaultText;
    private final @Nullable Object defaultValue;
    private final String description;

    SqlmqOption(Group group, String optionName, OptionType<?> type, @Nullable String defaultText, String description) {
        this.group = group;
        this.optionName = optionName;
        this.type = type;
        this.defaultText = defaultText;
        this.defaultValue = defaultText == null ? null : type.parse(defaultText);
        this.description = description;
    }

    Group group() {
        return group;
    }

    String optionName() {
        return optionName;
    }

    OptionType<?> type() {
        return type;
    }

    /** Null where nothing is the default. */
    @Nullable
    String defaultText() {
        return defaultText;
    }

    @Nullable
    Object defaultValue() {
        return defaultValue;
    }

    /** In Markdown. */
    String description() {
        return description;
    }

    /** A secret never shows in a text. */
    boolean isSecret() {
        return this == PASSWORD;
    }

    static List<SqlmqOption> of(Group group) {
        return Arrays.stream(values()).filter(option -> option.group == group).toList();
    }

    /** The option of that name among the candidates; an unknown name is refused with the nearest one. */
    static SqlmqOption named(String name, List<SqlmqOption> candidates) {
        Optional<SqlmqOption> found = candidates.stream()
                .filter(option -> option.optionName.equals(name))
                .findFirst();
        return found.orElseThrow(() -> new IllegalArgumentException("There is no option \"" + name + "\""
                + NearestName.of(
                                name,
                                candidates.stream().map(SqlmqOption::optionName).toList())
                        .map(nearest -> "; did you mean \"" + nearest + "\"?")
                        .orElse("; docs/configuration.md lists the options")));
    }

    /** Reads a value of this option. */
    Object parse(String text) {
        return check(read(type, text));
    }

    /** As {@link #parse}, but of what is too large the largest that is possible. */
    Object parseCut(String text) {
        return check(cut(type, text));
    }

    private <T> T cut(OptionType<T> of, String text) {
        return of.cut(read(of, text));
    }

    private <T> T read(OptionType<T> of, String text) {
        try {
            return of.parse(of.javaType() == String.class ? text : text.strip());
        } catch (IllegalArgumentException e) {
            throw refused(text);
        }
    }

    /** Gives back the value if it is within range, else throws IllegalArgumentException. */
    Object check(Object value) {
        if (!accepts(type, value)) {
            throw refused(format(value));
        }
        return value;
    }

    String format(Object value) {
        return format(type, value);
    }

    private static <T> boolean accepts(OptionType<T> type, Object value) {
        return type.javaType().isInstance(value) && type.accepts(type.javaType().cast(value));
    }

    private static <T> String format(OptionType<T> type, Object value) {
        return type.format(type.javaType().cast(value));
    }

    private IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                isSecret()
                        ? "Option " + optionName + " is empty; leave it out"
                        : "Option " + optionName + "=" + text + " is not possible: " + type.title()
                                + (text.isEmpty() ? " is needed (empty is not the same as left out)" : " is needed"));
    }
}
