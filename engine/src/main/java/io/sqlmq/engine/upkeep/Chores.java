package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.jdbc.Recurring;
import java.util.List;

/**
 * What has to be done again and again. Each by itself: what one process may not do, or a row prevents, must not keep it from the
 * rest.
 *
 * @param often every 5 seconds
 * @param seldom every 20 seconds
 * @param rarely once a minute
 */
public record Chores(List<Chore> often, List<Chore> seldom, List<Chore> rarely) {

    /**
     * One of them.
     *
     * @param what see {@link Recurring#run}
     */
    public record Chore(String what, Recurring.Work work) {}
}
