package io.sqlmq.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** A message selector. One that is blank is mostly a variable of a script that is not set, and is never to mean all messages. */
record Selector(String text) {
    static Selector of(String given) {
        if (given.isBlank()) {
            throw new TypeConversionException("the selector is blank; leave it out for all messages");
        }
        return new Selector(given);
    }

    static @Nullable String textOf(@Nullable Selector selector) {
        return selector == null ? null : selector.text;
    }
}
