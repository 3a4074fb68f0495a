package io.sqlmq.jms;

import jakarta.jms.JMSException;

/**
 * The connection to the database broke while a commit was on its way, and the database could not be asked what became of
 * it: what was sent may be there or not, what was received may come again. Nothing is half done.
 */
public final class OutcomeUnknownJmsException extends JMSException {
    private static final long serialVersionUID = 1L;

    /** For sqlmq itself. */
    public OutcomeUnknownJmsException(String reason, String errorCode, Exception linkedException) {
        super(reason, errorCode, linkedException);
    }
}
