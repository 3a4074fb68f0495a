package io.sqlmq.engine.jdbc;

/** Whether the calling thread runs a listener of the application, which holds what its session holds until it returns. */
public final class InListener {

    private static final ThreadLocal<Boolean> RUNS = ThreadLocal.withInitial(() -> false);

    private InListener() {}

    /** The listener is called. */
    public static void begins() {
        RUNS.set(true);
    }

    /** The listener has returned. */
    public static void ends() {
        RUNS.remove();
    }

    static boolean runs() {
        return RUNS.get();
    }
}
