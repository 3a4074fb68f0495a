package io.sqlmq.jms;

import java.util.Locale;

/** What has become of a change of a message that waits: see {@link SqlmqAdmin#cancel}. */
public enum ChangeResult {

    /** It is done. */
    DONE,

    /** A consumer, a job's handler or somebody who has polled it works on the message; nothing was changed. */
    BEING_WORKED_ON,

    /** It is set aside, and has no time or priority until it is {@linkplain SqlmqAdmin#retrySetAside retried}. */
    SET_ASIDE,

    /** There is no such message: it was received, has expired, or is not committed yet. */
    NOT_THERE;

    /**
     * Of what the functions in the database return.
     *
     * @param result such as {@code being worked on}
     */
    public static ChangeResult of(String result) {
        return valueOf(result.toUpperCase(Locale.ROOT).replace(' ', '_'));
    }
}
