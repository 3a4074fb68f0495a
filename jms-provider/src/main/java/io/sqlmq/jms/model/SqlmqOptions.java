package io.sqlmq.jms.model;

import io.sqlmq.engine.model.NamePattern;
import io.sqlmq.schema.internal.JdbcUrl;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a connection factory is told. docs/configuration.md says what each option means; all times are in milliseconds,
 * sizes in bytes. A setter throws IllegalArgumentException for a value out of range and IllegalStateException once the
 * factory is in use. Setting null brings back the default. Thread-safe.
 */
public final class SqlmqOptions {
    private static final List<SqlmqOption> ALL = Arrays.asList(SqlmqOption.values());

    private static final String POLICY_PREFIX = "redeliveryPolicy.";

    private final OptionValues values;
    private final SortedMap<NamePattern, RedeliveryPolicy> policies;
    private final SortedMap<NamePattern, DepthLimit> depthLimits = new TreeMap<>();
    private @Nullable JdbcUrl url;
    private boolean sealed;

    /** Defaults, without a URL. */
    public SqlmqOptions() {
        this(new OptionValues(), new TreeMap<>(), null);
    }

    private SqlmqOptions(
            OptionValues values, SortedMap<NamePattern, RedeliveryPolicy> policies, @Nullable JdbcUrl url) {
        this.values = values;
        this.policies = policies;
        this.url = url;
    }

    /**
     * Reads {@code jdbc:postgresql://host:port/database?sqlmq.option=value&driverParameter=value…}.
     *
     * @throws IllegalArgumentException if the URL is not of that form, or an option or its value is not possible
     */
    public static SqlmqOptions parse(String url) {
        SqlmqOptions options = new SqlmqOptions();
        options.setUrl(url);
        return options;
    }

    /** A copy that can be changed. */
    public synchronized SqlmqOptions copy() {
        SqlmqOptions copy = new SqlmqOptions(values.copy(), new TreeMap<>(policies), url);
        copy.depthLimits.putAll(depthLimits);
        return copy;
    }

    /** All that is set but the URL, secrets too, by names that {@link #set} takes; policies by patterns. */
    synchronized Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        for (SqlmqOption option : ALL) {
            String text = values.isSet(option) ? values.text(option) : null;
            if (text != null) {
                texts.put(option.optionName(), text);
            }
        }
        policies.forEach((pattern, policy) -> texts.put(POLICY_PREFIX + pattern, policy.format()));
        return texts;
    }

    /** From here on nothing can be set. */
    synchronized void seal() {
        sealed = true;
    }

    /** Takes a URL with the options in it; options set otherwise before stay where the URL does not name them. */
    public synchronized void setUrl(String url) {
        requireUnsealed("url");
        JdbcUrl parsed = JdbcUrl.parse(url);
        parsed.options().forEach(this::set);
        this.url = parsed;
    }

    /** The URL for the driver, without the options of sqlmq; null if none was given. It may hold a password. */
    public synchronized @Nullable String getUrl() {
        return url == null ? null : url.driverUrl();
    }

    /** All parameters of the driver in the URL. */
    public synchronized Map<String, String> getDriverParameters() {
        return url == null ? Map.of() : url.driverParameters();
    }

    /**
     * Sets an option by name and text, as in a URL. A name of the form {@code redeliveryPolicy.orders.>} sets the
     * redelivery policy of some destinations, see {@link #setRedeliveryPolicy(String, RedeliveryPolicy)}.
     *
     * @throws IllegalArgumentException with the nearest name or the range, if name or value is not possible
     */
    public synchronized void set(String name, String value) {
        if (name.startsWith(POLICY_PREFIX)) {
            setRedeliveryPolicy(name.substring(POLICY_PREFIX.length()), RedeliveryPolicy.parse(value));
            return;
        }
        SqlmqOption option = SqlmqOption.named(name, ALL);
        put(option, option.parse(value));
    }

    /** An option as text, or null where it has no value; a password is not told. */
    public synchronized @Nullable String get(String name) {
        SqlmqOption option = SqlmqOption.named(name, ALL);
        return option.isSecret() ? null : values.text(option);
    }

    private synchronized void put(SqlmqOption option, @Nullable Object value) {
        requireUnsealed(option.optionName());
        values.set(option, value);
    }

    private void requireUnsealed(String name) {
        if (sealed) {
            throw new IllegalStateException("Option " + name
                    + " cannot be set any more: the connection factory is in use. Set options before the first "
                    + "createConnection");
        }
    }

    private synchronized <T> T value(SqlmqOption option, Class<T> type) {
        return values.get(option, type);
    }

    private synchronized @Nullable String textOrNull(SqlmqOption option) {
        return values.find(option, String.class);
    }

    private List<String> trustedPackages() {
        return ((List<?>) value(SqlmqOption.TRUSTED_PACKAGES, List.class))
                .stream().map(String.class::cast).toList();
    }

    private boolean flag(SqlmqOption option) {
        return value(option, Boolean.class);
    }

    private long amount(SqlmqOption option) {
        return value(option, Long.class);
    }

    /**
     * Refuses options that contradict each other.
     *
     * @throws IllegalArgumentException naming them
     */
    synchronized void validate() {
        if (values.isSet(SqlmqOption.DEAD_LETTER_QUEUE) && values.isSet(SqlmqOption.DEAD_LETTER_QUEUE_PREFIX)) {
            throw new IllegalArgumentException("deadLetterQueue and deadLetterQueuePrefix are both set; "
                    + "set the first for one dead-letter queue, the second for one per queue");
        }
        RedeliveryPolicy.validate(values);
        if (getLeaseAfter() >= getLeaseTime()) {
            throw new IllegalArgumentException("leaseAfter=" + getLeaseAfter() + " is not shorter than leaseTime="
                    + getLeaseTime() + "; leases would end before they begin");
        }
        if (getPassword() != null && getUser() == null && driverParameter("user") == null) {
            throw new IllegalArgumentException("password is set without user");
        }
        requireOnce(SqlmqOption.USER, "user");
        requireOnce(SqlmqOption.PASSWORD, "password");
        requireOnce(SqlmqOption.APPLICATION_NAME, "ApplicationName");
        if ("always".equals(driverParameter("autosave"))) {
            throw new IllegalArgumentException(
                    "autosave=always in the URL is not possible with sqlmq: a savepoint around "
                            + "each statement would hide failures of your transaction. Remove it, or use autosave=never");
        }
    }

    private @Nullable String driverParameter(String name) {
        return getDriverParameters().get(name);
    }

    private void requireOnce(SqlmqOption option, String driverParameter) {
        if (values.isSet(option) && driverParameter(driverParameter) != null) {
            throw new IllegalArgumentException("Both the option " + option.optionName() + " and the driver's parameter "
                    + driverParameter + " in the URL are set; set one of them");
        }
    }

    /** The policy of destinations that have none of their own. */
    public synchronized RedeliveryPolicy getRedeliveryPolicy() {
        return RedeliveryPolicy.of(values);
    }

    /** Sets all redelivery options at once. */
    public synchronized void setRedeliveryPolicy(RedeliveryPolicy policy) {
        for (SqlmqOption option : SqlmqOption.of(SqlmqOption.Group.REDELIVERY)) {
            put(option, policy.value(option));
        }
    }

    /**
     * Gives some destinations a policy of their own.
     *
     * @param pattern a name, or a pattern as in ActiveMQ: {@code *} for one part between dots, {@code >} at the end for
     *     the rest, for example {@code orders.>}. Where several match, the one that says more counts
     * @param policy null to remove it
     */
    public synchronized void setRedeliveryPolicy(String pattern, @Nullable RedeliveryPolicy policy) {
        requireUnsealed("redeliveryPolicy");
        if (policy == null) {
            policies.remove(pattern(pattern));
        } else {
            policies.put(pattern(pattern), policy);
        }
    }

    /** The policies that {@link #setRedeliveryPolicy(String, RedeliveryPolicy)} has set, by pattern, the one that says most first. */
    public synchronized Map<String, RedeliveryPolicy> getRedeliveryPolicies() {
        return byText(policies);
    }

    private static NamePattern pattern(String text) {
        if (!SqlmqDestination.isName(text)) {
            throw new IllegalArgumentException("\"" + text + "\" is not possible as a destination pattern");
        }
        return NamePattern.parse(text);
    }

    /** The policy for a destination of that name. */
    public synchronized RedeliveryPolicy getRedeliveryPolicy(String destinationName) {
        return policies.entrySet().stream()
                .filter(entry -> entry.getKey().matches(destinationName))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(this::getRedeliveryPolicy);
    }

    /**
     * Limits the depth of some queues; the options {@code maxDepth} and {@code whenFull} hold for the others.
     *
     * @param pattern as in {@link #setRedeliveryPolicy(String, RedeliveryPolicy)}
     * @param limit null to remove it
     */
    public synchronized void setDepthLimit(String pattern, @Nullable DepthLimit limit) {
        requireUnsealed("depthLimit");
        if (limit == null) {
            depthLimits.remove(pattern(pattern));
        } else {
            depthLimits.put(pattern(pattern), limit);
        }
    }

    /** The limit for a queue of that name. */
    public synchronized DepthLimit getDepthLimit(String queueName) {
        return depthLimits.entrySet().stream()
                .filter(entry -> entry.getKey().matches(queueName))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(() -> getMaxDepth() == 0 ? DepthLimit.NONE : new DepthLimit(getMaxDepth(), getWhenFull()));
    }

    /** The limits that {@link #setDepthLimit} has set, by pattern, the one that says most first. */
    public synchronized Map<String, DepthLimit> getDepthLimits() {
        return byText(depthLimits);
    }

    private static <T> Map<String, T> byText(SortedMap<NamePattern, T> patterns) {
        Map<String, T> byText = new LinkedHashMap<>();
        patterns.forEach((pattern, value) -> byText.put(pattern.toString(), value));
        return byText;
    }

    /** The schema of the tables. */
    public String getSchema() {
        return value(SqlmqOption.SCHEMA, String.class);
    }

    public void setSchema(@Nullable String value) {
        put(SqlmqOption.SCHEMA, value);
    }

    /** What the first connection does about the tables. */
    public SchemaManagement getSchemaManagement() {
        return value(SqlmqOption.SCHEMA_MANAGEMENT, SchemaManagement.class);
    }

    public void setSchemaManagement(@Nullable SchemaManagement value) {
        put(SqlmqOption.SCHEMA_MANAGEMENT, value);
    }

    /** The role of connections created without a user name, or null. */
    public @Nullable String getUser() {
        return textOrNull(SqlmqOption.USER);
    }

    public void setUser(@Nullable String value) {
        put(SqlmqOption.USER, value);
    }

    /** The password of the role, or null. */
    public @Nullable String getPassword() {
        return textOrNull(SqlmqOption.PASSWORD);
    }

    public void setPassword(@Nullable String value) {
        put(SqlmqOption.PASSWORD, value);
    }

    /** The client identifier of each connection, or null. */
    public @Nullable String getClientID() {
        return textOrNull(SqlmqOption.CLIENT_ID);
    }

    public void setClientID(@Nullable String value) {
        put(SqlmqOption.CLIENT_ID, value);
    }

    /** The name seen in pg_stat_activity. */
    public String getApplicationName() {
        return value(SqlmqOption.APPLICATION_NAME, String.class);
    }

    public void setApplicationName(@Nullable String value) {
        put(SqlmqOption.APPLICATION_NAME, value);
    }

    /** Database connections per role for open transactions. */
    public int getMaximumPoolSize() {
        return value(SqlmqOption.MAXIMUM_POOL_SIZE, Integer.class);
    }

    public void setMaximumPoolSize(int value) {
        put(SqlmqOption.MAXIMUM_POOL_SIZE, value);
    }

    /** Milliseconds to wait for a free database connection. */
    public long getConnectionTimeout() {
        return amount(SqlmqOption.CONNECTION_TIMEOUT);
    }

    public void setConnectionTimeout(long value) {
        put(SqlmqOption.CONNECTION_TIMEOUT, value);
    }

    /** Whether consumers are woken by notifications. */
    public Listen getListen() {
        return value(SqlmqOption.LISTEN, Listen.class);
    }

    public void setListen(@Nullable Listen value) {
        put(SqlmqOption.LISTEN, value);
    }

    /** Whether PgBouncer in transaction mode is in between. */
    public boolean isPgBouncer() {
        return flag(SqlmqOption.PG_BOUNCER);
    }

    public void setPgBouncer(boolean value) {
        put(SqlmqOption.PG_BOUNCER, value);
    }

    /** Milliseconds of outage before exception listeners hear of it. */
    public long getReconnectGrace() {
        return amount(SqlmqOption.RECONNECT_GRACE);
    }

    public void setReconnectGrace(long value) {
        put(SqlmqOption.RECONNECT_GRACE, value);
    }

    /** Milliseconds after which a server that does not answer is taken for gone; 0: never. */
    public long getHostTimeout() {
        return amount(SqlmqOption.HOST_TIMEOUT);
    }

    public void setHostTimeout(long value) {
        put(SqlmqOption.HOST_TIMEOUT, value);
    }

    /** The largest message, in bytes. */
    public long getMaxMessageSize() {
        return amount(SqlmqOption.MAX_MESSAGE_SIZE);
    }

    public void setMaxMessageSize(long value) {
        put(SqlmqOption.MAX_MESSAGE_SIZE, value);
    }

    /** Packages whose classes an ObjectMessage may hold. */
    public List<String> getTrustedPackages() {
        return trustedPackages();
    }

    public void setTrustedPackages(@Nullable List<String> value) {
        put(SqlmqOption.TRUSTED_PACKAGES, value == null ? null : List.copyOf(value));
    }

    /** How many objects a received ObjectMessage may have if a Hashtable is among them. */
    public int getMaxHashtableObjects() {
        return value(SqlmqOption.MAX_HASHTABLE_OBJECTS, Integer.class);
    }

    public void setMaxHashtableObjects(int value) {
        put(SqlmqOption.MAX_HASHTABLE_OBJECTS, value);
    }

    /** About how many messages a queue may hold; 0 for no limit. */
    public int getMaxDepth() {
        return value(SqlmqOption.MAX_DEPTH, Integer.class);
    }

    public void setMaxDepth(int value) {
        put(SqlmqOption.MAX_DEPTH, value);
    }

    /** What a send to a full queue does. */
    public WhenFull getWhenFull() {
        return value(SqlmqOption.WHEN_FULL, WhenFull.class);
    }

    public void setWhenFull(@Nullable WhenFull value) {
        put(SqlmqOption.WHEN_FULL, value);
    }

    /** Milliseconds that a send waits for room; 0 for ever. */
    public long getSendTimeout() {
        return amount(SqlmqOption.SEND_TIMEOUT);
    }

    public void setSendTimeout(long value) {
        put(SqlmqOption.SEND_TIMEOUT, value);
    }

    /** Milliseconds that identifiers of messages are remembered; 0 for not at all. */
    public long getDeduplicationWindow() {
        return amount(SqlmqOption.DEDUPLICATION_WINDOW);
    }

    public void setDeduplicationWindow(long value) {
        put(SqlmqOption.DEDUPLICATION_WINDOW, value);
    }

    /** Whether sends in a caller's transaction run NOTIFY in it. */
    public boolean isNotifyJoined() {
        return flag(SqlmqOption.NOTIFY_JOINED);
    }

    public void setNotifyJoined(boolean value) {
        put(SqlmqOption.NOTIFY_JOINED, value);
    }

    /** Whether send sets JMSXUserID to the sender's role. */
    public boolean isPopulateJMSXUserID() {
        return flag(SqlmqOption.POPULATE_JMSX_USER_ID);
    }

    public void setPopulateJMSXUserID(boolean value) {
        put(SqlmqOption.POPULATE_JMSX_USER_ID, value);
    }

    /** Whether send sets JMSXAppID to the application's name. */
    public boolean isPopulateJMSXAppID() {
        return flag(SqlmqOption.POPULATE_JMSX_APP_ID);
    }

    public void setPopulateJMSXAppID(boolean value) {
        put(SqlmqOption.POPULATE_JMSX_APP_ID, value);
    }

    /** Whether a send within a transaction sets JMSXProducerTXID. */
    public boolean isPopulateJMSXProducerTXID() {
        return flag(SqlmqOption.POPULATE_JMSX_PRODUCER_TXID);
    }

    public void setPopulateJMSXProducerTXID(boolean value) {
        put(SqlmqOption.POPULATE_JMSX_PRODUCER_TXID, value);
    }

    /** Whether a queue or topic exists as soon as it is named. */
    public boolean isAutoCreate() {
        return flag(SqlmqOption.AUTO_CREATE);
    }

    public void setAutoCreate(boolean value) {
        put(SqlmqOption.AUTO_CREATE, value);
    }

    /** What names of destinations can say besides being names. */
    public DestinationNames getDestinationNames() {
        return value(SqlmqOption.DESTINATION_NAMES, DestinationNames.class);
    }

    public void setDestinationNames(@Nullable DestinationNames value) {
        put(SqlmqOption.DESTINATION_NAMES, value);
    }

    /** Milliseconds before the first redelivery. */
    public long getInitialRedeliveryDelay() {
        return amount(SqlmqOption.INITIAL_REDELIVERY_DELAY);
    }

    public void setInitialRedeliveryDelay(long value) {
        put(SqlmqOption.INITIAL_REDELIVERY_DELAY, value);
    }

    /** Milliseconds before the second redelivery. */
    public long getRedeliveryDelay() {
        return amount(SqlmqOption.REDELIVERY_DELAY);
    }

    public void setRedeliveryDelay(long value) {
        put(SqlmqOption.REDELIVERY_DELAY, value);
    }

    /** Whether later redeliveries wait longer. */
    public boolean isUseExponentialBackOff() {
        return flag(SqlmqOption.USE_EXPONENTIAL_BACK_OFF);
    }

    public void setUseExponentialBackOff(boolean value) {
        put(SqlmqOption.USE_EXPONENTIAL_BACK_OFF, value);
    }

    /** By how much longer, each time. */
    public double getBackOffMultiplier() {
        return value(SqlmqOption.BACK_OFF_MULTIPLIER, Double.class);
    }

    public void setBackOffMultiplier(double value) {
        put(SqlmqOption.BACK_OFF_MULTIPLIER, value);
    }

    /** Milliseconds that back-off does not exceed. */
    public long getMaximumRedeliveryDelay() {
        return amount(SqlmqOption.MAXIMUM_REDELIVERY_DELAY);
    }

    public void setMaximumRedeliveryDelay(long value) {
        put(SqlmqOption.MAXIMUM_REDELIVERY_DELAY, value);
    }

    /** Redeliveries before the dead-letter queue; -1 for no end. */
    public int getMaximumRedeliveries() {
        return value(SqlmqOption.MAXIMUM_REDELIVERIES, Integer.class);
    }

    public void setMaximumRedeliveries(int value) {
        put(SqlmqOption.MAXIMUM_REDELIVERIES, value);
    }

    /** Whether delays vary at random. */
    public boolean isUseCollisionAvoidance() {
        return flag(SqlmqOption.USE_COLLISION_AVOIDANCE);
    }

    public void setUseCollisionAvoidance(boolean value) {
        put(SqlmqOption.USE_COLLISION_AVOIDANCE, value);
    }

    /** By which part of the delay. */
    public double getCollisionAvoidanceFactor() {
        return value(SqlmqOption.COLLISION_AVOIDANCE_FACTOR, Double.class);
    }

    public void setCollisionAvoidanceFactor(double value) {
        put(SqlmqOption.COLLISION_AVOIDANCE_FACTOR, value);
    }

    /** Whether others flow while a message waits. */
    public boolean isNonBlockingRedelivery() {
        return flag(SqlmqOption.NON_BLOCKING_REDELIVERY);
    }

    public void setNonBlockingRedelivery(boolean value) {
        put(SqlmqOption.NON_BLOCKING_REDELIVERY, value);
    }

    /** Whether the later messages of a group (JMSXGroupID) wait while one of them waits. */
    public boolean isGroupsWaitForRedelivery() {
        return flag(SqlmqOption.GROUPS_WAIT_FOR_REDELIVERY);
    }

    public void setGroupsWaitForRedelivery(boolean value) {
        put(SqlmqOption.GROUPS_WAIT_FOR_REDELIVERY, value);
    }

    /** The queue for messages that failed too often. */
    public String getDeadLetterQueue() {
        return value(SqlmqOption.DEAD_LETTER_QUEUE, String.class);
    }

    public void setDeadLetterQueue(@Nullable String value) {
        put(SqlmqOption.DEAD_LETTER_QUEUE, value);
    }

    /** The prefix of a dead-letter queue per queue, or null. */
    public @Nullable String getDeadLetterQueuePrefix() {
        return textOrNull(SqlmqOption.DEAD_LETTER_QUEUE_PREFIX);
    }

    public void setDeadLetterQueuePrefix(@Nullable String value) {
        put(SqlmqOption.DEAD_LETTER_QUEUE_PREFIX, value);
    }

    /** Whether expired messages become dead letters. */
    public boolean isDeadLetterExpired() {
        return flag(SqlmqOption.DEAD_LETTER_EXPIRED);
    }

    public void setDeadLetterExpired(boolean value) {
        put(SqlmqOption.DEAD_LETTER_EXPIRED, value);
    }

    /** Whether AUTO acknowledgements wait for the disk. */
    public boolean isAckSync() {
        return flag(SqlmqOption.ACK_SYNC);
    }

    public void setAckSync(boolean value) {
        put(SqlmqOption.ACK_SYNC, value);
    }

    /** Whether AUTO may acknowledge several messages at once. */
    public boolean isOptimizeAcknowledge() {
        return flag(SqlmqOption.OPTIMIZE_ACKNOWLEDGE);
    }

    public void setOptimizeAcknowledge(boolean value) {
        put(SqlmqOption.OPTIMIZE_ACKNOWLEDGE, value);
    }

    /** Milliseconds in a handler after which a lease holds a message. */
    public long getLeaseAfter() {
        return amount(SqlmqOption.LEASE_AFTER);
    }

    public void setLeaseAfter(long value) {
        put(SqlmqOption.LEASE_AFTER, value);
    }

    /** Milliseconds that a lease outlives its process. */
    public long getLeaseTime() {
        return amount(SqlmqOption.LEASE_TIME);
    }

    public void setLeaseTime(long value) {
        put(SqlmqOption.LEASE_TIME, value);
    }

    /** Milliseconds after which a transacted session is rolled back; 0 for never. */
    public long getTransactionTimeout() {
        return amount(SqlmqOption.TRANSACTION_TIMEOUT);
    }

    public void setTransactionTimeout(long value) {
        put(SqlmqOption.TRANSACTION_TIMEOUT, value);
    }

    /** What is set, without secrets. */
    @Override
    public synchronized String toString() {
        StringJoiner text = new StringJoiner(", ", "SqlmqOptions{", "}");
        if (url != null) {
            // What may be a password is left out: what stands before an @.
            text.add("url=" + url.toString().replaceFirst("(?s)//.*@", "//…@"));
        }
        for (SqlmqOption option : ALL) {
            if (values.isSet(option)) {
                text.add(option.optionName() + "=" + (option.isSecret() ? "…" : values.text(option)));
            }
        }
        policies.forEach((pattern, policy) -> text.add("redeliveryPolicy " + pattern + "=" + policy));
        depthLimits.forEach((pattern, limit) -> text.add("depthLimit " + pattern + "=" + limit));
        return text.toString();
    }
}
