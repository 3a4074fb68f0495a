package io.sqlmq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/**
 * Spring's {@link DefaultMessageListenerContainer}, which tells sqlmq why a listener failed: the exception's text is kept
 * with the message that the rollback gives back, and is found with it in the dead-letter queue, whether the transaction is a
 * transaction manager's or the session's own. Otherwise nobody but the container hears of the exception.
 *
 * <p>Needs spring-jms on the class path. Messages of other providers are received as usual.
 */
public class SpringListenerContainer extends DefaultMessageListenerContainer {

    /** A container as Spring's own, to be configured like that. */
    public SpringListenerContainer() {}

    @Override
    protected void invokeListener(Session session, Message message) throws JMSException {
        try {
            super.invokeListener(session, message);
        } catch (JMSException | RuntimeException | Error e) {
            note(message, e);
            throw e;
        }
    }

    private static void note(Message message, Throwable failure) {
        Throwable told = failure;
        // What Spring's adapters of annotated methods wrap around the application's exception says nothing.
        if (failure.getCause() != null
                && failure.getClass().getName().startsWith("org.springframework.jms.listener.")) {
            told = failure.getCause();
        }
        try {
            SqlmqTransactions.noteFailure(message, told);
        } catch (JMSException e) {
            failure.addSuppressed(e);
        }
    }
}
