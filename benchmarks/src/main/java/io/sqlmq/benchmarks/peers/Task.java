package io.sqlmq.benchmarks.peers;

import java.io.Serializable;

/**
 * What a {@link Child} is asked to do: sent to it, run there, and answered with what it returns.
 *
 * @param <R> the answer, serializable
 */
@FunctionalInterface
interface Task<R> extends Serializable {

    /** Does it, on the thread that reads the child's tasks. */
    R run(Desk desk) throws Exception;
}
