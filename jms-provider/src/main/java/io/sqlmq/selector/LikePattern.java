package io.sqlmq.selector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pattern of a LIKE: {@code _} stands for one character (code point), {@code %} for any number, also none. The
 * escape character takes the special meaning from what follows it.
 *
 * @param text as written
 * @param escape null if there is none; one code point
 */
record LikePattern(String text, @Nullable String escape) {
    private static final int ANY_ONE = -1;
    private static final int ANY_NUMBER = -2;

    /** Whether an escape character ends the pattern, with nothing to escape. */
    boolean endsInEscape() {
        return compile(new int[text.length()]) < 0;
    }

    boolean matches(String value) {
        int[] pattern = new int[text.length()];
        int length = compile(pattern);
        return matches(Arrays.copyOf(pattern, length), value.codePoints().toArray());
    }

    /** The same pattern for PostgreSQL's LIKE without ESCAPE clause, whose escape character is a backslash. */
    String forPostgres() {
        int[] compiled = new int[text.length()];
        int length = compile(compiled);
        StringBuilder result = new StringBuilder(text.length() + 8);
        for (int i = 0; i < length; i++) {
            switch (compiled[i]) {
                case ANY_ONE -> result.append('_');
                case ANY_NUMBER -> result.append('%');
                case '_', '%', '\\' -> result.append('\\').append((char) compiled[i]);
                default -> result.appendCodePoint(compiled[i]);
            }
        }
        return result.toString();
    }

    /** Fills in literal code points and wildcards and returns their number, -1 if an escape character comes last. */
    private int compile(int[] target) {
        int escapeCharacter = escape == null ? Integer.MIN_VALUE : escape.codePointAt(0);
        int length = 0;
        boolean escaped = false;
        for (int c : text.codePoints().toArray()) {
            if (escaped) {
                target[length++] = c;
                escaped = false;
            } else if (c == escapeCharacter) {
                escaped = true;
            } else {
                target[length++] = c == '_' ? ANY_ONE : c == '%' ? ANY_NUMBER : c;
            }
        }
        return escaped ? -1 : length;
    }

    /** Goes back only to the last {@code %}, so that no pattern takes more than pattern length times value length. */
    private static boolean matches(int[] pattern, int[] value) {
        int p = 0;
        int v = 0;
        int lastAny = -1;
        int retryFrom = 0;
        while (v < value.length) {
            if (p < pattern.length && (pattern[p] == ANY_ONE || pattern[p] == value[v])) {
                p++;
                v++;
            } else if (p < pattern.length && pattern[p] == ANY_NUMBER) {
                lastAny = p++;
                retryFrom = v;
            } else if (lastAny >= 0) {
                p = lastAny + 1;
                v = ++retryFrom;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == ANY_NUMBER) {
            p++;
        }
        return p == pattern.length;
    }
}
