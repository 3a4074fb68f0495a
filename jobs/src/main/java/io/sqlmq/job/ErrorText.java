package io.sqlmq.job;

/** Failures as the table keeps them. */
final class ErrorText {
    private static final int MOST_CAUSES = 10;

    private ErrorText() {}

    /** Classes and messages of a failure and its causes; only its class where asking for more fails. */
    static String of(Throwable failure) {
        try {
            StringBuilder text = new StringBuilder(failure.toString());
            Throwable cause = failure.getCause();
            for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
                text.append("; caused by ").append(cause);
                cause = cause.getCause();
            }
            return text.toString();
        } catch (RuntimeException | Error e) {
            return failure.getClass().getName(); // the exception's own code must not keep the job from being given back
        }
    }
}
