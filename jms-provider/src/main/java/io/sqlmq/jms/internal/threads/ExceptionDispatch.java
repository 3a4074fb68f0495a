package io.sqlmq.jms.internal.threads;

import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Tells the ExceptionListener of a connection what no call could throw (§6.1.7): one call at a time, on a thread of its
 * own, without locks, so that the listener may close the connection.
 */
public final class ExceptionDispatch {
    private final SerialTasks calls;
    private volatile @Nullable ExceptionListener listener;
    private volatile CallerLoader loader = CallerLoader.current();

    public ExceptionDispatch(Executor executor) {
        this.calls = new SerialTasks(executor);
    }

    @Nullable
    public ExceptionListener listener() {
        return listener;
    }

    public void listener(@Nullable ExceptionListener listener) {
        this.loader = CallerLoader.current();
        this.listener = listener;
    }

    public void report(JMSException exception) {
        if (listener == null) {
            return;
        }
        calls.add(() -> {
            ExceptionListener current = listener;
            if (current != null) {
                loader.run(() -> current.onException(exception));
            }
        });
    }
}
