package io.sqlmq.engine.jdbc;

import org.jspecify.annotations.Nullable;

/** The fields of a row value in the server's text format, read one after the other. Used once. */
public final class Composite {

    private final String text;
    private int at = 1; // after the opening parenthesis

    public Composite(String text) {
        this.text = text;
    }

    @Nullable
    public String text() {
        char end = text.charAt(at);
        if (end == ',' || end == ')') {
            at++;
            return null;
        }
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        while (true) {
            char c = text.charAt(at++);
            if (c == '"') {
                if (quoted && text.charAt(at) == '"') {
                    field.append(text.charAt(at++));
                } else {
                    quoted = !quoted;
                }
            } else if (c == '\\') {
                field.append(text.charAt(at++));
            } else if (!quoted && (c == ',' || c == ')')) {
                return field.toString();
            } else {
                field.append(c);
            }
        }
    }

    /** 0 for null. */
    public long number() {
        String value = text();
        return value == null ? 0 : Long.parseLong(value);
    }

    /** False for null. */
    public boolean bool() {
        return "t".equals(text());
    }
}
