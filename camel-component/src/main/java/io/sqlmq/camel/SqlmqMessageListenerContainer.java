package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.apache.camel.component.jms.DefaultJmsMessageListenerContainer;
import org.apache.camel.component.jms.JmsEndpoint;

/** The container of Camel's JMS component, which tells sqlmq why a route failed: dead letters have the text. */
class SqlmqMessageListenerContainer extends DefaultJmsMessageListenerContainer {

    SqlmqMessageListenerContainer(JmsEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    protected void invokeListener(Session session, Message message) throws JMSException {
        try {
            super.invokeListener(session, message);
        } catch (JMSException | RuntimeException | Error e) {
            note(message, e);
            throw e;
        }
    }

    static void note(Message message, Throwable failure) {
        try {
            SqlmqTransactions.noteFailure(message, RouteFailure.of(failure));
        } catch (JMSException e) {
            failure.addSuppressed(e);
        }
    }
}
