package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.Remembered;
import io.sqlmq.engine.model.Subscription;
import io.sqlmq.message.HeaderText;
import io.sqlmq.selector.MessageView;
import io.sqlmq.selector.Selector;
import io.sqlmq.selector.SelectorSyntaxException;
import jakarta.jms.InvalidSelectorException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The selectors of subscriptions: checked when subscribing, tested in memory when publishing. Thread-safe. */
public final class SubscriptionSelectors {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionSelectors.class);

    private final Remembered<String, Parsed> parsed = new Remembered<>();

    /** The subscriptions of which the log has said what is wrong. */
    private final Remembered<Subscription, Boolean> told = new Remembered<>();

    /** A selector, or null and why it is none. */
    private record Parsed(
            @Nullable Selector selector, @Nullable String error) {}

    /** The selector itself, or null for none. */
    public static @Nullable String checked(@Nullable String selector) throws InvalidSelectorException {
        try {
            return Selector.parseNullable(selector) == null ? null : selector;
        } catch (SelectorSyntaxException e) {
            InvalidSelectorException invalid = new InvalidSelectorException(e.getMessage(), "SELECTOR", e);
            invalid.initCause(e);
            throw invalid;
        }
    }

    /** The text to keep for a selector. */
    public static @Nullable String stored(@Nullable String selector) {
        return selector == null ? null : HeaderText.encode(selector);
    }

    /**
     * Whether the subscription wants the message. One whose selector is none (somebody has written it into the table) wants
     * nothing; the log says so once for each.
     *
     * @param selector as it is kept
     */
    boolean matches(Subscription subscription, String selector, MessageView message) {
        if (selector.isBlank()) {
            return true; // §6.2.4
        }
        Parsed known = parsed.get(selector);
        if (known == null) {
            known = parse(selector);
            parsed.put(selector, known);
        }
        if (known.selector == null) {
            tell(subscription, known.error);
            return false;
        }
        return known.selector.matches(message);
    }

    private static Parsed parse(String selector) {
        try {
            return new Parsed(Selector.parse(HeaderText.decode(selector)), null);
        } catch (SelectorSyntaxException | RuntimeException e) {
            return new Parsed(null, e.getMessage());
        }
    }

    private void tell(Subscription subscription, @Nullable String error) {
        if (told.get(subscription) == null) {
            told.put(subscription, true);
            LOG.error(
                    "The subscription with the channel {} has a selector that is none and gets nothing until it is"
                            + " subscribed anew, see mq_topic_subscribers: {}",
                    subscription.channel(),
                    error);
        }
    }
}
