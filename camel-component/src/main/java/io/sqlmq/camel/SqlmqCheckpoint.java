package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Stores how far a route has come with its message. As a step it stores the header {@link SqlmqConstants#CHECKPOINT}; processors
 * and beans call {@link #store}. The next delivery of the message, after a failure or the death of the process, has the text of the
 * last checkpoint as that header.
 *
 * <p>For routes that consume with {@code transacted=false&acknowledgementModeName=CLIENT_ACKNOWLEDGE}: what a transacted route has
 * done is rolled back when it fails. Inside a transaction on the same DataSource the checkpoint is committed with that, else at
 * once. See {@link SqlmqTransactions#checkpoint}.
 */
public final class SqlmqCheckpoint implements Processor {

    /** A step that stores the header of the exchange's message. */
    public SqlmqCheckpoint() {}

    /**
     * Stores the header {@link SqlmqConstants#CHECKPOINT}.
     *
     * @throws IllegalArgumentException if there is no such header
     */
    @Override
    public void process(Exchange exchange) throws JMSException {
        String progress = exchange.getMessage().getHeader(SqlmqConstants.CHECKPOINT, String.class);
        if (progress == null) {
            throw new IllegalArgumentException(
                    "There is nothing to store: set the header " + SqlmqConstants.CHECKPOINT + " before this step");
        }
        store(exchange, progress);
    }

    /**
     * Stores a checkpoint of the message that the exchange began with.
     *
     * @param progress up to 100,000 characters; replaces that of earlier checkpoints
     * @throws IllegalArgumentException if the exchange does not come from a consumer of sqlmq, or has several messages
     * @throws jakarta.jms.IllegalStateException if the route is transacted, or the message acknowledged already
     * @throws JMSException also if somebody else has got the message
     */
    public static void store(Exchange exchange, String progress) throws JMSException {
        Message message = SqlmqConsumer.received(exchange);
        if (message == null) {
            throw new IllegalArgumentException("A checkpoint is of a message, and this exchange has none of sqlmq, or"
                    + " several of them (batchSize)");
        }
        SqlmqTransactions.checkpoint(message, progress);
    }
}
