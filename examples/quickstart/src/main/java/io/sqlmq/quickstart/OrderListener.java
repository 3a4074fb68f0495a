package io.sqlmq.quickstart;

import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives orders in a transacted session: the message disappears in the transaction that writes the result. If anything
 * goes wrong both are rolled back, and the message is delivered again later.
 */
final class OrderListener implements MessageListener {
    private static final Logger log = LoggerFactory.getLogger(OrderListener.class);

    private final Session session;
    private final OrderProcessor processor;
    private final AttemptLog attempts;

    OrderListener(Session session, OrderProcessor processor, AttemptLog attempts) {
        this.session = session;
        this.processor = processor;
        this.attempts = attempts;
    }

    @Override
    public void onMessage(Message message) {
        try {
            int orderNo = message.getIntProperty(OrderQueue.ORDER_NO);
            long attempt = attempts.started(orderNo, message.getIntProperty("JMSXDeliveryCount"));
            try {
                processor.process(orderNo, message.getBody(String.class), SqlmqTransactions.connection(session));
                session.commit();
            } catch (OrderRejectedException | SQLException | JMSException | RuntimeException e) {
                attempts.failed(attempt, e);
                SqlmqTransactions.noteFailure(message, e); // stays with the message, also in the dead-letter queue
                session.rollback();
            }
        } catch (SQLException | JMSException e) {
            // The database is away. The transaction is gone with it, and the message is delivered again.
            log.warn("A message could not be given back", e);
            giveUp();
        }
    }

    private void giveUp() {
        try {
            session.rollback();
        } catch (JMSException e) {
            log.debug("Nothing left to roll back", e);
        }
    }
}
