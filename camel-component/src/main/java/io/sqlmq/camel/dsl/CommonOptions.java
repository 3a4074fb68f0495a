package io.sqlmq.camel.dsl;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.ExceptionListener;
import java.util.Map;
import org.apache.camel.component.jms.JmsKeyFormatStrategy;
import org.apache.camel.component.jms.JmsMessageType;
import org.apache.camel.component.jms.MessageCreatedStrategy;
import org.apache.camel.component.jms.MessageListenerContainerFactory;
import org.apache.camel.component.jms.TemporaryQueueResolver;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.springframework.jms.support.converter.MessageConverter;
import org.springframework.jms.support.destination.DestinationResolver;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.ErrorHandler;

/**
 * Options of all endpoints: written from the component's description, see SqlmqEndpointBuilderTest.
 *
 * @param <B> the endpoint that has them
 */
public interface CommonOptions<B> extends OptionSetting {

    /** Returns the endpoint itself: here the options that are rarely needed stand with the others. */
    B advanced();

    /**
     * Whether a consumer that is being stopped finishes what it has received. Otherwise such messages are given back,
     * and are delivered again. Default: {@code true}.
     */
    default B acceptMessagesWhileStopping(boolean value) {
        doSetProperty("acceptMessagesWhileStopping", value);
        return advanced();
    }

    /** As {@link #acceptMessagesWhileStopping(boolean)}, as text: a property placeholder. */
    default B acceptMessagesWhileStopping(String value) {
        doSetProperty("acceptMessagesWhileStopping", value);
        return advanced();
    }

    /**
     * Controls whether or not to include serialized headers. Applies only when transferExchange is true. This requires
     * that the objects are serializable. Camel will exclude any non-serializable objects and log it at WARN level.
     * Default: {@code false}.
     */
    default B allowSerializedHeaders(boolean value) {
        doSetProperty("allowSerializedHeaders", value);
        return advanced();
    }

    /** As {@link #allowSerializedHeaders(boolean)}, as text: a property placeholder. */
    default B allowSerializedHeaders(String value) {
        doSetProperty("allowSerializedHeaders", value);
        return advanced();
    }

    /**
     * Whether optimizing for Apache Artemis streaming mode. This can reduce memory overhead when using Artemis with JMS
     * StreamMessage types. This option must only be enabled if Apache Artemis is being used. Default: {@code false}.
     */
    default B artemisStreamingEnabled(boolean value) {
        doSetProperty("artemisStreamingEnabled", value);
        return advanced();
    }

    /** As {@link #artemisStreamingEnabled(boolean)}, as text: a property placeholder. */
    default B artemisStreamingEnabled(String value) {
        doSetProperty("artemisStreamingEnabled", value);
        return advanced();
    }

    /**
     * Whether to startup the JmsConsumer message listener asynchronously, when starting a route. For example if a
     * JmsConsumer cannot get a connection to a remote JMS broker, then it may block while retrying and/or fail-over.
     * This will cause Camel to block while starting routes. By setting this option to true, you will let routes
     * startup, while the JmsConsumer connects to the JMS broker using a dedicated thread in asynchronous mode. If this
     * option is used, then beware that if the connection could not be established, then an exception is logged at WARN
     * level, and the consumer will not be able to receive messages; You can then restart the route to retry. Default:
     * {@code false}.
     */
    default B asyncStartListener(boolean value) {
        doSetProperty("asyncStartListener", value);
        return advanced();
    }

    /** As {@link #asyncStartListener(boolean)}, as text: a property placeholder. */
    default B asyncStartListener(String value) {
        doSetProperty("asyncStartListener", value);
        return advanced();
    }

    /**
     * Whether to stop the JmsConsumer message listener asynchronously, when stopping a route. Default: {@code false}.
     */
    default B asyncStopListener(boolean value) {
        doSetProperty("asyncStopListener", value);
        return advanced();
    }

    /** As {@link #asyncStopListener(boolean)}, as text: a property placeholder. */
    default B asyncStopListener(String value) {
        doSetProperty("asyncStopListener", value);
        return advanced();
    }

    /**
     * Maximum number of messages to keep in memory available for browsing. Use 0 for unlimited. Default: {@code 100}.
     */
    default B browseLimit(int value) {
        doSetProperty("browseLimit", value);
        return advanced();
    }

    /** As {@link #browseLimit(int)}, as text: a property placeholder. */
    default B browseLimit(String value) {
        doSetProperty("browseLimit", value);
        return advanced();
    }

    /**
     * Sets the JMS client ID to use. Note that this value, if specified, must be unique and can only be used by a
     * single JMS connection instance. It is typically only required for durable topic subscriptions with JMS 1.1.
     */
    default B clientId(String value) {
        doSetProperty("clientId", value);
        return advanced();
    }

    /**
     * The connection factory to be use. A connection factory must be configured either on the component or endpoint.
     */
    default B connectionFactory(ConnectionFactory value) {
        doSetProperty("connectionFactory", value);
        return advanced();
    }

    /** As {@link #connectionFactory(ConnectionFactory)}, as text: a property placeholder, or a bean's name after #. */
    default B connectionFactory(String value) {
        doSetProperty("connectionFactory", value);
        return advanced();
    }

    /**
     * Sets an ObjectInputFilter pattern (jdk.serialFilter syntax) applied as a defense-in-depth check on the class of
     * the body returned by jakarta.jms.ObjectMessage.getObject(). The pattern is evaluated after the JMS provider has
     * deserialized the payload, so this option alone does not prevent gadget-chain execution that happens inside the
     * provider's ObjectInputStream; to block such attacks, also configure the JMS provider's own deserialization filter
     * and/or the JVM-wide -Djdk.serialFilter. When this option is not set and no JVM-wide filter is configured, a
     * conservative default filter denying java.net. and otherwise allowing java., javax. and org.apache.camel. is
     * applied.
     */
    default B deserializationFilter(String value) {
        doSetProperty("deserializationFilter", value);
        return advanced();
    }

    /**
     * A pluggable org.springframework.jms.support.destination.DestinationResolver that allows you to use your own
     * resolver (for example, to lookup the real destination in a JNDI registry).
     */
    default B destinationResolver(DestinationResolver value) {
        doSetProperty("destinationResolver", value);
        return advanced();
    }

    /**
     * As {@link #destinationResolver(DestinationResolver)}, as text: a property placeholder, or a bean's name after #.
     */
    default B destinationResolver(String value) {
        doSetProperty("destinationResolver", value);
        return advanced();
    }

    /**
     * Specifies whether Camel ignores the JMSReplyTo header in messages. If true, Camel does not send a reply back to
     * the destination specified in the JMSReplyTo header. You can use this option if you want Camel to consume from a
     * route and you do not want Camel to automatically send back a reply message because another component in your code
     * handles the reply message. You can also use this option if you want to use Camel as a proxy between different
     * message brokers and you want to route message from one system to another. Default: {@code false}.
     */
    default B disableReplyTo(boolean value) {
        doSetProperty("disableReplyTo", value);
        return advanced();
    }

    /** As {@link #disableReplyTo(boolean)}, as text: a property placeholder. */
    default B disableReplyTo(String value) {
        doSetProperty("disableReplyTo", value);
        return advanced();
    }

    /**
     * The durable subscriber name for specifying durable topic subscriptions. The clientId option must be configured as
     * well.
     */
    default B durableSubscriptionName(String value) {
        doSetProperty("durableSubscriptionName", value);
        return advanced();
    }

    /**
     * Specifies a org.springframework.util.ErrorHandler to be invoked in case of any uncaught exceptions thrown while
     * processing a Message. By default these exceptions will be logged at the WARN level, if no errorHandler has been
     * configured. You can configure logging level and whether stack traces should be logged using
     * errorHandlerLoggingLevel and errorHandlerLogStackTrace options. This makes it much easier to configure, than
     * having to code a custom errorHandler.
     */
    default B errorHandler(ErrorHandler value) {
        doSetProperty("errorHandler", value);
        return advanced();
    }

    /** As {@link #errorHandler(ErrorHandler)}, as text: a property placeholder, or a bean's name after #. */
    default B errorHandler(String value) {
        doSetProperty("errorHandler", value);
        return advanced();
    }

    /** Specifies the JMS Exception Listener that is to be notified of any underlying JMS exceptions. */
    default B exceptionListener(ExceptionListener value) {
        doSetProperty("exceptionListener", value);
        return advanced();
    }

    /** As {@link #exceptionListener(ExceptionListener)}, as text: a property placeholder, or a bean's name after #. */
    default B exceptionListener(String value) {
        doSetProperty("exceptionListener", value);
        return advanced();
    }

    /** To use a custom HeaderFilterStrategy to filter header to and from Camel message. */
    default B headerFilterStrategy(HeaderFilterStrategy value) {
        doSetProperty("headerFilterStrategy", value);
        return advanced();
    }

    /**
     * As {@link #headerFilterStrategy(HeaderFilterStrategy)}, as text: a property placeholder, or a bean's name after
     * #.
     */
    default B headerFilterStrategy(String value) {
        doSetProperty("headerFilterStrategy", value);
        return advanced();
    }

    /**
     * Specify the limit for the number of consumers that are allowed to be idle at any given time. Default: {@code 1}.
     */
    default B idleConsumerLimit(int value) {
        doSetProperty("idleConsumerLimit", value);
        return advanced();
    }

    /** As {@link #idleConsumerLimit(int)}, as text: a property placeholder. */
    default B idleConsumerLimit(String value) {
        doSetProperty("idleConsumerLimit", value);
        return advanced();
    }

    /**
     * Marks the consumer as idle after the specified number of idle receives have been reached. An idle receive is
     * counted from the moment a null message is returned by the receiver after the potential setReceiveTimeout elapsed.
     * This gives the opportunity to check if the idle task count exceeds setIdleTaskExecutionLimit and based on that
     * decide if the task needs to be re-scheduled or not, saving resources that would otherwise be held. This setting
     * differs from setMaxMessagesPerTask where the task is released and re-scheduled after this limit is reached, no
     * matter if the received messages were null or non-null messages. This setting alone can be inflexible if one
     * desires to have a large enough batch for each task but requires a quick(er) release from the moment there are no
     * more messages to process. This setting differs from setIdleTaskExecutionLimit where this limit decides after how
     * many iterations of being marked as idle, a task is released. For example: If setMaxMessagesPerTask is set to
     * '500' and #setIdleReceivesPerTaskLimit is set to '60' and setReceiveTimeout is set to '1000' and
     * setIdleTaskExecutionLimit is set to '1', then 500 messages per task would be processed unless there is a
     * subsequent number of 60 idle messages received, the task would be marked as idle and released. This also means
     * that after the last message was processed, the task would be released after 60 seconds as long as no new messages
     * appear.
     */
    default B idleReceivesPerTaskLimit(int value) {
        doSetProperty("idleReceivesPerTaskLimit", value);
        return advanced();
    }

    /** As {@link #idleReceivesPerTaskLimit(int)}, as text: a property placeholder. */
    default B idleReceivesPerTaskLimit(String value) {
        doSetProperty("idleReceivesPerTaskLimit", value);
        return advanced();
    }

    /**
     * Specifies the limit for idle executions of a receive task, not having received any message within its execution.
     * If this limit is reached, the task will shut down and leave receiving to other executing tasks (in the case of
     * dynamic scheduling; see the maxConcurrentConsumers setting). There is additional doc available from Spring.
     * Default: {@code 1}.
     */
    default B idleTaskExecutionLimit(int value) {
        doSetProperty("idleTaskExecutionLimit", value);
        return advanced();
    }

    /** As {@link #idleTaskExecutionLimit(int)}, as text: a property placeholder. */
    default B idleTaskExecutionLimit(String value) {
        doSetProperty("idleTaskExecutionLimit", value);
        return advanced();
    }

    /**
     * Whether to include all JMSX prefixed properties when mapping from JMS to Camel Message. Setting this to true will
     * include properties such as JMSXAppID, and JMSXUserID etc. Note: If you are using a custom headerFilterStrategy
     * then this option does not apply. Default: {@code false}.
     */
    default B includeAllJMSXProperties(boolean value) {
        doSetProperty("includeAllJMSXProperties", value);
        return advanced();
    }

    /** As {@link #includeAllJMSXProperties(boolean)}, as text: a property placeholder. */
    default B includeAllJMSXProperties(String value) {
        doSetProperty("includeAllJMSXProperties", value);
        return advanced();
    }

    /**
     * Pluggable strategy for encoding and decoding JMS keys so they can be compliant with the JMS specification. Camel
     * provides two implementations out of the box: default and passthrough. The default strategy will safely marshal
     * dots and hyphens (. and -). The passthrough strategy leaves the key as is. Can be used for JMS brokers which do
     * not care whether JMS header keys contain illegal characters. You can provide your own implementation of the
     * org.apache.camel.component.jms.JmsKeyFormatStrategy and refer to it using the # notation.
     */
    default B jmsKeyFormatStrategy(JmsKeyFormatStrategy value) {
        doSetProperty("jmsKeyFormatStrategy", value);
        return advanced();
    }

    /** As {@link #jmsKeyFormatStrategy(JmsKeyFormatStrategy)}, as text: a property placeholder. */
    default B jmsKeyFormatStrategy(String value) {
        doSetProperty("jmsKeyFormatStrategy", value);
        return advanced();
    }

    /**
     * Allows you to force the use of a specific jakarta.jms.Message implementation for sending JMS messages from Camel
     * to the broker (also when Camel is used for request/reply). This is not in use when Camel receives messages as the
     * message is locked to the type from the client that sent the message to the broker. Possible values are: Bytes,
     * Map, Object, Stream, Text. By default, Camel would determine which JMS message type to use from the message body
     * type. This option allows you to specify it.
     */
    default B jmsMessageType(JmsMessageType value) {
        doSetProperty("jmsMessageType", value);
        return advanced();
    }

    /** As {@link #jmsMessageType(JmsMessageType)}, as text: a property placeholder. */
    default B jmsMessageType(String value) {
        doSetProperty("jmsMessageType", value);
        return advanced();
    }

    /**
     * If true, Camel will create a JmsTransactionManager, if there is no transactionManager injected when option
     * transacted=true. Default: {@code true}.
     */
    default B lazyCreateTransactionManager(boolean value) {
        doSetProperty("lazyCreateTransactionManager", value);
        return advanced();
    }

    /** As {@link #lazyCreateTransactionManager(boolean)}, as text: a property placeholder. */
    default B lazyCreateTransactionManager(String value) {
        doSetProperty("lazyCreateTransactionManager", value);
        return advanced();
    }

    /**
     * Specifies whether Camel should auto map the received JMS message to a suited payload type, such as
     * jakarta.jms.TextMessage to a String etc. Default: {@code true}.
     */
    default B mapJmsMessage(boolean value) {
        doSetProperty("mapJmsMessage", value);
        return advanced();
    }

    /** As {@link #mapJmsMessage(boolean)}, as text: a property placeholder. */
    default B mapJmsMessage(String value) {
        doSetProperty("mapJmsMessage", value);
        return advanced();
    }

    /**
     * The number of messages per task. -1 is unlimited. If you use a range for concurrent consumers (eg min max), then
     * this option can be used to set a value to eg 100 to control how fast the consumers will shrink when less work is
     * required. Default: {@code -1}.
     */
    default B maxMessagesPerTask(int value) {
        doSetProperty("maxMessagesPerTask", value);
        return advanced();
    }

    /** As {@link #maxMessagesPerTask(int)}, as text: a property placeholder. */
    default B maxMessagesPerTask(String value) {
        doSetProperty("maxMessagesPerTask", value);
        return advanced();
    }

    /**
     * To use a custom Spring org.springframework.jms.support.converter.MessageConverter so you can be in control how to
     * map to/from a jakarta.jms.Message.
     */
    default B messageConverter(MessageConverter value) {
        doSetProperty("messageConverter", value);
        return advanced();
    }

    /** As {@link #messageConverter(MessageConverter)}, as text: a property placeholder, or a bean's name after #. */
    default B messageConverter(String value) {
        doSetProperty("messageConverter", value);
        return advanced();
    }

    /**
     * To use the given MessageCreatedStrategy which are invoked when Camel creates new instances of jakarta.jms.Message
     * objects when Camel is sending a JMS message.
     */
    default B messageCreatedStrategy(MessageCreatedStrategy value) {
        doSetProperty("messageCreatedStrategy", value);
        return advanced();
    }

    /**
     * As {@link #messageCreatedStrategy(MessageCreatedStrategy)}, as text: a property placeholder, or a bean's name
     * after #.
     */
    default B messageCreatedStrategy(String value) {
        doSetProperty("messageCreatedStrategy", value);
        return advanced();
    }

    /**
     * When sending, specifies whether message IDs should be added. This is just an hint to the JMS broker. If the JMS
     * provider accepts this hint, these messages must have the message ID set to null; if the provider ignores the
     * hint, the message ID must be set to its normal unique value. Default: {@code true}.
     */
    default B messageIdEnabled(boolean value) {
        doSetProperty("messageIdEnabled", value);
        return advanced();
    }

    /** As {@link #messageIdEnabled(boolean)}, as text: a property placeholder. */
    default B messageIdEnabled(String value) {
        doSetProperty("messageIdEnabled", value);
        return advanced();
    }

    /**
     * Registry ID of the MessageListenerContainerFactory used to determine what
     * org.springframework.jms.listener.AbstractMessageListenerContainer to use to consume messages. Setting this will
     * automatically set consumerType to Custom.
     */
    default B messageListenerContainerFactory(MessageListenerContainerFactory value) {
        doSetProperty("messageListenerContainerFactory", value);
        return advanced();
    }

    /**
     * As {@link #messageListenerContainerFactory(MessageListenerContainerFactory)}, as text: a property placeholder, or
     * a bean's name after #.
     */
    default B messageListenerContainerFactory(String value) {
        doSetProperty("messageListenerContainerFactory", value);
        return advanced();
    }

    /**
     * Specifies whether timestamps should be enabled by default on sending messages. This is just an hint to the JMS
     * broker. If the JMS provider accepts this hint, these messages must have the timestamp set to zero; if the
     * provider ignores the hint the timestamp must be set to its normal value. Default: {@code true}.
     */
    default B messageTimestampEnabled(boolean value) {
        doSetProperty("messageTimestampEnabled", value);
        return advanced();
    }

    /** As {@link #messageTimestampEnabled(boolean)}, as text: a property placeholder. */
    default B messageTimestampEnabled(String value) {
        doSetProperty("messageTimestampEnabled", value);
        return advanced();
    }

    /**
     * Whether to enable sending and receiving JMS ObjectMessage. By default this is disabled because Java object
     * serialization is a known source of security vulnerabilities. Enable this option only if you trust the source of
     * the messages and need to send or receive Java serialized objects via JMS. When disabled, Camel will refuse to
     * create or read JMS ObjectMessage instances. Options that rely on ObjectMessage internally (such as
     * transferExchange and transferException) require this option to be enabled. Default: {@code false}.
     */
    default B objectMessageEnabled(boolean value) {
        doSetProperty("objectMessageEnabled", value);
        return advanced();
    }

    /** As {@link #objectMessageEnabled(boolean)}, as text: a property placeholder. */
    default B objectMessageEnabled(String value) {
        doSetProperty("objectMessageEnabled", value);
        return advanced();
    }

    /**
     * Password to use with the ConnectionFactory. You can also configure username/password directly on the
     * ConnectionFactory.
     */
    default B password(String value) {
        doSetProperty("password", value);
        return advanced();
    }

    /**
     * Specifies whether to inhibit the delivery of messages published by its own connection. Default: {@code false}.
     */
    default B pubSubNoLocal(boolean value) {
        doSetProperty("pubSubNoLocal", value);
        return advanced();
    }

    /** As {@link #pubSubNoLocal(boolean)}, as text: a property placeholder. */
    default B pubSubNoLocal(String value) {
        doSetProperty("pubSubNoLocal", value);
        return advanced();
    }

    /** The timeout for receiving messages (in milliseconds). Default: {@code 1000}. */
    default B receiveTimeout(long value) {
        doSetProperty("receiveTimeout", value);
        return advanced();
    }

    /** As {@link #receiveTimeout(long)}, as text: a property placeholder. */
    default B receiveTimeout(String value) {
        doSetProperty("receiveTimeout", value);
        return advanced();
    }

    /**
     * Specifies the interval between recovery attempts, i.e. when a connection is being refreshed, in milliseconds. The
     * default is 5000 ms, that is, 5 seconds. Default: {@code 5000}.
     */
    default B recoveryInterval(long value) {
        doSetProperty("recoveryInterval", value);
        return advanced();
    }

    /** As {@link #recoveryInterval(long)}, as text: a property placeholder. */
    default B recoveryInterval(String value) {
        doSetProperty("recoveryInterval", value);
        return advanced();
    }

    /**
     * Options of redelivery, such as redelivery.maximumRedeliveries=2. A consumer's hold in place of those of the
     * connection factory, a producer's are sent with each message that has no policy of its own, and hold before all
     * others. This is a multi-value option with prefix: redelivery.
     */
    default B redelivery(String key, Object value) {
        doSetMultiValueProperty("redelivery", "redelivery." + key, value);
        return advanced();
    }

    /** As {@link #redelivery(String, Object)}, several at once. */
    default B redelivery(Map<String, Object> values) {
        doSetMultiValueProperties("redelivery", "redelivery.", values);
        return advanced();
    }

    /**
     * Provides an explicit ReplyTo destination (overrides any incoming value of Message.getJMSReplyTo() in consumer).
     */
    default B replyTo(String value) {
        doSetProperty("replyTo", value);
        return advanced();
    }

    /**
     * Configures how often Camel should check for timed out Exchanges when doing request/reply over JMS. By default
     * Camel checks once per second. But if you must react faster when a timeout occurs, then you can lower this
     * interval, to check more frequently. The timeout is determined by the option requestTimeout. Default: {@code
     * 1000}.
     */
    default B requestTimeoutCheckerInterval(long value) {
        doSetProperty("requestTimeoutCheckerInterval", value);
        return advanced();
    }

    /** As {@link #requestTimeoutCheckerInterval(long)}, as text: a property placeholder. */
    default B requestTimeoutCheckerInterval(String value) {
        doSetProperty("requestTimeoutCheckerInterval", value);
        return advanced();
    }

    /** Sets whether synchronous processing should be strictly used. Default: {@code false}. */
    default B synchronous(boolean value) {
        doSetProperty("synchronous", value);
        return advanced();
    }

    /** As {@link #synchronous(boolean)}, as text: a property placeholder. */
    default B synchronous(String value) {
        doSetProperty("synchronous", value);
        return advanced();
    }

    /**
     * A pluggable TemporaryQueueResolver that allows you to use your own resolver for creating temporary queues (some
     * messaging systems has special requirements for creating temporary queues).
     */
    default B temporaryQueueResolver(TemporaryQueueResolver value) {
        doSetProperty("temporaryQueueResolver", value);
        return advanced();
    }

    /**
     * As {@link #temporaryQueueResolver(TemporaryQueueResolver)}, as text: a property placeholder, or a bean's name
     * after #.
     */
    default B temporaryQueueResolver(String value) {
        doSetProperty("temporaryQueueResolver", value);
        return advanced();
    }

    /**
     * Specifies whether to test the connection on startup. This ensures that when Camel starts that all the JMS
     * consumers have a valid connection to the JMS broker. If a connection cannot be granted then Camel throws an
     * exception on startup. This ensures that Camel is not started with failed connections. The JMS producers is tested
     * as well. Default: {@code false}.
     */
    default B testConnectionOnStartup(boolean value) {
        doSetProperty("testConnectionOnStartup", value);
        return advanced();
    }

    /** As {@link #testConnectionOnStartup(boolean)}, as text: a property placeholder. */
    default B testConnectionOnStartup(String value) {
        doSetProperty("testConnectionOnStartup", value);
        return advanced();
    }

    /**
     * Whether the route is one transaction: what it receives, its SQL on the same DataSource, and what it sends are
     * committed together, or not at all. Default: {@code true}.
     */
    default B transacted(boolean value) {
        doSetProperty("transacted", value);
        return advanced();
    }

    /** As {@link #transacted(boolean)}, as text: a property placeholder. */
    default B transacted(String value) {
        doSetProperty("transacted", value);
        return advanced();
    }

    /**
     * Specifies whether InOut operations (request reply) default to using transacted mode If this flag is set to true,
     * then Spring JmsTemplate will have sessionTransacted set to true, and the acknowledgeMode as transacted on the
     * JmsTemplate used for InOut operations. Note from Spring JMS: that within a JTA transaction, the parameters passed
     * to createQueue, createTopic methods are not taken into account. Depending on the Java EE transaction context, the
     * container makes its own decisions on these values. Analogously, these parameters are not taken into account
     * within a locally managed transaction either, since Spring JMS operates on an existing JMS Session in this case.
     * Setting this flag to true will use a short local JMS transaction when running outside of a managed transaction,
     * and a synchronized local JMS transaction in case of a managed transaction (other than an XA transaction) being
     * present. This has the effect of a local JMS transaction being managed alongside the main transaction (which might
     * be a native JDBC transaction), with the JMS transaction committing right after the main transaction. Default:
     * {@code false}.
     */
    default B transactedInOut(boolean value) {
        doSetProperty("transactedInOut", value);
        return advanced();
    }

    /** As {@link #transactedInOut(boolean)}, as text: a property placeholder. */
    default B transactedInOut(String value) {
        doSetProperty("transactedInOut", value);
        return advanced();
    }

    /** The Spring transaction manager to use. */
    default B transactionManager(PlatformTransactionManager value) {
        doSetProperty("transactionManager", value);
        return advanced();
    }

    /**
     * As {@link #transactionManager(PlatformTransactionManager)}, as text: a property placeholder, or a bean's name
     * after #.
     */
    default B transactionManager(String value) {
        doSetProperty("transactionManager", value);
        return advanced();
    }

    /** The name of the transaction to use. */
    default B transactionName(String value) {
        doSetProperty("transactionName", value);
        return advanced();
    }

    /** The timeout value of the transaction (in seconds), if using transacted mode. Default: {@code -1}. */
    default B transactionTimeout(int value) {
        doSetProperty("transactionTimeout", value);
        return advanced();
    }

    /** As {@link #transactionTimeout(int)}, as text: a property placeholder. */
    default B transactionTimeout(String value) {
        doSetProperty("transactionTimeout", value);
        return advanced();
    }

    /**
     * If enabled and you are using Request Reply messaging (InOut) and an Exchange failed on the consumer side, then
     * the caused Exception will be send back in response as a jakarta.jms.ObjectMessage. If the client is Camel, the
     * returned Exception is rethrown. This allows you to use Camel JMS as a bridge in your routing - for example, using
     * persistent queues to enable robust routing. Notice that if you also have transferExchange enabled, this option
     * takes precedence. The caught exception is required to be serializable. The original Exception on the consumer
     * side can be wrapped in an outer exception such as org.apache.camel.RuntimeCamelException when returned to the
     * producer. Use this with caution as the data is using Java Object serialization and requires the received to be
     * able to deserialize the data at Class level, which forces a strong coupling between the producers and consumer!.
     * Default: {@code false}.
     */
    default B transferException(boolean value) {
        doSetProperty("transferException", value);
        return advanced();
    }

    /** As {@link #transferException(boolean)}, as text: a property placeholder. */
    default B transferException(String value) {
        doSetProperty("transferException", value);
        return advanced();
    }

    /**
     * You can transfer the exchange over the wire instead of just the body and headers. The following fields are
     * transferred: In body, Out body, Fault body, In headers, Out headers, Fault headers, exchange properties, exchange
     * exception. This requires that the objects are serializable. Camel will exclude any non-serializable objects and
     * log it at WARN level. You must enable this option on both the producer and consumer side, so Camel knows the
     * payloads is an Exchange and not a regular payload. Use this with caution as the data is using Java Object
     * serialization and requires the receiver to be able to deserialize the data at Class level, which forces a strong
     * coupling between the producers and consumers having to use compatible Camel versions!. Default: {@code false}.
     */
    default B transferExchange(boolean value) {
        doSetProperty("transferExchange", value);
        return advanced();
    }

    /** As {@link #transferExchange(boolean)}, as text: a property placeholder. */
    default B transferExchange(String value) {
        doSetProperty("transferExchange", value);
        return advanced();
    }

    /**
     * Specifies whether JMSMessageID should always be used as JMSCorrelationID for InOut messages. Default: {@code
     * false}.
     */
    default B useMessageIDAsCorrelationID(boolean value) {
        doSetProperty("useMessageIDAsCorrelationID", value);
        return advanced();
    }

    /** As {@link #useMessageIDAsCorrelationID(boolean)}, as text: a property placeholder. */
    default B useMessageIDAsCorrelationID(String value) {
        doSetProperty("useMessageIDAsCorrelationID", value);
        return advanced();
    }

    /**
     * Username to use with the ConnectionFactory. You can also configure username/password directly on the
     * ConnectionFactory.
     */
    default B username(String value) {
        doSetProperty("username", value);
        return advanced();
    }

    /**
     * Number of times to wait for provisional correlation id to be updated to the actual correlation id when doing
     * request/reply over JMS and when the option useMessageIDAsCorrelationID is enabled. Default: {@code 50}.
     */
    default B waitForProvisionCorrelationToBeUpdatedCounter(int value) {
        doSetProperty("waitForProvisionCorrelationToBeUpdatedCounter", value);
        return advanced();
    }

    /** As {@link #waitForProvisionCorrelationToBeUpdatedCounter(int)}, as text: a property placeholder. */
    default B waitForProvisionCorrelationToBeUpdatedCounter(String value) {
        doSetProperty("waitForProvisionCorrelationToBeUpdatedCounter", value);
        return advanced();
    }

    /**
     * Interval in millis to sleep each time while waiting for provisional correlation id to be updated. Default: {@code
     * 100}.
     */
    default B waitForProvisionCorrelationToBeUpdatedThreadSleepingTime(long value) {
        doSetProperty("waitForProvisionCorrelationToBeUpdatedThreadSleepingTime", value);
        return advanced();
    }

    /** As {@link #waitForProvisionCorrelationToBeUpdatedThreadSleepingTime(long)}, as text: a property placeholder. */
    default B waitForProvisionCorrelationToBeUpdatedThreadSleepingTime(String value) {
        doSetProperty("waitForProvisionCorrelationToBeUpdatedThreadSleepingTime", value);
        return advanced();
    }

    /**
     * Number of times to wait for temporary replyTo queue to be created and ready when doing request/reply over JMS.
     * Default: {@code 200}.
     */
    default B waitForTemporaryReplyToToBeUpdatedCounter(int value) {
        doSetProperty("waitForTemporaryReplyToToBeUpdatedCounter", value);
        return advanced();
    }

    /** As {@link #waitForTemporaryReplyToToBeUpdatedCounter(int)}, as text: a property placeholder. */
    default B waitForTemporaryReplyToToBeUpdatedCounter(String value) {
        doSetProperty("waitForTemporaryReplyToToBeUpdatedCounter", value);
        return advanced();
    }

    /**
     * Interval in millis to sleep each time while waiting for temporary replyTo queue to be ready. Default: {@code
     * 100}.
     */
    default B waitForTemporaryReplyToToBeUpdatedThreadSleepingTime(long value) {
        doSetProperty("waitForTemporaryReplyToToBeUpdatedThreadSleepingTime", value);
        return advanced();
    }

    /** As {@link #waitForTemporaryReplyToToBeUpdatedThreadSleepingTime(long)}, as text: a property placeholder. */
    default B waitForTemporaryReplyToToBeUpdatedThreadSleepingTime(String value) {
        doSetProperty("waitForTemporaryReplyToToBeUpdatedThreadSleepingTime", value);
        return advanced();
    }
}
