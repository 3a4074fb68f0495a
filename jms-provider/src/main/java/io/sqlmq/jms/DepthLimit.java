package io.sqlmq.jms;

import java.util.List;

/**
 * How many messages a queue may hold, and what a send does when it holds them. The limit is approximate, see
 * docs/activemq.md.
 *
 * <p>As text: {@code maxDepth=1000&whenFull=fail}.
 *
 * @param maxDepth messages in every state; 0 for no limit
 * @param whenFull what a send does
 */
public record DepthLimit(int maxDepth, WhenFull whenFull) {

    private static final List<SqlmqOption> ROWS = List.of(SqlmqOption.MAX_DEPTH, SqlmqOption.WHEN_FULL);

    /** No limit. */
    public static final DepthLimit NONE = new DepthLimit(0, WhenFull.BLOCK);

    /**
     * Checks the limit.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public DepthLimit {
        SqlmqOption.MAX_DEPTH.check(maxDepth);
    }

    /**
     * Reads {@code maxDepth=1000&whenFull=fail}; what is not named has its default.
     *
     * @throws IllegalArgumentException with the nearest name or the range, if a name or value is not possible
     */
    public static DepthLimit parse(String text) {
        OptionValues values = new OptionValues();
        values.readPairs("depth limit", text, ROWS, SqlmqOption::parse);
        return new DepthLimit(
                values.get(SqlmqOption.MAX_DEPTH, Integer.class), values.get(SqlmqOption.WHEN_FULL, WhenFull.class));
    }

    /** As text that {@link #parse} reads. */
    public String format() {
        return SqlmqOption.MAX_DEPTH.optionName() + "=" + maxDepth + "&" + SqlmqOption.WHEN_FULL.optionName() + "="
                + SqlmqOption.WHEN_FULL.format(whenFull);
    }
}
