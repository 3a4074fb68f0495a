package io.sqlmq.camel;

import jakarta.jms.ConnectionFactory;
import org.apache.camel.component.jms.JmsConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.core.SessionCallback;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Camel's template, which can stay out of the transaction of its thread: a request that is sent in there is not seen, and not
 * answered, before the transaction has ended, which waits for the answer.
 */
final class SqlmqTemplate extends JmsConfiguration.CamelJmsTemplate {
    private @Nullable TransactionTemplate outside;

    SqlmqTemplate(JmsConfiguration configuration, ConnectionFactory connectionFactory) {
        super(configuration, connectionFactory);
    }

    /** From now on stays out of the transactions of that manager. */
    void stayOutsideOf(PlatformTransactionManager manager) {
        outside = new TransactionTemplate(manager);
        outside.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
    }

    @Override
    public <T> @Nullable T execute(SessionCallback<T> action, boolean startConnection) {
        TransactionTemplate suspending = outside;
        return suspending == null || !TransactionSynchronizationManager.isActualTransactionActive()
                ? super.execute(action, startConnection)
                : suspending.execute(status -> super.execute(action, startConnection));
    }
}
