package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.mode.SessionMode;

/** What a delivered message knows of its delivery: the session, and in whose transaction it was. */
public final class DeliveryContext {
    private final SqlmqSession session;
    private final SessionMode deliveredBy;

    DeliveryContext(SqlmqSession session, SessionMode deliveredBy) {
        this.session = session;
        this.deliveredBy = deliveredBy;
    }

    /** The session that delivered it. */
    public SqlmqSession session() {
        return session;
    }

    /** Text to keep with the message, and others of its transaction, if that is rolled back. */
    public void noteFailure(String error) {
        deliveredBy.noteFailure(error);
    }
}
