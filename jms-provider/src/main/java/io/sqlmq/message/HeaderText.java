package io.sqlmq.message;

/**
 * Strings as PostgreSQL's text can hold them. A Java string may have NUL characters and unpaired surrogates, a text may
 * not. Ordinary strings stay as they are; the others are escaped as in Java source, behind a mark of a backslash, a "u"
 * and a colon, so that every string comes back as it was.
 */
public final class HeaderText {
    private static final String MARK = "\\u:";
    private static final int ESCAPE_LENGTH = "\\u0000".length();

    private HeaderText() {}

    /** Whether a PostgreSQL text can hold {@code value} as it is: no NUL, no unpaired surrogate. */
    public static boolean isStorable(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (!isPairAt(value, i)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** What to store for {@code value}: itself, but for strings that cannot be stored or that begin with the mark. */
    public static String encode(String value) {
        if (isStorable(value) && !value.startsWith(MARK)) {
            return value;
        }
        StringBuilder out = new StringBuilder(value.length() + 16).append(MARK);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                out.append("\\\\");
            } else if (isPairAt(value, i)) {
                out.append(c).append(value.charAt(++i));
            } else if (isForbidden(c)) {
                out.append(String.format("\\u%04X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /**
     * The inverse of {@link #encode}. What no {@code encode} wrote, say a text that somebody put in by SQL, comes back
     * unchanged where it makes no sense.
     */
    public static String decode(String stored) {
        if (!stored.startsWith(MARK)) {
            return stored;
        }
        StringBuilder out = new StringBuilder(stored.length());
        for (int i = MARK.length(); i < stored.length(); i++) {
            char c = stored.charAt(i);
            if (c != '\\') {
                out.append(c);
            } else if (stored.startsWith("\\\\", i)) {
                out.append('\\');
                i++;
            } else {
                int code = escapeAt(stored, i);
                if (code < 0) {
                    return stored;
                }
                out.append((char) code);
                i += ESCAPE_LENGTH - 1;
            }
        }
        return out.toString();
    }

    /** {@code value} with a replacement character for everything that cannot be stored: for reading, not reversible. */
    static String readable(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (isPairAt(value, i)) {
                out.append(c).append(value.charAt(++i));
            } else {
                out.append(isForbidden(c) ? '\uFFFD' : c);
            }
        }
        return out.toString();
    }

    private static boolean isPairAt(String value, int i) {
        return i + 1 < value.length() && Character.isSurrogatePair(value.charAt(i), value.charAt(i + 1));
    }

    private static boolean isForbidden(char c) {
        return c == 0 || Character.isSurrogate(c);
    }

    private static int escapeAt(String stored, int i) {
        if (!stored.startsWith("\\u", i) || i + ESCAPE_LENGTH > stored.length()) {
            return -1;
        }
        int code = 0;
        for (int digit = i + 2; digit < i + ESCAPE_LENGTH; digit++) {
            int value = Character.digit(stored.charAt(digit), 16);
            if (value < 0) {
                return -1;
            }
            code = (code << 4) | value;
        }
        return code;
    }
}
