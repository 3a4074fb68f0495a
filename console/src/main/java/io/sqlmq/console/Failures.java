package io.sqlmq.console;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a failure is to whoever asked. */
final class Failures {
    private static final String MISSING_RIGHT = "42501";
    private static final String CANCELED = "57014";

    private Failures() {}

    /** Whether the role lacks a right. */
    static boolean isMissingRight(Exception thrown) {
        return thrown instanceof JMSSecurityException || MISSING_RIGHT.equals(state(thrown));
    }

    /** With a status and words; null if it is a fault of the console. */
    static @Nullable Refused of(Exception thrown) {
        String text = String.valueOf(thrown.getMessage());
        if (thrown instanceof Refused refused) {
            return refused;
        } else if (isMissingRight(thrown)) {
            return Refused.forbidden(text);
        } else if (CANCELED.equals(state(thrown))) {
            return Refused.busy("The database took longer than " + Database.LONGEST_SECONDS
                    + " s, and was told to stop. Look for less, or later.");
        } else if (thrown instanceof InvalidSelectorException
                || thrown instanceof InvalidDestinationException
                || thrown instanceof IllegalArgumentException
                || (thrown instanceof JMSException e && "MESSAGE_ID".equals(e.getErrorCode()))) {
            return Refused.badRequest(text);
        } else if (thrown instanceof JMSException || thrown instanceof SQLException) {
            return Refused.busy(text);
        }
        return null;
    }

    private static @Nullable String state(@Nullable Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e) {
                return e.getSQLState();
            }
        }
        return null;
    }
}
