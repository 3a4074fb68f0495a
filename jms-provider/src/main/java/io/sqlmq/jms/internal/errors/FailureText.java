package io.sqlmq.jms.internal.errors;

import org.jspecify.annotations.Nullable;

/** What is kept of an application's exception. */
public final class FailureText {
    /** Exceptions that lead back to themselves must not hang us. */
    private static final int DEEPEST = 32;

    private FailureText() {}

    /**
     * Its class and message, and those of what is at its root: frameworks wrap what a listener has thrown. Only its class where asking for
     * the message fails.
     */
    public static String of(Throwable failure) {
        String text = text(failure);
        Throwable root = root(failure);
        String cause = root == failure ? text : text(root);
        return text.contains(cause) ? text : text + "; caused by " + cause;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < DEEPEST; depth++) {
            Throwable cause = cause(root);
            if (cause == null) {
                return root;
            }
            root = cause;
        }
        return failure;
    }

    // Either is the exception's own code, which must not keep the message from being given back.

    private static @Nullable Throwable cause(Throwable failure) {
        try {
            return failure.getCause();
        } catch (RuntimeException | Error e) {
            return null;
        }
    }

    private static String text(Throwable failure) {
        String text = null;
        try {
            text = failure.toString();
        } catch (RuntimeException | Error e) {
            // Its class has to do.
        }
        return text == null ? failure.getClass().getName() : text;
    }
}
