package io.sqlmq.jms.internal.client;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * The transacted session that is current on each thread: the one whose listener runs on it, or that last received or
 * sent on it and has not committed or rolled back since. Sessions are held weakly, so that a thread does not keep an abandoned session alive.
 */
public final class CurrentSession {
    @SuppressWarnings("ThreadLocalUsage") // one per factory, because a thread may use sessions of several
    private final ThreadLocal<@Nullable WeakReference<SqlmqSession>> current = new ThreadLocal<>();

    void set(WeakReference<SqlmqSession> session) {
        current.set(session);
    }

    /** The session's transaction has ended on the calling thread. */
    void ended(WeakReference<SqlmqSession> session) {
        if (current.get() == session) {
            current.remove();
        }
    }

    void clear() {
        current.remove();
    }

    @Nullable
    public SqlmqSession get() {
        WeakReference<SqlmqSession> reference = current.get();
        return reference == null ? null : reference.get();
    }
}
