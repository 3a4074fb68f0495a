package io.sqlmq.jms;

/** What a send to a full queue does. */
public enum WhenFull {
    /** It waits for room. */
    BLOCK,
    /** It throws a ResourceAllocationException. */
    FAIL
}
