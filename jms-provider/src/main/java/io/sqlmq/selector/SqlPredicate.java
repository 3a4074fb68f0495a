package io.sqlmq.selector;

import java.util.List;

/**
 * A boolean SQL expression; NULL stands for the unknown of §3.8.1.2. It never raises an error, whatever the row holds.
 *
 * @param text the expression, complete in itself (it may follow {@code AND} without parentheses), with {@code ?} for
 *     each parameter
 * @param parameters Strings, Longs and Doubles, in the order of their placeholders
 */
public record SqlPredicate(String text, List<Object> parameters) {
    public SqlPredicate {
        parameters = List.copyOf(parameters);
    }
}
