package io.sqlmq.jms;

import java.io.Serializable;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the name of a destination says about its consumers, in the form of ActiveMQ: {@code
 * orders?consumer.prefetchSize=10&consumer.exclusive=true}. Producers ignore it. Immutable.
 *
 * <p>A consumer finds the options of its destination by {@link SqlmqDestination#getOptions()}. The parsed options are
 * passed on whole, so that whoever gives an option its effect (a consumer's exclusiveness, its priority) need not parse.
 * Values are percent-encoded as in a URL. Options of ActiveMQ that have no meaning here are logged and ignored; unknown ones
 * are refused.
 *
 * @param prefetchSize {@code consumer.prefetchSize}: the most messages that are taken from the queue at once, at least 1;
 *     null where nothing is said
 * @param exclusive {@code consumer.exclusive}: whether the queue is to be consumed by one consumer at a time
 * @param priority {@code consumer.priority}, or {@code consumer-priority} as in Artemis: consumers of higher priority are served first; from -128 to 127, usually 0
 * @param noLocal {@code consumer.noLocal}: for topics, see {@link jakarta.jms.Session#createConsumer(jakarta.jms.Destination,
 *     String, boolean)}, which can ask for it too
 * @param selector {@code consumer.selector}: the selector of consumers that are created without one, or null
 * @param redelivery {@code redelivery.…}: differences to the redelivery policy of the destination, in the form of {@link
 *     RedeliveryPolicy#with}; empty for none
 */
public record DestinationOptions(
        @Nullable Integer prefetchSize,
        boolean exclusive,
        int priority,
        boolean noLocal,
        @Nullable String selector,
        String redelivery)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final Logger log = LoggerFactory.getLogger(DestinationOptions.class);

    private static final String PREFETCH_SIZE = "consumer.prefetchSize";
    private static final String EXCLUSIVE = "consumer.exclusive";
    private static final String PRIORITY = "consumer.priority";
    /** {@link #PRIORITY} in Artemis. */
    private static final String PRIORITY_OF_ARTEMIS = "consumer-priority";

    private static final String NO_LOCAL = "consumer.noLocal";
    private static final String SELECTOR = "consumer.selector";
    private static final String REDELIVERY = "redelivery.";

    private static final OptionType<Integer> PREFETCH_RANGE = OptionType.integer(0, 1_000_000);
    private static final OptionType<Integer> PRIORITY_RANGE = OptionType.integer(Byte.MIN_VALUE, Byte.MAX_VALUE);
    private static final OptionType<Boolean> FLAG = OptionType.flag();

    /** No options. */
    public static final DestinationOptions NONE = new DestinationOptions(null, false, 0, false, null, "");

    private static final List<String> KNOWN =
            List.of(PREFETCH_SIZE, EXCLUSIVE, PRIORITY, NO_LOCAL, SELECTOR, REDELIVERY + "maximumRedeliveries");

    /** Of which options the log has said that they have no meaning. */
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    /** What ActiveMQ has and needs where a broker sends messages ahead; nothing here depends on it. */
    private static final Set<String> WITHOUT_MEANING = Set.of(
            "consumer.dispatchAsync",
            "consumer.maximumPendingMessageLimit",
            "consumer.retroactive",
            "consumer.browser",
            "consumer.networkSubscription",
            "consumer.noRangeAcks",
            "consumer.optimizedAcknowledge");

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is not possible
     */
    public DestinationOptions {
        if (prefetchSize != null && prefetchSize < 1) {
            throw new IllegalArgumentException("prefetchSize " + prefetchSize + " is less than 1");
        }
        if (!PRIORITY_RANGE.accepts(priority)) {
            throw new IllegalArgumentException("priority " + priority + " is no " + PRIORITY_RANGE.title());
        }
        RedeliveryPolicy.parse(redelivery);
    }

    /**
     * Reads what stands behind the question mark of a name.
     *
     * @throws IllegalArgumentException if it is not {@code name=value&name=value…}, or a name or value is not possible
     */
    public static DestinationOptions parse(String text) {
        Map<String, String> values = pairs(text);
        List<String> redelivery = new ArrayList<>();
        values.forEach((name, value) -> {
            if (name.startsWith(REDELIVERY)) {
                redelivery.add(name.substring(REDELIVERY.length()) + "=" + value);
            } else if (WITHOUT_MEANING.contains(name)) {
                if (TOLD.add(name)) {
                    log.info("The destination option {}={} has no effect in sqlmq", name, value);
                }
            } else if (!KNOWN.contains(name)) {
                throw unknown(name);
            }
        });
        Integer prefetch = value(values, PREFETCH_SIZE, PREFETCH_RANGE);
        Boolean exclusive = value(values, EXCLUSIVE, FLAG);
        Integer priority = value(values, PRIORITY, PRIORITY_RANGE);
        Boolean noLocal = value(values, NO_LOCAL, FLAG);
        return new DestinationOptions(
                prefetch == null ? null : Math.max(1, prefetch),
                exclusive != null && exclusive,
                priority == null ? 0 : priority,
                noLocal != null && noLocal,
                values.get(SELECTOR),
                String.join("&", redelivery));
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(
                        "\"" + pair + "\" behind the ? in the name of the destination is not an"
                                + " option of the form name=value. For a name with a question mark use SqlmqQueue.literal,"
                                + " SqlmqTopic.literal, or the option destinationNames=literal");
            }
            String name = pair.substring(0, equals).strip();
            values.put(name.equals(PRIORITY_OF_ARTEMIS) ? PRIORITY : name, decoded(pair.substring(equals + 1)));
        }
        return values;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The value \"" + value + "\" of a destination option has a % that is not the beginning of an escape"
                            + " like %20; write %25",
                    e);
        }
    }

    private static <T> @Nullable T value(Map<String, String> values, String name, OptionType<T> type) {
        String text = values.get(name);
        if (text == null) {
            return null;
        }
        try {
            T value = type.parse(text.strip());
            if (type.accepts(value)) {
                return value;
            }
        } catch (IllegalArgumentException e) {
            throw refused(name, text, type, e);
        }
        throw refused(name, text, type, null);
    }

    private static IllegalArgumentException refused(
            String name, String text, OptionType<?> type, @Nullable IllegalArgumentException cause) {
        return new IllegalArgumentException(
                "Destination option " + name + "=" + text + " is not possible: " + type.title() + " is needed", cause);
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("There is no destination option \"" + name + "\""
                + NearestName.of(name, KNOWN)
                        .map(nearest -> "; did you mean \"" + nearest + "\"?")
                        .orElse(".")
                + " Known are " + String.join(", ", KNOWN.subList(0, KNOWN.size() - 1)) + " and " + REDELIVERY
                + " with the options of a redelivery policy");
    }

    /** As text that {@link #parse} reads, without what is usual; empty when nothing is said. */
    public String format() {
        StringJoiner text = new StringJoiner("&");
        if (prefetchSize != null) {
            text.add(PREFETCH_SIZE + "=" + prefetchSize);
        }
        if (exclusive) {
            text.add(EXCLUSIVE + "=true");
        }
        if (priority != 0) {
            text.add(PRIORITY + "=" + priority);
        }
        if (noLocal) {
            text.add(NO_LOCAL + "=true");
        }
        if (selector != null) {
            text.add(SELECTOR + "=" + URLEncoder.encode(selector, StandardCharsets.UTF_8));
        }
        if (!redelivery.isEmpty()) {
            for (String difference : redelivery.split("&", -1)) {
                text.add(REDELIVERY + difference);
            }
        }
        return text.toString();
    }

    /** Whether nothing is said. */
    public boolean isEmpty() {
        return equals(NONE);
    }
}
