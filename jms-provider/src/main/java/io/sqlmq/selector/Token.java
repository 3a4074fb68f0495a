package io.sqlmq.selector;

import java.math.BigInteger;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A token of a selector's text.
 *
 * @param text as written, but the value of a string literal
 * @param position where it starts
 * @param number the value of a numeric literal: a BigInteger, not negative and at most 2^63, or a Double; else null
 */
record Token(Type type, String text, int position, @Nullable Number number) {

    enum Type {
        IDENTIFIER,
        STRING,
        EXACT,
        APPROXIMATE,
        NOT,
        AND,
        OR,
        BETWEEN,
        LIKE,
        IN,
        IS,
        NULL,
        ESCAPE,
        TRUE,
        FALSE,
        SYMBOL,
        END;

        private static final Map<String, Type> RESERVED =
                EnumSet.range(NOT, FALSE).stream().collect(Collectors.toMap(Type::name, Function.identity()));

        /** The reserved word that {@code word} is, in any case, else {@link #IDENTIFIER}. */
        static Type ofWord(String word) {
            return RESERVED.getOrDefault(word.toUpperCase(Locale.ROOT), IDENTIFIER);
        }
    }

    boolean isSymbol(String symbol) {
        return type == Type.SYMBOL && text.equals(symbol);
    }

    /** The value of an exact literal. */
    BigInteger integer() {
        if (number instanceof BigInteger integer) {
            return integer;
        }
        throw new IllegalStateException("not an exact literal: " + this);
    }

    /** How an error message names it. */
    String shown() {
        return switch (type) {
            case END -> "the end";
            case STRING -> "the string literal '" + text + "'";
            case IDENTIFIER, EXACT, APPROXIMATE, SYMBOL -> "'" + text + "'";
            default -> "the reserved word " + type;
        };
    }
}
