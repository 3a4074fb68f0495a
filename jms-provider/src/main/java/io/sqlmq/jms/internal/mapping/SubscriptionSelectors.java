package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.Remembered;
import io.sqlmq.engine.model.Subscription;
import io.sqlmq.message.HeaderText;
import io.sqlmq.selector.MessageView;
import io.sqlmq.selector.Selector;
import io.sqlmq.selector.SelectorSyntaxException;
import jakarta.jms.InvalidSelectorException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The selectors of subscriptions: checked when subscribing, tested in memory when publishing. Thread-safe. */
public final class SubscriptionSelectors {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionSelectors.class);

    private final Remembered<String, Optional<Selector>> parsed = new Remembered<>();

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
     * nothing; the log says so once.
     *
     * @param selector as it is kept
     */
    boolean matches(Subscription subscription, String selector, MessageView message) {
        if (selector.isBlank()) {
            return true; // §6.2.4
        }
        Optional<Selector> known = parsed.get(selector);
        if (known == null) {
            known = parse(subscription, selector);
            parsed.put(selector, known);
        }
        return known.isPresent() && known.get().matches(message);
    }

    private static Optional<Selector> parse(Subscription subscription, String selector) {
        try {
            return Optional.of(Selector.parse(HeaderText.decode(selector)));
        } catch (SelectorSyntaxException | RuntimeException e) {
            LOG.error(
                    "The subscription with the channel {} has a selector that is none and gets nothing until it is"
                            + " subscribed anew, see mq_topic_subscribers: {}",
                    subscription.channel(),
                    e.getMessage());
            return Optional.empty();
        }
    }
}
