package io.sqlmq.jms.internal.errors;

/** What is kept of an application's exception. */
public final class FailureText {
    private FailureText() {}

    /** Its class and message; only its class where asking for the message fails. */
    public static String of(Throwable failure) {
        String text = null;
        try {
            text = failure.toString();
        } catch (RuntimeException | StackOverflowError e) {
            // The exception's own code, which must not keep the message from being given back.
        }
        return text == null ? failure.getClass().getName() : text;
    }
}
