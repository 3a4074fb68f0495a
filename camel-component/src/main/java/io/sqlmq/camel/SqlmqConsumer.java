package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqTransactionManager;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.listener.AbstractMessageListenerContainer;

/** A consumer whose exchanges stay on the thread of their transaction. */
class SqlmqConsumer extends JmsConsumer {
    private static final Logger log = LoggerFactory.getLogger(SqlmqConsumer.class);

    SqlmqConsumer(SqlmqEndpoint endpoint, Processor processor, AbstractMessageListenerContainer container) {
        super(endpoint, processor, container);
    }

    @Override
    public SqlmqEndpoint getEndpoint() {
        return (SqlmqEndpoint) super.getEndpoint();
    }

    @Override
    public Exchange createExchange(boolean autoRelease) {
        Exchange exchange = super.createExchange(autoRelease);
        exchange.getExchangeExtension().setTransacted(getEndpoint().isTransacted());
        return exchange;
    }

    @Override
    protected void doStart() throws Exception {
        SqlmqConfiguration configuration = getEndpoint().getConfiguration();
        if (configuration.isTransacted()) {
            if (configuration.getOrCreateTransactionManager() instanceof SqlmqTransactionManager own) {
                OneTransaction.check(getEndpoint(), own);
            } else if (ConnectionFactories.own(configuration.getConnectionFactory()) == null) {
                log.warn(
                        "The connection factory of {} is not one of sqlmq, or hides it: the transactions of the route have"
                                + " messages in them, but no SQL",
                        getEndpoint());
            }
        }
        super.doStart();
    }
}
