package io.sqlmq.jms.internal;

import io.sqlmq.engine.Remembered;
import io.sqlmq.message.HeaderText;
import io.sqlmq.selector.Selector;
import io.sqlmq.selector.SelectorSyntaxException;
import jakarta.jms.InvalidSelectorException;
import org.jspecify.annotations.Nullable;

/** The selectors of subscriptions: checked when subscribing, tested in memory when publishing. Thread-safe. */
final class SubscriptionSelectors {
    private final Remembered<String, Selector> parsed = new Remembered<>();

    /** The selector itself, or null for none. */
    static @Nullable String checked(@Nullable String selector) throws InvalidSelectorException {
        try {
            return Selector.parseNullable(selector) == null ? null : selector;
        } catch (SelectorSyntaxException e) {
            InvalidSelectorException invalid = new InvalidSelectorException(e.getMessage(), "SELECTOR", e);
            invalid.initCause(e);
            throw invalid;
        }
    }

    /** The text to keep for a selector. */
    static @Nullable String stored(@Nullable String selector) {
        return selector == null ? null : HeaderText.encode(selector);
    }

    /** The selector that is kept as this text. */
    Selector of(String text) {
        Selector known = parsed.get(text);
        if (known != null) {
            return known;
        }
        try {
            Selector selector = Selector.parse(HeaderText.decode(text));
            parsed.put(text, selector);
            return selector;
        } catch (SelectorSyntaxException e) {
            throw new IllegalArgumentException("A subscription has a selector that is none: " + e.getMessage(), e);
        }
    }
}
