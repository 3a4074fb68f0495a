package io.sqlmq.engine.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Which texts a statement can carry: PostgreSQL refuses NUL characters, and of half a surrogate pair the driver makes a
 * question mark without a word. What applications choose is refused or written in another form where it comes in; what
 * people are to read is cleaned here; and no other text gets into a statement.
 */
public final class Texts {

    /** Characters of an error that are kept. */
    private static final int LONGEST_ERROR = 10_000;

    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {}

    /** The text itself, or null. */
    static @Nullable String checked(@Nullable String text) throws SQLException {
        int wrong = text == null ? -1 : firstUnstorable(text, 0);
        if (wrong >= 0) {
            throw new SQLException(
                    "A text contains " + (text.charAt(wrong) == 0 ? "a NUL character" : "half of a surrogate pair")
                            + ", which PostgreSQL cannot hold, at index " + wrong,
                    "22021");
        }
        return text;
    }

    /** An error as it is kept with a message: bounded, with a replacement for each character that cannot be stored. */
    public static @Nullable String error(@Nullable String text) {
        if (text == null) {
            return null;
        }
        boolean whole = text.length() <= LONGEST_ERROR;
        StringBuilder kept = new StringBuilder(whole ? text : text.substring(0, LONGEST_ERROR));
        for (int i = firstUnstorable(kept, 0); i >= 0; i = firstUnstorable(kept, i)) {
            kept.setCharAt(i, REPLACEMENT);
        }
        return whole ? kept.toString() : kept.append('…').toString();
    }

    private static int firstUnstorable(CharSequence text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return i;
            }
            if (Character.isSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }
}
