package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.SafeCopyProperty;
import org.apache.camel.component.jms.ConsumerType;
import org.apache.camel.component.jms.JmsBinding;
import org.apache.camel.component.jms.JmsConsumer;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/** A consumer whose exchanges stay on the thread of their transaction. */
class SqlmqConsumer extends JmsConsumer {
    private static final String RECEIVED = "CamelSqlmqReceived";

    SqlmqConsumer(SqlmqEndpoint endpoint, Processor processor, AbstractMessageListenerContainer container) {
        super(
                endpoint,
                new Remembering(
                        endpoint.getConfiguration().isDurableRedelivery()
                                ? DurableRedelivery.around(processor, endpoint)
                                : processor),
                container);
    }

    /** The message that an exchange began with, or null if it did not begin with one of sqlmq. */
    static @Nullable Message received(Exchange exchange) {
        Received received = exchange.getExchangeExtension().getSafeCopyProperty(RECEIVED, Received.class);
        return received == null ? null : received.message();
    }

    /** What exchanges, and copies of them, know of the message, whatever the route makes of it. */
    private record Received(Message message) implements SafeCopyProperty {
        @Override
        public Received safeCopy() {
            return this;
        }
    }

    private static final class Remembering extends DelegateAsyncProcessor {
        Remembering(Processor route) {
            super(route);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            if (exchange.getIn() instanceof JmsMessage in && in.getJmsMessage() != null) {
                exchange.getExchangeExtension().setSafeCopyProperty(RECEIVED, new Received(in.getJmsMessage()));
            }
            return super.process(exchange, doneSync -> {
                // Nobody within the route has rolled the last transaction back, so that is the route's.
                if (exchange.isRollbackOnlyLast() && exchange.isTransacted()) {
                    exchange.setRollbackOnlyLast(false);
                    exchange.setRollbackOnly(true);
                }
                callback.done(doneSync);
            });
        }
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
        if (!configuration.isTransacted()) {
            requireUnset(configuration.getBatchSize() > 0, "Messages that come in batches are received", "batchSize");
            requireUnset(
                    configuration.isDurableRedelivery(),
                    "Messages that wait in their row are received",
                    "durableRedelivery");
        }
        if (configuration.getBatchSize() > 0 && configuration.getConsumerType() != ConsumerType.Default) {
            throw new SqlmqStartException(
                    "Messages come in batches with consumerType=Default only.",
                    "Take batchSize or" + " consumerType out of " + getEndpoint());
        }
        if (configuration.isTransacted()) {
            OneTransaction.check(getEndpoint(), configuration.getOrCreateTransactionManager(), getListenerContainer());
        }
        if (configuration.isDurableRedelivery()) {
            DurableRedelivery.install(getEndpoint());
        }
        SqlmqConnectionFactory factory = ConnectionFactories.own(getEndpoint().getConnectionFactory());
        if (factory != null && configuration.isAutoStartup()) {
            ((SqlmqComponent) getEndpoint().getComponent())
                    .startCheck()
                    .requireReceiving(getEndpoint(), factory, getListenerContainer());
        }
        TemporaryDestination temporary = getEndpoint().temporary();
        if (temporary != null) {
            temporary.starts(this);
        }
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        try {
            super.doStop();
        } finally {
            TemporaryDestination temporary = getEndpoint().temporary();
            if (temporary != null) {
                temporary.stops(this);
            }
        }
    }

    /** How many consumers of Jakarta Messaging it has at the moment. */
    int activeConsumers() {
        try {
            return (isStarted() || isSuspended())
                            && getListenerContainer() instanceof DefaultMessageListenerContainer container
                    ? container.getActiveConsumerCount()
                    : 0;
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        }
    }

    private void requireUnset(boolean isSet, String what, String option) {
        if (isSet) {
            throw new SqlmqStartException(
                    what + " in a transaction.", "Take " + option + " or transacted=false out of " + getEndpoint());
        }
    }

    /**
     * Lets the route work on several messages as one exchange.
     *
     * @throws RuntimeCamelException with what the route threw
     */
    void process(List<Message> messages) {
        Exchange exchange = createExchange(false);
        try {
            JmsBinding binding = getEndpoint().getBinding();
            List<Object> bodies = new ArrayList<>();
            List<Map<String, Object>> headers = new ArrayList<>();
            for (Message message : messages) {
                bodies.add(binding.extractBodyFromJms(exchange, message));
                headers.add(binding.extractHeadersFromJms(message, exchange));
            }
            exchange.getMessage().setBody(bodies);
            exchange.getMessage().setHeader(SqlmqConstants.BATCH_HEADERS, headers);
            exchange.setProperty(ExchangePropertyKey.BATCH_SIZE, messages.size());
            try {
                getProcessor().process(exchange);
            } catch (Exception e) {
                exchange.setException(e);
            }
            if (exchange.isRollbackOnly()) {
                throw RuntimeCamelException.wrapRuntimeCamelException(new RollbackExchangeException(exchange));
            }
            if (exchange.getException() != null) {
                throw RuntimeCamelException.wrapRuntimeCamelException(exchange.getException());
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
