package io.sqlmq.jms.internal.mapping;

import io.sqlmq.jms.DepthLimit;
import io.sqlmq.jms.TransactionBinding;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.internal.destination.Names;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.message.TrustedClasses;
import jakarta.jms.JMSException;
import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that a connection needs beyond the engine.
 *
 * @param clientId the preset client identifier, or null when the application may set one
 * @param trustedClasses what ObjectMessages may contain
 * @param failureRules what becomes of failed messages, by queue name
 * @param maxMessageSize bytes that body and properties of a message may have
 * @param deduplicationWindow milliseconds that identifiers of senders hold; 0: they mean nothing
 * @param depthLimits how many messages a queue may hold, by its name
 * @param sendTimeout milliseconds that a send waits for room in a queue; 0: for ever
 * @param transactionBinding tells of transactions of the application
 * @param optimizeAcknowledge AUTO acknowledges may be grouped also for receive()
 * @param sendProperties which properties the provider sets on send
 * @param names how names of destinations are to be understood
 * @param autoCreate whether destinations need no declaration
 */
public record ConnectionSettings(
        @Nullable String clientId,
        TrustedClasses trustedClasses,
        Function<String, PolicyRules> failureRules,
        long maxMessageSize,
        long deduplicationWindow,
        Function<String, DepthLimit> depthLimits,
        long sendTimeout,
        TransactionBinding transactionBinding,
        boolean optimizeAcknowledge,
        SendProperties.Chosen sendProperties,
        Names names,
        boolean autoCreate) {

    /** Whether the calling thread is inside a transaction of the application. */
    public boolean inTransaction() throws JMSException {
        try {
            BoundTransaction transaction = transactionBinding.current();
            if (transaction == null) {
                return false;
            }
            transaction.release();
            return true;
        } catch (SQLException e) {
            throw JmsErrors.from("Looking for the transaction of the application", e);
        }
    }
}
