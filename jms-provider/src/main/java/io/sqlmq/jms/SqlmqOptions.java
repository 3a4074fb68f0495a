package io.sqlmq.jms;

import io.sqlmq.engine.model.Millis;
import io.sqlmq.engine.model.NamePattern;
import io.sqlmq.schema.internal.JdbcUrl;
import java.time.Duration;
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

    private static final String DEPTH_PREFIX = "depthLimit.";

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

    /** All that is set but the URL, secrets too, by names that {@link #set} takes; policies and limits by patterns. */
    synchronized Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        for (SqlmqOption option : ALL) {
            String text = values.isSet(option) ? values.text(option) : null;
            if (text != null) {
                texts.put(option.optionName(), text);
            }
        }
        policies.forEach((pattern, policy) -> texts.put(POLICY_PREFIX + pattern, policy.format()));
        depthLimits.forEach((pattern, limit) -> texts.put(DEPTH_PREFIX + pattern, limit.format()));
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
     * redelivery policy of some destinations, see {@link #setRedeliveryPolicy(String, RedeliveryPolicy)}; one of the form
     * {@code depthLimit.orders.>} the limit of some queues, see {@link #setDepthLimit}.
     *
     * @throws IllegalArgumentException with the nearest name or the range, if name or value is not possible
     */
    public synchronized void set(String name, String value) {
        if (name.startsWith(POLICY_PREFIX)) {
            setRedeliveryPolicy(name.substring(POLICY_PREFIX.length()), RedeliveryPolicy.parse(value));
            return;
        }
        if (name.startsWith(DEPTH_PREFIX)) {
            setDepthLimit(name.substring(DEPTH_PREFIX.length()), DepthLimit.parse(value));
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

    private List<String> names(SqlmqOption option) {
        return ((List<?>) value(option, List.class))
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

    // ---- from here on written from the table of options (SqlmqOption), see OptionSettersTest

    /** What {@link #setSchema} has set, or the default. */
    public String getSchema() {
        return value(SqlmqOption.SCHEMA, String.class);
    }

    /**
     * The database schema that holds the tables of sqlmq. Any name; it needs no quotes.
     *
     * @param value text; default {@code public}
     */
    public void setSchema(@Nullable String value) {
        put(SqlmqOption.SCHEMA, value);
    }

    /** What {@link #setSchemaManagement} has set, or the default. */
    public SchemaManagement getSchemaManagement() {
        return value(SqlmqOption.SCHEMA_MANAGEMENT, SchemaManagement.class);
    }

    /**
     * What the first connection does about the tables: create or upgrade them ({@code migrate}, which needs the
     * artifact {@code sqlmq-migrate}), check them and fail with the command to run ({@code validate}), or nothing
     * ({@code none}).
     *
     * @param value one of migrate, validate, none; default {@code validate}
     */
    public void setSchemaManagement(@Nullable SchemaManagement value) {
        put(SqlmqOption.SCHEMA_MANAGEMENT, value);
    }

    /** What {@link #setUser} has set, or the default, null. */
    public @Nullable String getUser() {
        return textOrNull(SqlmqOption.USER);
    }

    /**
     * The PostgreSQL role of connections created without a user name. The driver's own parameter {@code user} does the
     * same.
     *
     * @param value text; default none
     */
    public void setUser(@Nullable String value) {
        put(SqlmqOption.USER, value);
    }

    /** What {@link #setPassword} has set, or the default, null. */
    public @Nullable String getPassword() {
        return textOrNull(SqlmqOption.PASSWORD);
    }

    /**
     * The password of {@code user}. Never logged. The driver's own parameter {@code password} does the same.
     *
     * @param value text; default none
     */
    public void setPassword(@Nullable String value) {
        put(SqlmqOption.PASSWORD, value);
    }

    /** What {@link #setClientID} has set, or the default, null. */
    public @Nullable String getClientID() {
        return textOrNull(SqlmqOption.CLIENT_ID);
    }

    /**
     * The client identifier of each connection, for durable subscriptions.
     *
     * @param value text; default none
     */
    public void setClientID(@Nullable String value) {
        put(SqlmqOption.CLIENT_ID, value);
    }

    /** What {@link #setApplicationName} has set, or the default. */
    public String getApplicationName() {
        return value(SqlmqOption.APPLICATION_NAME, String.class);
    }

    /**
     * The name seen in {@code pg_stat_activity}.
     *
     * @param value text; default {@code sqlmq}
     */
    public void setApplicationName(@Nullable String value) {
        put(SqlmqOption.APPLICATION_NAME, value);
    }

    /** What {@link #setMaximumPoolSize} has set, or the default. */
    public int getMaximumPoolSize() {
        return value(SqlmqOption.MAXIMUM_POOL_SIZE, Integer.class);
    }

    /**
     * Database connections per role for sessions that have a transaction open; up to two more send, and one listens.
     * Idle sessions hold none.
     *
     * @param value integer from 1 to 10000; default {@code 16}
     */
    public void setMaximumPoolSize(int value) {
        put(SqlmqOption.MAXIMUM_POOL_SIZE, value);
    }

    /** What {@link #setConnectionTimeout(long)} has set, or the default, in milliseconds. */
    public long getConnectionTimeout() {
        return amount(SqlmqOption.CONNECTION_TIMEOUT);
    }

    /**
     * How long an operation waits for a free database connection before it fails with a ResourceAllocationException.
     *
     * @param value milliseconds, from 250 to 2147483647; default {@code 30000}
     */
    public void setConnectionTimeout(long value) {
        put(SqlmqOption.CONNECTION_TIMEOUT, value);
    }

    /** As {@link #setConnectionTimeout(long)}; null brings back the default. */
    public void setConnectionTimeout(@Nullable Duration value) {
        put(SqlmqOption.CONNECTION_TIMEOUT, value == null ? null : Millis.of(value));
    }

    /** What {@link #setListen} has set, or the default. */
    public Listen getListen() {
        return value(SqlmqOption.LISTEN, Listen.class);
    }

    /**
     * Whether waiting consumers are woken by LISTEN and NOTIFY; without it they poll. {@code auto} is off with {@code
     * pgBouncer}.
     *
     * @param value one of auto, on, off; default {@code auto}
     */
    public void setListen(@Nullable Listen value) {
        put(SqlmqOption.LISTEN, value);
    }

    /** What {@link #setPgBouncer} has set, or the default. */
    public boolean isPgBouncer() {
        return flag(SqlmqOption.PG_BOUNCER);
    }

    /**
     * For PgBouncer in transaction mode: sets the driver's {@code prepareThreshold=0} unless the URL says otherwise,
     * sends no start-up options, and turns {@code listen=auto} off.
     *
     * @param value true or false; default {@code false}
     */
    public void setPgBouncer(boolean value) {
        put(SqlmqOption.PG_BOUNCER, value);
    }

    /** What {@link #setHostTimeout(long)} has set, or the default, in milliseconds. */
    public long getHostTimeout() {
        return amount(SqlmqOption.HOST_TIMEOUT);
    }

    /**
     * How long the database's host may be silent before it is taken for gone, and connections to it are dropped; it
     * also bounds each step of connecting to a host. Statements that wait for a lock or a standby, and those of the
     * application, may take longer; 0: for ever.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 3000}
     */
    public void setHostTimeout(long value) {
        put(SqlmqOption.HOST_TIMEOUT, value);
    }

    /** As {@link #setHostTimeout(long)}; null brings back the default. */
    public void setHostTimeout(@Nullable Duration value) {
        put(SqlmqOption.HOST_TIMEOUT, value == null ? null : Millis.of(value));
    }

    /** What {@link #setReconnectGrace(long)} has set, or the default, in milliseconds. */
    public long getReconnectGrace() {
        return amount(SqlmqOption.RECONNECT_GRACE);
    }

    /**
     * How long the database may be away before exception listeners hear of it; 0: they hear of every lost connection.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 0}
     */
    public void setReconnectGrace(long value) {
        put(SqlmqOption.RECONNECT_GRACE, value);
    }

    /** As {@link #setReconnectGrace(long)}; null brings back the default. */
    public void setReconnectGrace(@Nullable Duration value) {
        put(SqlmqOption.RECONNECT_GRACE, value == null ? null : Millis.of(value));
    }

    /** What {@link #setMaxMessageSize} has set, or the default. */
    public long getMaxMessageSize() {
        return amount(SqlmqOption.MAX_MESSAGE_SIZE);
    }

    /**
     * Larger messages (body, properties and other texts) are refused by send. What other programs have put in and is
     * larger than this, or than a quarter of the receiving JVM's heap, is not fetched but set aside.
     *
     * @param value bytes, from 1 to 1000000000; default {@code 104857600}
     */
    public void setMaxMessageSize(long value) {
        put(SqlmqOption.MAX_MESSAGE_SIZE, value);
    }

    /** What {@link #setTrustedPackages} has set, or the default. */
    public List<String> getTrustedPackages() {
        return names(SqlmqOption.TRUSTED_PACKAGES);
    }

    /**
     * Packages whose classes an ObjectMessage may hold, with their sub-packages, besides the basics of java.lang,
     * java.util, java.math and java.time; {@code *} trusts all.
     *
     * @param value names, separated by commas; default none
     */
    public void setTrustedPackages(@Nullable List<String> value) {
        put(SqlmqOption.TRUSTED_PACKAGES, value == null ? null : List.copyOf(value));
    }

    /** What {@link #setMaxHashtableObjects} has set, or the default. */
    public int getMaxHashtableObjects() {
        return value(SqlmqOption.MAX_HASHTABLE_OBJECTS, Integer.class);
    }

    /**
     * How many objects a received ObjectMessage may have if a Hashtable or Properties are among them, whose keys can be
     * made to take time that grows with the square of their number.
     *
     * @param value integer from 1 to 2147483647; default {@code 20000}
     */
    public void setMaxHashtableObjects(int value) {
        put(SqlmqOption.MAX_HASHTABLE_OBJECTS, value);
    }

    /** What {@link #setMaxDepth} has set, or the default. */
    public int getMaxDepth() {
        return value(SqlmqOption.MAX_DEPTH, Integer.class);
    }

    /**
     * About how many messages a queue may hold before sends wait or fail; 0: no limit. {@code
     * SqlmqOptions.setDepthLimit}, or an option like {@code depthLimit.orders.>} with a value like {@code
     * maxDepth=1000&whenFull=fail}, sets one for some queues.
     *
     * @param value integer from 0 to 100000000; default {@code 0}
     */
    public void setMaxDepth(int value) {
        put(SqlmqOption.MAX_DEPTH, value);
    }

    /** What {@link #setWhenFull} has set, or the default. */
    public WhenFull getWhenFull() {
        return value(SqlmqOption.WHEN_FULL, WhenFull.class);
    }

    /**
     * What a send to a queue with {@code maxDepth} messages does: wait for room ({@code block}), or throw a
     * ResourceAllocationException ({@code fail}).
     *
     * @param value one of block, fail; default {@code block}
     */
    public void setWhenFull(@Nullable WhenFull value) {
        put(SqlmqOption.WHEN_FULL, value);
    }

    /** What {@link #setSendTimeout(long)} has set, or the default, in milliseconds. */
    public long getSendTimeout() {
        return amount(SqlmqOption.SEND_TIMEOUT);
    }

    /**
     * How long a send waits for room in a full queue before it throws a ResourceAllocationException; 0: for ever.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 0}
     */
    public void setSendTimeout(long value) {
        put(SqlmqOption.SEND_TIMEOUT, value);
    }

    /** As {@link #setSendTimeout(long)}; null brings back the default. */
    public void setSendTimeout(@Nullable Duration value) {
        put(SqlmqOption.SEND_TIMEOUT, value == null ? null : Millis.of(value));
    }

    /** What {@link #setDeduplicationWindow(long)} has set, or the default, in milliseconds. */
    public long getDeduplicationWindow() {
        return amount(SqlmqOption.DEDUPLICATION_WINDOW);
    }

    /**
     * How long a queue or topic remembers the identifier of a message (property {@code JMS_SQLMQ_DeduplicationId} or
     * {@code _AMQ_DUPL_ID}) and drops others that have it too; 0: identifiers mean nothing.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 600000}
     */
    public void setDeduplicationWindow(long value) {
        put(SqlmqOption.DEDUPLICATION_WINDOW, value);
    }

    /** As {@link #setDeduplicationWindow(long)}; null brings back the default. */
    public void setDeduplicationWindow(@Nullable Duration value) {
        put(SqlmqOption.DEDUPLICATION_WINDOW, value == null ? null : Millis.of(value));
    }

    /** What {@link #setNotifyJoined} has set, or the default. */
    public boolean isNotifyJoined() {
        return flag(SqlmqOption.NOTIFY_JOINED);
    }

    /**
     * Whether a send within a transaction that sqlmq does not commit itself runs NOTIFY in it. NOTIFY serialises
     * commits; without it consumers find such messages when they poll.
     *
     * @param value true or false; default {@code true}
     */
    public void setNotifyJoined(boolean value) {
        put(SqlmqOption.NOTIFY_JOINED, value);
    }

    /** What {@link #setPopulateJMSXUserID} has set, or the default. */
    public boolean isPopulateJMSXUserID() {
        return flag(SqlmqOption.POPULATE_JMSX_USER_ID);
    }

    /**
     * Whether send sets the property JMSXUserID to the PostgreSQL role of the sender. What an application has set there
     * is never sent, with or without this.
     *
     * @param value true or false; default {@code false}
     */
    public void setPopulateJMSXUserID(boolean value) {
        put(SqlmqOption.POPULATE_JMSX_USER_ID, value);
    }

    /** What {@link #setPopulateJMSXAppID} has set, or the default. */
    public boolean isPopulateJMSXAppID() {
        return flag(SqlmqOption.POPULATE_JMSX_APP_ID);
    }

    /**
     * Whether send sets the property JMSXAppID to {@code applicationName}.
     *
     * @param value true or false; default {@code false}
     */
    public void setPopulateJMSXAppID(boolean value) {
        put(SqlmqOption.POPULATE_JMSX_APP_ID, value);
    }

    /** What {@link #setPopulateJMSXProducerTXID} has set, or the default. */
    public boolean isPopulateJMSXProducerTXID() {
        return flag(SqlmqOption.POPULATE_JMSX_PRODUCER_TXID);
    }

    /**
     * Whether a send within a transaction sets the property JMSXProducerTXID to the number of the database transaction
     * ({@code pg_current_xact_id}). The first send of a transaction then costs a round trip, and the database
     * transaction is open from then on.
     *
     * @param value true or false; default {@code false}
     */
    public void setPopulateJMSXProducerTXID(boolean value) {
        put(SqlmqOption.POPULATE_JMSX_PRODUCER_TXID, value);
    }

    /** What {@link #setDestinationNames} has set, or the default. */
    public DestinationNames getDestinationNames() {
        return value(SqlmqOption.DESTINATION_NAMES, DestinationNames.class);
    }

    /**
     * What names can say, see Coming from ActiveMQ: options after {@code ?}, several destinations separated by commas,
     * the wildcards {@code *} and {@code >}, virtual topics ({@code activemq}); or nothing but a name, whatever its
     * characters are ({@code literal}).
     *
     * @param value one of activemq, literal; default {@code activemq}
     */
    public void setDestinationNames(@Nullable DestinationNames value) {
        put(SqlmqOption.DESTINATION_NAMES, value);
    }

    /** What {@link #setAutoCreate} has set, or the default. */
    public boolean isAutoCreate() {
        return flag(SqlmqOption.AUTO_CREATE);
    }

    /**
     * Whether a queue or topic exists as soon as it is named. If not, one that was not declared by {@code
     * SqlmqAdmin.declareQueue} or {@code declareTopic} (table {@code mq_destinations}) is an
     * InvalidDestinationException for producers and consumers; dead-letter queues and temporary destinations need no
     * declaration.
     *
     * @param value true or false; default {@code true}
     */
    public void setAutoCreate(boolean value) {
        put(SqlmqOption.AUTO_CREATE, value);
    }

    /** What {@link #setInitialRedeliveryDelay(long)} has set, or the default, in milliseconds. */
    public long getInitialRedeliveryDelay() {
        return amount(SqlmqOption.INITIAL_REDELIVERY_DELAY);
    }

    /**
     * Delay before the first redelivery.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 0}
     */
    public void setInitialRedeliveryDelay(long value) {
        put(SqlmqOption.INITIAL_REDELIVERY_DELAY, value);
    }

    /** As {@link #setInitialRedeliveryDelay(long)}; null brings back the default. */
    public void setInitialRedeliveryDelay(@Nullable Duration value) {
        put(SqlmqOption.INITIAL_REDELIVERY_DELAY, value == null ? null : Millis.of(value));
    }

    /** What {@link #setRedeliveryDelay(long)} has set, or the default, in milliseconds. */
    public long getRedeliveryDelay() {
        return amount(SqlmqOption.REDELIVERY_DELAY);
    }

    /**
     * Delay before the second redelivery, and before each later one without back-off.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 1000}
     */
    public void setRedeliveryDelay(long value) {
        put(SqlmqOption.REDELIVERY_DELAY, value);
    }

    /** As {@link #setRedeliveryDelay(long)}; null brings back the default. */
    public void setRedeliveryDelay(@Nullable Duration value) {
        put(SqlmqOption.REDELIVERY_DELAY, value == null ? null : Millis.of(value));
    }

    /** What {@link #setUseExponentialBackOff} has set, or the default. */
    public boolean isUseExponentialBackOff() {
        return flag(SqlmqOption.USE_EXPONENTIAL_BACK_OFF);
    }

    /**
     * Whether later redeliveries wait longer and longer.
     *
     * @param value true or false; default {@code true}
     */
    public void setUseExponentialBackOff(boolean value) {
        put(SqlmqOption.USE_EXPONENTIAL_BACK_OFF, value);
    }

    /** What {@link #setBackOffMultiplier} has set, or the default. */
    public double getBackOffMultiplier() {
        return value(SqlmqOption.BACK_OFF_MULTIPLIER, Double.class);
    }

    /**
     * By how much longer, each time.
     *
     * @param value number from 1.0 to 1000.0; default {@code 2.0}
     */
    public void setBackOffMultiplier(double value) {
        put(SqlmqOption.BACK_OFF_MULTIPLIER, value);
    }

    /** What {@link #setMaximumRedeliveryDelay(long)} has set, or the default, in milliseconds. */
    public long getMaximumRedeliveryDelay() {
        return amount(SqlmqOption.MAXIMUM_REDELIVERY_DELAY);
    }

    /**
     * The longest delay that back-off leads to.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 300000}
     */
    public void setMaximumRedeliveryDelay(long value) {
        put(SqlmqOption.MAXIMUM_REDELIVERY_DELAY, value);
    }

    /** As {@link #setMaximumRedeliveryDelay(long)}; null brings back the default. */
    public void setMaximumRedeliveryDelay(@Nullable Duration value) {
        put(SqlmqOption.MAXIMUM_REDELIVERY_DELAY, value == null ? null : Millis.of(value));
    }

    /** What {@link #setMaximumRedeliveries} has set, or the default. */
    public int getMaximumRedeliveries() {
        return value(SqlmqOption.MAXIMUM_REDELIVERIES, Integer.class);
    }

    /**
     * After so many failed redeliveries a message goes to the dead-letter queue; -1: never.
     *
     * @param value integer from -1 to 1000000; default {@code 6}
     */
    public void setMaximumRedeliveries(int value) {
        put(SqlmqOption.MAXIMUM_REDELIVERIES, value);
    }

    /** What {@link #setUseCollisionAvoidance} has set, or the default. */
    public boolean isUseCollisionAvoidance() {
        return flag(SqlmqOption.USE_COLLISION_AVOIDANCE);
    }

    /**
     * Whether delays vary at random, so that messages that failed together do not come back together.
     *
     * @param value true or false; default {@code false}
     */
    public void setUseCollisionAvoidance(boolean value) {
        put(SqlmqOption.USE_COLLISION_AVOIDANCE, value);
    }

    /** What {@link #setCollisionAvoidanceFactor} has set, or the default. */
    public double getCollisionAvoidanceFactor() {
        return value(SqlmqOption.COLLISION_AVOIDANCE_FACTOR, Double.class);
    }

    /**
     * By which part of the delay, up or down.
     *
     * @param value number from 0.0 to 1.0; default {@code 0.15}
     */
    public void setCollisionAvoidanceFactor(double value) {
        put(SqlmqOption.COLLISION_AVOIDANCE_FACTOR, value);
    }

    /** What {@link #setNonBlockingRedelivery} has set, or the default. */
    public boolean isNonBlockingRedelivery() {
        return flag(SqlmqOption.NON_BLOCKING_REDELIVERY);
    }

    /**
     * Whether other messages flow while a message waits for its redelivery. The policy of the queue decides, not that
     * of the message.
     *
     * @param value true or false; default {@code true}
     */
    public void setNonBlockingRedelivery(boolean value) {
        put(SqlmqOption.NON_BLOCKING_REDELIVERY, value);
    }

    /** What {@link #setGroupsWaitForRedelivery} has set, or the default. */
    public boolean isGroupsWaitForRedelivery() {
        return flag(SqlmqOption.GROUPS_WAIT_FOR_REDELIVERY);
    }

    /**
     * Whether the later messages of a group (JMSXGroupID) wait while one of them waits for its redelivery, so that
     * their order holds; without, they overtake it. The policy of the queue decides, not that of the message.
     *
     * @param value true or false; default {@code true}
     */
    public void setGroupsWaitForRedelivery(boolean value) {
        put(SqlmqOption.GROUPS_WAIT_FOR_REDELIVERY, value);
    }

    /** What {@link #setDeadLetterQueue} has set, or the default. */
    public String getDeadLetterQueue() {
        return value(SqlmqOption.DEAD_LETTER_QUEUE, String.class);
    }

    /**
     * The queue for messages that failed too often.
     *
     * @param value name of at most 255 bytes in UTF-8, without NUL; default {@code DLQ}
     */
    public void setDeadLetterQueue(@Nullable String value) {
        put(SqlmqOption.DEAD_LETTER_QUEUE, value);
    }

    /** What {@link #setDeadLetterQueuePrefix} has set, or the default, null. */
    public @Nullable String getDeadLetterQueuePrefix() {
        return textOrNull(SqlmqOption.DEAD_LETTER_QUEUE_PREFIX);
    }

    /**
     * A dead-letter queue for each queue instead: this prefix and the name of the queue. Not together with {@code
     * deadLetterQueue}.
     *
     * @param value name of at most 255 bytes in UTF-8, without NUL; default none
     */
    public void setDeadLetterQueuePrefix(@Nullable String value) {
        put(SqlmqOption.DEAD_LETTER_QUEUE_PREFIX, value);
    }

    /** What {@link #setDeadLetterExpired} has set, or the default. */
    public boolean isDeadLetterExpired() {
        return flag(SqlmqOption.DEAD_LETTER_EXPIRED);
    }

    /**
     * Whether expired messages go to the dead-letter queue rather than away.
     *
     * @param value true or false; default {@code false}
     */
    public void setDeadLetterExpired(boolean value) {
        put(SqlmqOption.DEAD_LETTER_EXPIRED, value);
    }

    /** What {@link #setAckSync} has set, or the default. */
    public boolean isAckSync() {
        return flag(SqlmqOption.ACK_SYNC);
    }

    /**
     * Whether acknowledgements outside of transacted sessions wait for the server's disk. Without, a crash of the
     * server can deliver the messages of its last second again; none is lost.
     *
     * @param value true or false; default {@code false}
     */
    public void setAckSync(boolean value) {
        put(SqlmqOption.ACK_SYNC, value);
    }

    /** What {@link #setOptimizeAcknowledge} has set, or the default. */
    public boolean isOptimizeAcknowledge() {
        return flag(SqlmqOption.OPTIMIZE_ACKNOWLEDGE);
    }

    /**
     * Whether AUTO_ACKNOWLEDGE and DUPS_OK_ACKNOWLEDGE may collect acknowledgements over 50 ms of work: much faster,
     * but a crash of the client delivers all of these messages again. Without, {@code receive} acknowledges before it
     * returns in AUTO_ACKNOWLEDGE, and about 1 ms of a listener's work is acknowledged together.
     *
     * @param value true or false; default {@code false}
     */
    public void setOptimizeAcknowledge(boolean value) {
        put(SqlmqOption.OPTIMIZE_ACKNOWLEDGE, value);
    }

    /** What {@link #setLeaseAfter(long)} has set, or the default, in milliseconds. */
    public long getLeaseAfter() {
        return amount(SqlmqOption.LEASE_AFTER);
    }

    /**
     * After this time in a handler a message of a session that is not transacted is held by a lease instead of an open
     * database transaction.
     *
     * @param value milliseconds, from 1 to 2147483647; default {@code 100}
     */
    public void setLeaseAfter(long value) {
        put(SqlmqOption.LEASE_AFTER, value);
    }

    /** As {@link #setLeaseAfter(long)}; null brings back the default. */
    public void setLeaseAfter(@Nullable Duration value) {
        put(SqlmqOption.LEASE_AFTER, value == null ? null : Millis.of(value));
    }

    /** What {@link #setLeaseTime(long)} has set, or the default, in milliseconds. */
    public long getLeaseTime() {
        return amount(SqlmqOption.LEASE_TIME);
    }

    /**
     * How long a lease outlives its process. A living process keeps its leases.
     *
     * @param value milliseconds, from 1000 to 2147483647; default {@code 30000}
     */
    public void setLeaseTime(long value) {
        put(SqlmqOption.LEASE_TIME, value);
    }

    /** As {@link #setLeaseTime(long)}; null brings back the default. */
    public void setLeaseTime(@Nullable Duration value) {
        put(SqlmqOption.LEASE_TIME, value == null ? null : Millis.of(value));
    }

    /** What {@link #setTransactionTimeout(long)} has set, or the default, in milliseconds. */
    public long getTransactionTimeout() {
        return amount(SqlmqOption.TRANSACTION_TIMEOUT);
    }

    /**
     * The server rolls a transacted session back that has a transaction open and does nothing for this time, as a
     * frozen process does; 0: never.
     *
     * @param value milliseconds, from 0 to 2147483647; default {@code 0}
     */
    public void setTransactionTimeout(long value) {
        put(SqlmqOption.TRANSACTION_TIMEOUT, value);
    }

    /** As {@link #setTransactionTimeout(long)}; null brings back the default. */
    public void setTransactionTimeout(@Nullable Duration value) {
        put(SqlmqOption.TRANSACTION_TIMEOUT, value == null ? null : Millis.of(value));
    }

    /** What {@link #setLogContext} has set, or the default. */
    public boolean isLogContext() {
        return flag(SqlmqOption.LOG_CONTEXT);
    }

    /**
     * Whether what a listener logs has the keys {@code sqlmq.destination} and {@code sqlmq.messageId} in its context
     * (MDC).
     *
     * @param value true or false; default {@code false}
     */
    public void setLogContext(boolean value) {
        put(SqlmqOption.LOG_CONTEXT, value);
    }

    /** What {@link #setJmx} has set, or the default. */
    public boolean isJmx() {
        return flag(SqlmqOption.JMX);
    }

    /**
     * Whether the factory and its queues are MBeans of the JVM, named as a broker of ActiveMQ names its own.
     *
     * @param value true or false; default {@code false}
     */
    public void setJmx(boolean value) {
        put(SqlmqOption.JMX, value);
    }

    // ---- end of what is written from the table of options

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
