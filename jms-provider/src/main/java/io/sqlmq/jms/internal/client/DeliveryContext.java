package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.internal.mode.SessionMode;
import jakarta.jms.JMSException;

/** What a delivered message knows of its delivery: the session, and in whose transaction it was. */
public final class DeliveryContext {
    private final SqlmqSession session;
    private final SessionMode deliveredBy;
    private final Delivery delivery;

    DeliveryContext(SqlmqSession session, SessionMode deliveredBy, Delivery delivery) {
        this.session = session;
        this.deliveredBy = deliveredBy;
        this.delivery = delivery;
    }

    /** The session that delivered it. */
    public SqlmqSession session() {
        return session;
    }

    /** What was delivered. */
    Delivery delivery() {
        return delivery;
    }

    /** Text to keep with the message, and others of its transaction, if that is rolled back. */
    public void noteFailure(String error) {
        deliveredBy.noteFailure(error);
    }

    /** Says that {@link #noteFailure} will tell why the transaction failed, should its commit fail, before {@link #failureNoted}. */
    public void awaitFailure() {
        deliveredBy.awaitFailure();
    }

    /** The transaction has ended, and why is known, if anybody knows. */
    public void failureNoted() {
        deliveredBy.failureNoted();
    }

    /**
     * Sets properties of the row for the next delivery: in the transaction of the application that the thread is in, else at once.
     *
     * @param properties a JSON object
     */
    public void checkpoint(String properties) throws JMSException {
        session.inTransaction("Storing a checkpoint", in -> deliveredBy.checkpoint(in, delivery, properties));
    }
}
