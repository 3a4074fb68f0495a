package io.sqlmq.jms.internal;

import jakarta.jms.InvalidSelectorException;
import org.jspecify.annotations.Nullable;

/** The seam at which message selectors join: where their text is read. */
final class Selectors {
    private Selectors() {}

    /** The selector to go by, or null for none: null and blank texts select everything (§6.2.4). */
    static @Nullable String parse(@Nullable String selector) throws InvalidSelectorException {
        if (selector == null || selector.isBlank()) {
            return null;
        }
        throw new InvalidSelectorException(
                "Message selectors are not available yet. Create the consumer without one: " + selector, "SELECTOR");
    }
}
