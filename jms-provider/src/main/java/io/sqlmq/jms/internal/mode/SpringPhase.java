package io.sqlmq.jms.internal.mode;

import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether the transaction that Spring shows on the calling thread has ended. Callbacks after the end (afterCommit,
 * afterCompletion) still see it, connection included, and what is done on that connection is committed by nobody. Spring
 * tells the phase only to those who have registered before, so who comes first in such a callback reads it off the stack.
 */
public enum SpringPhase {
    /** Its work will be committed or rolled back. */
    RUNNING,
    /** As RUNNING, unless the scope within a callback that it seems to belong to takes part in what has ended. */
    PRESUMED,
    /** Its end is over. */
    ENDED,
    /** A scope within a callback: of a transaction of its own, or of the one that has ended. */
    UNKNOWN;

    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /** The phase of the transaction of the calling thread, for the first who asks in it. */
    public static SpringPhase current() {
        return WALKER.walk(SpringPhase::of);
    }

    private static SpringPhase of(Stream<StackFrame> frames) {
        int scopes = 0;
        boolean aspect = false;
        Class<?> called = SpringPhase.class;
        for (Iterator<StackFrame> up = frames.iterator(); up.hasNext(); ) {
            StackFrame frame = up.next();
            Class<?> type = frame.getDeclaringClass();
            if (type == TransactionTemplate.class && frame.getMethodName().equals("execute")) {
                scopes++;
            } else if (type == TransactionAspectSupport.class
                    && frame.getMethodName().equals("invokeWithinTransaction")) {
                scopes++;
                aspect = true;
            } else if (type == TransactionSynchronizationUtils.class) {
                SpringPhase phase = inCallback(frame.getMethodName(), called, scopes, aspect);
                if (phase != null) {
                    return phase;
                }
            }
            called = type;
        }
        return RUNNING;
    }

    /** Null for callbacks before the end. */
    private static @Nullable SpringPhase inCallback(String method, Class<?> called, int scopes, boolean aspect) {
        if (method.equals("invokeAfterCommit")) {
            // The callback belongs to the transaction that is shown, or that one was begun inside of it.
            boolean own = TransactionSynchronizationManager.getSynchronizations().stream()
                    .anyMatch(called::isInstance);
            return !own ? RUNNING : scopes == 0 ? ENDED : inScope(scopes, aspect, UNKNOWN);
        }
        // Spring has cleared the callbacks of the ended one by then, so somebody has opened a scope since.
        return method.equals("invokeAfterCompletion") ? inScope(scopes, aspect, PRESUMED) : null;
    }

    private static SpringPhase inScope(int scopes, boolean aspect, SpringPhase otherwise) {
        if (scopes != 1 || !aspect) {
            return otherwise;
        }
        return TransactionAspectSupport.currentTransactionStatus().isNewTransaction() ? RUNNING : ENDED;
    }
}
