package io.sqlmq.camel.dsl;

import java.util.Map;
import org.apache.camel.ExchangePattern;
import org.apache.camel.LoggingLevel;
import org.apache.camel.component.jms.ConsumerType;
import org.apache.camel.component.jms.DefaultTaskExecutorType;
import org.apache.camel.spi.ExceptionHandler;
import org.springframework.core.task.TaskExecutor;

/**
 * Options of consumers: written from the component's description, see SqlmqEndpointBuilderTest.
 *
 * @param <B> the endpoint that has them
 */
public interface ConsumerOptions<B> extends OptionSetting {

    /** The endpoint as one that can have such options. */
    B consumer();

    /**
     * The JMS acknowledgement name, which is one of: SESSION_TRANSACTED, CLIENT_ACKNOWLEDGE, AUTO_ACKNOWLEDGE,
     * DUPS_OK_ACKNOWLEDGE. Default: {@code AUTO_ACKNOWLEDGE}.
     */
    default B acknowledgementModeName(String value) {
        doSetProperty("acknowledgementModeName", value);
        return consumer();
    }

    /**
     * Whether the DefaultMessageListenerContainer used in the reply managers for request-reply messaging allow the
     * DefaultMessageListenerContainer.runningAllowed flag to quick stop in case
     * JmsConfiguration#isAcceptMessagesWhileStopping is enabled, and org.apache.camel.CamelContext is currently being
     * stopped. This quick stop ability is enabled by default in the regular JMS consumers but to enable for reply
     * managers you must enable this flag. Default: {@code false}.
     */
    default B allowReplyManagerQuickStop(boolean value) {
        doSetProperty("allowReplyManagerQuickStop", value);
        return consumer();
    }

    /** As {@link #allowReplyManagerQuickStop(boolean)}, as text: a property placeholder. */
    default B allowReplyManagerQuickStop(String value) {
        doSetProperty("allowReplyManagerQuickStop", value);
        return consumer();
    }

    /**
     * Consumer priorities allow you to ensure that high priority consumers receive messages while they are active.
     * Normally, active consumers connected to a queue receive messages from it in a round-robin fashion. When consumer
     * priorities are in use, messages are delivered round-robin if multiple active consumers exist with the same high
     * priority. Messages will only going to lower priority consumers when the high priority consumers do not have
     * credit available to consume the message, or those high priority consumers have declined to accept the message
     * (for instance because it does not meet the criteria of any selectors associated with the consumer).
     */
    default B artemisConsumerPriority(int value) {
        doSetProperty("artemisConsumerPriority", value);
        return consumer();
    }

    /** As {@link #artemisConsumerPriority(int)}, as text: a property placeholder. */
    default B artemisConsumerPriority(String value) {
        doSetProperty("artemisConsumerPriority", value);
        return consumer();
    }

    /**
     * Whether the JmsConsumer processes the Exchange asynchronously. If enabled then the JmsConsumer may pickup the
     * next message from the JMS queue, while the previous message is being processed asynchronously (by the
     * Asynchronous Routing Engine). This means that messages may be processed not 100% strictly in order. If disabled
     * (as default) then the Exchange is fully processed before the JmsConsumer will pickup the next message from the
     * JMS queue. Note if transacted has been enabled, then asyncConsumer=true does not run asynchronously, as
     * transaction must be executed synchronously. Default: {@code false}.
     */
    default B asyncConsumer(boolean value) {
        doSetProperty("asyncConsumer", value);
        return consumer();
    }

    /** As {@link #asyncConsumer(boolean)}, as text: a property placeholder. */
    default B asyncConsumer(String value) {
        doSetProperty("asyncConsumer", value);
        return consumer();
    }

    /** Specifies whether the consumer container should auto-startup. Default: {@code true}. */
    default B autoStartup(boolean value) {
        doSetProperty("autoStartup", value);
        return consumer();
    }

    /** As {@link #autoStartup(boolean)}, as text: a property placeholder. */
    default B autoStartup(String value) {
        doSetProperty("autoStartup", value);
        return consumer();
    }

    /**
     * How many messages come as one exchange at most, whose body is the list of their bodies; 0: each message is an
     * exchange. All of them are one transaction. A message that has failed before comes alone. Default: {@code 0}.
     */
    default B batchSize(int value) {
        doSetProperty("batchSize", value);
        return consumer();
    }

    /** As {@link #batchSize(int)}, as text: a property placeholder. */
    default B batchSize(String value) {
        doSetProperty("batchSize", value);
        return consumer();
    }

    /**
     * With batchSize: how long after the first message others are waited for. The transaction is open meanwhile.
     * Default: {@code 200}.
     */
    default B batchTimeout(long value) {
        doSetProperty("batchTimeout", value);
        return consumer();
    }

    /** As {@link #batchTimeout(long)}, as text: a property placeholder. */
    default B batchTimeout(String value) {
        doSetProperty("batchTimeout", value);
        return consumer();
    }

    /** Sets the cache level by ID for the underlying JMS resources. See cacheLevelName option for more details. */
    default B cacheLevel(int value) {
        doSetProperty("cacheLevel", value);
        return consumer();
    }

    /** As {@link #cacheLevel(int)}, as text: a property placeholder. */
    default B cacheLevel(String value) {
        doSetProperty("cacheLevel", value);
        return consumer();
    }

    /**
     * Sets the cache level by name for the underlying JMS resources. Possible values are: CACHE_AUTO, CACHE_CONNECTION,
     * CACHE_CONSUMER, CACHE_NONE, and CACHE_SESSION. The default setting is CACHE_AUTO. See the Spring documentation
     * and Transactions Cache Levels for more information. Default: {@code CACHE_AUTO}.
     */
    default B cacheLevelName(String value) {
        doSetProperty("cacheLevelName", value);
        return consumer();
    }

    /**
     * Specifies the default number of concurrent consumers when consuming from JMS (not for request/reply over JMS).
     * See also the maxMessagesPerTask option to control dynamic scaling up/down of threads. When doing request/reply
     * over JMS then the option replyToConcurrentConsumers is used to control number of concurrent consumers on the
     * reply message listener. Default: {@code 1}.
     */
    default B concurrentConsumers(int value) {
        doSetProperty("concurrentConsumers", value);
        return consumer();
    }

    /** As {@link #concurrentConsumers(int)}, as text: a property placeholder. */
    default B concurrentConsumers(String value) {
        doSetProperty("concurrentConsumers", value);
        return consumer();
    }

    /**
     * The consumer type to use, which can be one of: Simple, Default, or Custom. The consumer type determines which
     * Spring JMS listener to use. Default will use org.springframework.jms.listener.DefaultMessageListenerContainer,
     * Simple will use org.springframework.jms.listener.SimpleMessageListenerContainer. When Custom is specified, the
     * MessageListenerContainerFactory defined by the messageListenerContainerFactory option will determine what
     * org.springframework.jms.listener.AbstractMessageListenerContainer to use. Default: {@code Default}.
     */
    default B consumerType(ConsumerType value) {
        doSetProperty("consumerType", value);
        return consumer();
    }

    /** As {@link #consumerType(ConsumerType)}, as text: a property placeholder. */
    default B consumerType(String value) {
        doSetProperty("consumerType", value);
        return consumer();
    }

    /**
     * Specifies what default TaskExecutor type to use in the DefaultMessageListenerContainer, for both consumer
     * endpoints and the ReplyTo consumer of producer endpoints. Possible values: SimpleAsync (uses Spring's
     * SimpleAsyncTaskExecutor) or ThreadPool (uses Spring's ThreadPoolTaskExecutor with optimal values - cached
     * thread-pool-like). If not set, it defaults to the previous behaviour, which uses a cached thread pool for
     * consumer endpoints and SimpleAsync for reply consumers. The use of ThreadPool is recommended to reduce thread
     * trash in elastic configurations with dynamically increasing and decreasing concurrent consumers.
     */
    default B defaultTaskExecutorType(DefaultTaskExecutorType value) {
        doSetProperty("defaultTaskExecutorType", value);
        return consumer();
    }

    /** As {@link #defaultTaskExecutorType(DefaultTaskExecutorType)}, as text: a property placeholder. */
    default B defaultTaskExecutorType(String value) {
        doSetProperty("defaultTaskExecutorType", value);
        return consumer();
    }

    /**
     * Options of destinations, as in ActiveMQ, such as destination.consumer.exclusive=true. This is a multi-value
     * option with prefix: destination.
     */
    default B destinationOptions(String key, Object value) {
        doSetMultiValueProperty("destinationOptions", "destination." + key, value);
        return consumer();
    }

    /** As {@link #destinationOptions(String, Object)}, several at once. */
    default B destinationOptions(Map<String, Object> values) {
        doSetMultiValueProperties("destinationOptions", "destination.", values);
        return consumer();
    }

    /**
     * Whether messages wait in their row where an error handler or onException of Camel would repeat a step in memory:
     * the transaction is rolled back, and the message is delivered again after the delay of its redelivery policy
     * (redelivery.redeliveryDelay). Camel's maximumRedeliveries count deliveries then, in all processes. Default:
     * {@code false}.
     */
    default B durableRedelivery(boolean value) {
        doSetProperty("durableRedelivery", value);
        return consumer();
    }

    /** As {@link #durableRedelivery(boolean)}, as text: a property placeholder. */
    default B durableRedelivery(String value) {
        doSetProperty("durableRedelivery", value);
        return consumer();
    }

    /**
     * Enables eager loading of JMS properties and payload as soon as a message is loaded which generally is inefficient
     * as the JMS properties may not be required but sometimes can catch early any issues with the underlying JMS
     * provider and the use of JMS properties. See also the option eagerPoisonBody. Default: {@code false}.
     */
    default B eagerLoadingOfProperties(boolean value) {
        doSetProperty("eagerLoadingOfProperties", value);
        return consumer();
    }

    /** As {@link #eagerLoadingOfProperties(boolean)}, as text: a property placeholder. */
    default B eagerLoadingOfProperties(String value) {
        doSetProperty("eagerLoadingOfProperties", value);
        return consumer();
    }

    /**
     * If eagerLoadingOfProperties is enabled and the JMS message payload (JMS body or JMS properties) is poison (cannot
     * be read/mapped), then set this text as the message body instead so the message can be processed (the cause of the
     * poison are already stored as exception on the Exchange). This can be turned off by setting eagerPoisonBody=false.
     * See also the option eagerLoadingOfProperties. Default: {@code Poison JMS message due to ${exception.message}}.
     */
    default B eagerPoisonBody(String value) {
        doSetProperty("eagerPoisonBody", value);
        return consumer();
    }

    /**
     * Allows to configure the default errorHandler logging level for logging uncaught exceptions. Default: {@code
     * WARN}.
     */
    default B errorHandlerLoggingLevel(LoggingLevel value) {
        doSetProperty("errorHandlerLoggingLevel", value);
        return consumer();
    }

    /** As {@link #errorHandlerLoggingLevel(LoggingLevel)}, as text: a property placeholder. */
    default B errorHandlerLoggingLevel(String value) {
        doSetProperty("errorHandlerLoggingLevel", value);
        return consumer();
    }

    /**
     * Allows to control whether stack-traces should be logged or not, by the default errorHandler. Default: {@code
     * true}.
     */
    default B errorHandlerLogStackTrace(boolean value) {
        doSetProperty("errorHandlerLogStackTrace", value);
        return consumer();
    }

    /** As {@link #errorHandlerLogStackTrace(boolean)}, as text: a property placeholder. */
    default B errorHandlerLogStackTrace(String value) {
        doSetProperty("errorHandlerLogStackTrace", value);
        return consumer();
    }

    /**
     * To let the consumer use a custom ExceptionHandler. Notice if the option bridgeErrorHandler is enabled then this
     * option is not in use. By default the consumer will deal with exceptions, that will be logged at WARN or ERROR
     * level and ignored.
     */
    default B exceptionHandler(ExceptionHandler value) {
        doSetProperty("exceptionHandler", value);
        return consumer();
    }

    /** As {@link #exceptionHandler(ExceptionHandler)}, as text: a property placeholder, or a bean's name after #. */
    default B exceptionHandler(String value) {
        doSetProperty("exceptionHandler", value);
        return consumer();
    }

    /** Sets the exchange pattern when the consumer creates an exchange. */
    default B exchangePattern(ExchangePattern value) {
        doSetProperty("exchangePattern", value);
        return consumer();
    }

    /** As {@link #exchangePattern(ExchangePattern)}, as text: a property placeholder. */
    default B exchangePattern(String value) {
        doSetProperty("exchangePattern", value);
        return consumer();
    }

    /** Specifies whether the listener session should be exposed when consuming messages. Default: {@code true}. */
    default B exposeListenerSession(boolean value) {
        doSetProperty("exposeListenerSession", value);
        return consumer();
    }

    /** As {@link #exposeListenerSession(boolean)}, as text: a property placeholder. */
    default B exposeListenerSession(String value) {
        doSetProperty("exposeListenerSession", value);
        return consumer();
    }

    /**
     * Specifies the maximum number of concurrent consumers when consuming from JMS (not for request/reply over JMS).
     * See also the maxMessagesPerTask option to control dynamic scaling up/down of threads. When doing request/reply
     * over JMS then the option replyToMaxConcurrentConsumers is used to control number of concurrent consumers on the
     * reply message listener.
     */
    default B maxConcurrentConsumers(int value) {
        doSetProperty("maxConcurrentConsumers", value);
        return consumer();
    }

    /** As {@link #maxConcurrentConsumers(int)}, as text: a property placeholder. */
    default B maxConcurrentConsumers(String value) {
        doSetProperty("maxConcurrentConsumers", value);
        return consumer();
    }

    /**
     * The consumer type of the reply consumer (when doing request/reply), which can be one of: Simple, Default, or
     * Custom. The consumer type determines which Spring JMS listener to use. Default will use
     * org.springframework.jms.listener.DefaultMessageListenerContainer, Simple will use
     * org.springframework.jms.listener.SimpleMessageListenerContainer. When Custom is specified, the
     * MessageListenerContainerFactory defined by the messageListenerContainerFactory option will determine what
     * org.springframework.jms.listener.AbstractMessageListenerContainer to use. Default: {@code Default}.
     */
    default B replyToConsumerType(ConsumerType value) {
        doSetProperty("replyToConsumerType", value);
        return consumer();
    }

    /** As {@link #replyToConsumerType(ConsumerType)}, as text: a property placeholder. */
    default B replyToConsumerType(String value) {
        doSetProperty("replyToConsumerType", value);
        return consumer();
    }

    /** Specifies whether to use persistent delivery by default for replies. Default: {@code true}. */
    default B replyToDeliveryPersistent(boolean value) {
        doSetProperty("replyToDeliveryPersistent", value);
        return consumer();
    }

    /** As {@link #replyToDeliveryPersistent(boolean)}, as text: a property placeholder. */
    default B replyToDeliveryPersistent(String value) {
        doSetProperty("replyToDeliveryPersistent", value);
        return consumer();
    }

    /**
     * Whether a JMS consumer is allowed to send a reply message to the same destination that the consumer is using to
     * consume from. This prevents an endless loop by consuming and sending back the same message to itself. Default:
     * {@code false}.
     */
    default B replyToSameDestinationAllowed(boolean value) {
        doSetProperty("replyToSameDestinationAllowed", value);
        return consumer();
    }

    /** As {@link #replyToSameDestinationAllowed(boolean)}, as text: a property placeholder. */
    default B replyToSameDestinationAllowed(String value) {
        doSetProperty("replyToSameDestinationAllowed", value);
        return consumer();
    }

    /** Sets the JMS selector to use. */
    default B selector(String value) {
        doSetProperty("selector", value);
        return consumer();
    }

    /**
     * Set whether to make the subscription durable. The durable subscription name to be used can be specified through
     * the subscriptionName property. Default is false. Set this to true to register a durable subscription, typically
     * in combination with a subscriptionName value (unless your message listener class name is good enough as
     * subscription name). Only makes sense when listening to a topic (pub-sub domain), therefore this method switches
     * the pubSubDomain flag as well. Default: {@code false}.
     */
    default B subscriptionDurable(boolean value) {
        doSetProperty("subscriptionDurable", value);
        return consumer();
    }

    /** As {@link #subscriptionDurable(boolean)}, as text: a property placeholder. */
    default B subscriptionDurable(String value) {
        doSetProperty("subscriptionDurable", value);
        return consumer();
    }

    /**
     * Set the name of a subscription to create. To be applied in case of a topic (pub-sub domain) with a shared or
     * durable subscription. The subscription name needs to be unique within this client's JMS client id. Default is the
     * class name of the specified message listener. Note: Only 1 concurrent consumer (which is the default of this
     * message listener container) is allowed for each subscription, except for a shared subscription (which requires
     * JMS 2.0).
     */
    default B subscriptionName(String value) {
        doSetProperty("subscriptionName", value);
        return consumer();
    }

    /**
     * Set whether to make the subscription shared. The shared subscription name to be used can be specified through the
     * subscriptionName property. Default is false. Set this to true to register a shared subscription, typically in
     * combination with a subscriptionName value (unless your message listener class name is good enough as subscription
     * name). Note that shared subscriptions may also be durable, so this flag can (and often will) be combined with
     * subscriptionDurable as well. Only makes sense when listening to a topic (pub-sub domain), therefore this method
     * switches the pubSubDomain flag as well. Requires a JMS 2.0 compatible message broker. Default: {@code false}.
     */
    default B subscriptionShared(boolean value) {
        doSetProperty("subscriptionShared", value);
        return consumer();
    }

    /** As {@link #subscriptionShared(boolean)}, as text: a property placeholder. */
    default B subscriptionShared(String value) {
        doSetProperty("subscriptionShared", value);
        return consumer();
    }

    /** Allows you to specify a custom task executor for consuming messages. */
    default B taskExecutor(TaskExecutor value) {
        doSetProperty("taskExecutor", value);
        return consumer();
    }

    /** As {@link #taskExecutor(TaskExecutor)}, as text: a property placeholder, or a bean's name after #. */
    default B taskExecutor(String value) {
        doSetProperty("taskExecutor", value);
        return consumer();
    }
}
