package io.sqlmq.camel;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.function.Supplier;
import org.apache.camel.component.jms.ConsumerType;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.SimpleJmsMessageListenerContainer;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.core.JmsOperations;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.transaction.PlatformTransactionManager;

/** The options of an endpoint: those of Camel's JMS component, some of them with other defaults, and our own. */
@UriParams
public class SqlmqConfiguration extends JmsConfiguration {
    // The two that camel-jms has too stand here for the descriptions of component and endpoint, which take the defaults
    // from
    // here. Of two of a name the description has the one whose group comes last, so these are in groups after
    // camel-jms's.
    @UriParam(
            defaultValue = "true",
            label = "transaction,advanced",
            description =
                    "Whether the route is one transaction: what it receives, its SQL on the same DataSource, and what it"
                            + " sends are committed together, or not at all.")
    private boolean transacted;

    @UriParam(
            defaultValue = "true",
            label = "advanced",
            description =
                    "Whether a consumer that is being stopped finishes what it has received. Otherwise such messages"
                            + " are given back, and are delivered again.")
    private boolean acceptMessagesWhileStopping;

    @UriParam(
            label = "producer",
            description =
                    "The group (JMSXGroupID) of messages that have none: text, or an expression of the Simple language"
                            + " such as ${header.customer}. The messages of a group are delivered in order, one at a time.")
    private @Nullable String group;

    @UriParam(
            label = "producer",
            description =
                    "The identifier of messages that have none: text, or an expression of the Simple language such as"
                            + " ${header.orderId}. A message whose identifier the queue or topic has had within the factory's"
                            + " deduplicationWindow is dropped.")
    private @Nullable String deduplicationId;

    @UriParam(
            label = "consumer",
            defaultValue = "0",
            description =
                    "How many messages come as one exchange at most, whose body is the list of their bodies; 0: each"
                            + " message is an exchange. All of them are one transaction. A message that has failed before comes"
                            + " alone.")
    private int batchSize;

    @UriParam(
            label = "consumer",
            defaultValue = "200",
            javaType = "java.time.Duration",
            description =
                    "With batchSize: how long after the first message others are waited for. The transaction is open"
                            + " meanwhile.")
    private long batchTimeout = 200;

    @UriParam(
            label = "consumer",
            defaultValue = "false",
            description =
                    "Whether messages wait in their row where an error handler or onException of Camel would repeat a step"
                            + " in memory: the transaction is rolled back, and the message is delivered again after the"
                            + " delay of its redelivery policy (redelivery.redeliveryDelay). Camel's maximumRedeliveries"
                            + " count deliveries then, in all processes.")
    private boolean durableRedelivery;

    private @Nullable Supplier<? extends PlatformTransactionManager> ownTransactions;

    /** With the defaults of this component: transacted, and finishing what was received. */
    public SqlmqConfiguration() {
        setTransacted(true);
        setAcceptMessagesWhileStopping(true);
    }

    /**
     * As options of this component.
     *
     * @throws IllegalArgumentException if they are of another
     */
    static SqlmqConfiguration own(JmsConfiguration configuration) {
        if (configuration instanceof SqlmqConfiguration own) {
            return own;
        }
        throw new IllegalArgumentException("The configuration of the component sqlmq is a SqlmqConfiguration, not a "
                + configuration.getClass().getSimpleName() + ": make one of that class, with the same properties");
    }

    @Override
    public boolean isTransacted() {
        return transacted;
    }

    @Override
    public final void setTransacted(boolean transacted) {
        this.transacted = transacted;
        super.setTransacted(transacted);
    }

    @Override
    public boolean isAcceptMessagesWhileStopping() {
        return acceptMessagesWhileStopping;
    }

    @Override
    public final void setAcceptMessagesWhileStopping(boolean acceptMessagesWhileStopping) {
        this.acceptMessagesWhileStopping = acceptMessagesWhileStopping;
        super.setAcceptMessagesWhileStopping(acceptMessagesWhileStopping);
    }

    /** The group of messages that are sent without one, or null. */
    public @Nullable String getGroup() {
        return group;
    }

    /** Sets the group of messages that are sent without one: text, or an expression of the Simple language. */
    public void setGroup(@Nullable String group) {
        this.group = group;
    }

    /** The identifier against duplicates of messages that are sent without one, or null. */
    public @Nullable String getDeduplicationId() {
        return deduplicationId;
    }

    /** Sets the identifier of messages that are sent without one: text, or an expression of the Simple language. */
    public void setDeduplicationId(@Nullable String deduplicationId) {
        this.deduplicationId = deduplicationId;
    }

    /** How many messages are one exchange at most; 0: each is. */
    public int getBatchSize() {
        return batchSize;
    }

    /** Sets how many messages are one exchange at most; 0: each is. */
    public void setBatchSize(int batchSize) {
        requireNotNegative("batchSize", batchSize);
        this.batchSize = batchSize;
    }

    /** How many milliseconds others are waited for after the first message of a batch. */
    public long getBatchTimeout() {
        return batchTimeout;
    }

    /** Sets how many milliseconds others are waited for after the first message of a batch. */
    public void setBatchTimeout(long batchTimeout) {
        requireNotNegative("batchTimeout", batchTimeout);
        this.batchTimeout = batchTimeout;
    }

    /** Whether messages wait in their row in place of Camel's redeliveries in memory. */
    public boolean isDurableRedelivery() {
        return durableRedelivery;
    }

    /** Sets whether messages wait in their row in place of Camel's redeliveries in memory. */
    public void setDurableRedelivery(boolean durableRedelivery) {
        this.durableRedelivery = durableRedelivery;
    }

    /**
     * Consumers are kept, also in transactions: all sessions of a thread work in its transaction, and a subscription that is not
     * durable ends with its consumer.
     */
    @Override
    protected int defaultCacheLevel(JmsEndpoint endpoint) {
        return DefaultMessageListenerContainer.CACHE_CONSUMER;
    }

    @Override
    public AbstractMessageListenerContainer chooseMessageListenerContainerImplementation(
            JmsEndpoint endpoint, ConsumerType type) {
        if (type == ConsumerType.Simple) {
            return new SimpleJmsMessageListenerContainer(endpoint) {
                @Override
                protected void invokeListener(Session session, Message message) throws JMSException {
                    SqlmqMessageListenerContainer.noting(message, () -> super.invokeListener(session, message));
                }
            };
        }
        if (type != ConsumerType.Default) {
            return super.chooseMessageListenerContainerImplementation(endpoint, type);
        }
        return batchSize > 0
                ? new BatchListenerContainer((SqlmqEndpoint) endpoint, batchSize, batchTimeout)
                : new SqlmqMessageListenerContainer(endpoint);
    }

    private static void requireNotNegative(String option, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(option + " is 0 or more: " + value);
        }
    }

    /** Says who makes the transactions of the connection factory. */
    void setOwnTransactions(Supplier<? extends PlatformTransactionManager> transactions) {
        this.ownTransactions = transactions;
    }

    @Override
    protected PlatformTransactionManager createTransactionManager() {
        return ownTransactions == null ? super.createTransactionManager() : ownTransactions.get();
    }

    @Override
    protected CamelJmsTemplate createCamelJmsTemplate(ConnectionFactory connectionFactory) {
        return new SqlmqTemplate(this, connectionFactory);
    }

    @Override
    public JmsOperations createInOutTemplate(
            JmsEndpoint endpoint, boolean pubSubDomain, String destination, long requestTimeout) {
        JmsOperations template = super.createInOutTemplate(endpoint, pubSubDomain, destination, requestTimeout);
        if (template instanceof SqlmqTemplate own && !isTransactedInOut()) {
            PlatformTransactionManager given = getTransactionManager();
            own.stayOutsideOf(given == null ? createTransactionManager() : given);
        }
        return template;
    }
}
