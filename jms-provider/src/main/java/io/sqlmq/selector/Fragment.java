package io.sqlmq.selector;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** A piece of SQL with the parameters of its placeholders, in their order. */
record Fragment(String text, List<Object> parameters) {
    private static final char HOLE = '$';

    static Fragment sql(String text) {
        return new Fragment(text, List.of());
    }

    static Fragment parameter(Object value, String type) {
        return new Fragment("?::" + type, List.of(value));
    }

    /** {@code template} with the pieces in place of its {@code $} signs, one after the other. */
    static Fragment of(String template, Fragment... pieces) {
        StringBuilder text = new StringBuilder();
        List<Object> parameters = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < template.length(); i++) {
            char c = template.charAt(i);
            if (c == HOLE) {
                Fragment piece = pieces[next++];
                text.append(piece.text);
                parameters.addAll(piece.parameters);
            } else {
                text.append(c);
            }
        }
        if (next != pieces.length) {
            throw new IllegalArgumentException(pieces.length + " pieces for: " + template);
        }
        return new Fragment(text.toString(), parameters);
    }

    static Fragment join(List<Fragment> pieces, String separator) {
        StringJoiner text = new StringJoiner(separator);
        List<Object> parameters = new ArrayList<>();
        for (Fragment piece : pieces) {
            text.add(piece.text);
            parameters.addAll(piece.parameters);
        }
        return new Fragment(text.toString(), parameters);
    }
}
