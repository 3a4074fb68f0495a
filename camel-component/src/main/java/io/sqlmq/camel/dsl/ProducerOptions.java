package io.sqlmq.camel.dsl;

import org.apache.camel.component.jms.ReplyToType;

/**
 * Options of producers: written from the component's description, see SqlmqEndpointBuilderTest.
 *
 * @param <B> the endpoint that has them
 */
public interface ProducerOptions<B> extends OptionSetting {

    /** The endpoint as one that can have such options. */
    B producer();

    /**
     * This option is used to allow additional headers which may have values that are invalid according to JMS
     * specification. For example, some message systems, such as WMQ, do this with header names using prefix
     * JMS_IBM_MQMD_ containing values with byte array or other invalid types. You can specify multiple header names
     * separated by comma, and use as suffix for wildcard matching.
     */
    default B allowAdditionalHeaders(String value) {
        doSetProperty("allowAdditionalHeaders", value);
        return producer();
    }

    /**
     * Whether to allow sending messages with no body. If this option is false and the message body is null, then an
     * JMSException is thrown. Default: {@code true}.
     */
    default B allowNullBody(boolean value) {
        doSetProperty("allowNullBody", value);
        return producer();
    }

    /** As {@link #allowNullBody(boolean)}, as text: a property placeholder. */
    default B allowNullBody(String value) {
        doSetProperty("allowNullBody", value);
        return producer();
    }

    /**
     * If true, Camel will always make a JMS message copy of the message when it is passed to the producer for sending.
     * Copying the message is needed in some situations, such as when a replyToDestinationSelectorName is set
     * (incidentally, Camel will set the alwaysCopyMessage option to true, if a replyToDestinationSelectorName is set).
     * Default: {@code false}.
     */
    default B alwaysCopyMessage(boolean value) {
        doSetProperty("alwaysCopyMessage", value);
        return producer();
    }

    /** As {@link #alwaysCopyMessage(boolean)}, as text: a property placeholder. */
    default B alwaysCopyMessage(String value) {
        doSetProperty("alwaysCopyMessage", value);
        return producer();
    }

    /**
     * When using InOut exchange pattern use this JMS property instead of JMSCorrelationID JMS property to correlate
     * messages. If set messages will be correlated solely on the value of this property JMSCorrelationID property will
     * be ignored and not set by Camel.
     */
    default B correlationProperty(String value) {
        doSetProperty("correlationProperty", value);
        return producer();
    }

    /**
     * The identifier of messages that have none: text, or an expression of the Simple language such as
     * ${header.orderId}. A message whose identifier the queue or topic has had within the factory's deduplicationWindow
     * is dropped.
     */
    default B deduplicationId(String value) {
        doSetProperty("deduplicationId", value);
        return producer();
    }

    /**
     * Sets delivery delay to use for send calls for JMS. This option requires JMS 2.0 compliant broker. Default: {@code
     * -1}.
     */
    default B deliveryDelay(long value) {
        doSetProperty("deliveryDelay", value);
        return producer();
    }

    /** As {@link #deliveryDelay(long)}, as text: a property placeholder. */
    default B deliveryDelay(String value) {
        doSetProperty("deliveryDelay", value);
        return producer();
    }

    /**
     * Specifies the delivery mode to be used. Possible values are those defined by jakarta.jms.DeliveryMode.
     * NON_PERSISTENT = 1 and PERSISTENT = 2.
     */
    default B deliveryMode(int value) {
        doSetProperty("deliveryMode", value);
        return producer();
    }

    /** As {@link #deliveryMode(int)}, as text: a property placeholder. */
    default B deliveryMode(String value) {
        doSetProperty("deliveryMode", value);
        return producer();
    }

    /** Specifies whether persistent delivery is used by default. Default: {@code true}. */
    default B deliveryPersistent(boolean value) {
        doSetProperty("deliveryPersistent", value);
        return producer();
    }

    /** As {@link #deliveryPersistent(boolean)}, as text: a property placeholder. */
    default B deliveryPersistent(String value) {
        doSetProperty("deliveryPersistent", value);
        return producer();
    }

    /**
     * Use this option to force disabling time to live. For example when you do request/reply over JMS, then Camel will
     * by default use the requestTimeout value as time to live on the message being sent. The problem is that the sender
     * and receiver systems have to have their clocks synchronized, so they are in sync. This is not always so easy to
     * archive. So you can use disableTimeToLive=true to not set a time to live value on the sent message. Then the
     * message will not expire on the receiver system. See below in section About time to live for more details.
     * Default: {@code false}.
     */
    default B disableTimeToLive(boolean value) {
        doSetProperty("disableTimeToLive", value);
        return producer();
    }

    /** As {@link #disableTimeToLive(boolean)}, as text: a property placeholder. */
    default B disableTimeToLive(String value) {
        doSetProperty("disableTimeToLive", value);
        return producer();
    }

    /**
     * Set if the deliveryMode, priority or timeToLive qualities of service should be used when sending messages. This
     * option is based on Spring's JmsTemplate. The deliveryMode, priority and timeToLive options are applied to the
     * current endpoint. This contrasts with the preserveMessageQos option, which operates at message granularity,
     * reading QoS properties exclusively from the Camel In message headers. Default: {@code false}.
     */
    default B explicitQosEnabled(boolean value) {
        doSetProperty("explicitQosEnabled", value);
        return producer();
    }

    /** As {@link #explicitQosEnabled(boolean)}, as text: a property placeholder. */
    default B explicitQosEnabled(String value) {
        doSetProperty("explicitQosEnabled", value);
        return producer();
    }

    /**
     * When using mapJmsMessage=false Camel will create a new JMS message to send to a new JMS destination if you touch
     * the headers (get or set) during the route. Set this option to true to force Camel to send the original JMS
     * message that was received. Default: {@code false}.
     */
    default B forceSendOriginalMessage(boolean value) {
        doSetProperty("forceSendOriginalMessage", value);
        return producer();
    }

    /** As {@link #forceSendOriginalMessage(boolean)}, as text: a property placeholder. */
    default B forceSendOriginalMessage(String value) {
        doSetProperty("forceSendOriginalMessage", value);
        return producer();
    }

    /**
     * Sets whether JMS date properties should be formatted according to the ISO 8601 standard. Default: {@code false}.
     */
    default B formatDateHeadersToIso8601(boolean value) {
        doSetProperty("formatDateHeadersToIso8601", value);
        return producer();
    }

    /** As {@link #formatDateHeadersToIso8601(boolean)}, as text: a property placeholder. */
    default B formatDateHeadersToIso8601(String value) {
        doSetProperty("formatDateHeadersToIso8601", value);
        return producer();
    }

    /**
     * The group (JMSXGroupID) of messages that have none: text, or an expression of the Simple language such as
     * ${header.customer}. The messages of a group are delivered in order, one at a time.
     */
    default B group(String value) {
        doSetProperty("group", value);
        return producer();
    }

    /**
     * Only applicable when sending to JMS destination using InOnly (eg fire and forget). Enabling this option will
     * enrich the Camel Exchange with the actual JMSMessageID that was used by the JMS client when the message was sent
     * to the JMS destination. Default: {@code false}.
     */
    default B includeSentJMSMessageID(boolean value) {
        doSetProperty("includeSentJMSMessageID", value);
        return producer();
    }

    /** As {@link #includeSentJMSMessageID(boolean)}, as text: a property placeholder. */
    default B includeSentJMSMessageID(String value) {
        doSetProperty("includeSentJMSMessageID", value);
        return producer();
    }

    /**
     * Whether the producer should be started lazy (on the first message). By starting lazy you can use this to allow
     * CamelContext and routes to startup in situations where a producer may otherwise fail during starting and cause
     * the route to fail being started. By deferring this startup to be lazy then the startup failure can be handled
     * during routing messages via Camel's routing error handlers. Beware that when the first message is processed then
     * creating and starting the producer may take a little time and prolong the total processing time of the
     * processing. Default: {@code false}.
     */
    default B lazyStartProducer(boolean value) {
        doSetProperty("lazyStartProducer", value);
        return producer();
    }

    /** As {@link #lazyStartProducer(boolean)}, as text: a property placeholder. */
    default B lazyStartProducer(String value) {
        doSetProperty("lazyStartProducer", value);
        return producer();
    }

    /**
     * Set to true, if you want to send message using the QoS settings specified on the message, instead of the QoS
     * settings on the JMS endpoint. The following three headers are considered JMSPriority, JMSDeliveryMode, and
     * JMSExpiration. You can provide all or only some of them. If not provided, Camel will fall back to use the values
     * from the endpoint instead. So, when using this option, the headers override the values from the endpoint. The
     * explicitQosEnabled option, by contrast, will only use options set on the endpoint, and not values from the
     * message header. Default: {@code false}.
     */
    default B preserveMessageQos(boolean value) {
        doSetProperty("preserveMessageQos", value);
        return producer();
    }

    /** As {@link #preserveMessageQos(boolean)}, as text: a property placeholder. */
    default B preserveMessageQos(String value) {
        doSetProperty("preserveMessageQos", value);
        return producer();
    }

    /**
     * Values greater than 1 specify the message priority when sending (where 1 is the lowest priority and 9 is the
     * highest). The explicitQosEnabled option must also be enabled in order for this option to have any effect.
     * Default: {@code 4}.
     */
    default B priority(int value) {
        doSetProperty("priority", value);
        return producer();
    }

    /** As {@link #priority(int)}, as text: a property placeholder. */
    default B priority(String value) {
        doSetProperty("priority", value);
        return producer();
    }

    /**
     * When using InOut exchange pattern use this JMS property instead of JMSCorrelationID JMS property to correlate
     * reply message. Difference between this and 'correlationProperty' is that 'correlationProperty' tells which
     * request property holds the correlation id value and it does not affect the selector for the reply
     * (JMSCorrelationID=&amp;lt;correlation id&amp;gt;), while 'replyCorrelationProperty' tells which reply property
     * will hold the correlation id value and it does affect the selector for the reply
     * (&amp;lt;replyCorrelationProperty&amp;gt;=&amp;lt;correlation id&amp;gt;).
     */
    default B replyCorrelationProperty(String value) {
        doSetProperty("replyCorrelationProperty", value);
        return producer();
    }

    /**
     * Sets the cache level by name for the reply consumer when doing request/reply over JMS. This option only applies
     * when using fixed reply queues (not temporary). Camel will by default use: CACHE_CONSUMER for exclusive or shared
     * w/ replyToSelectorName. And CACHE_SESSION for shared without replyToSelectorName. Some JMS brokers such as IBM
     * WebSphere may require to set the replyToCacheLevelName=CACHE_NONE to work. Note: If using temporary queues then
     * CACHE_NONE is not allowed, and you must use a higher value such as CACHE_CONSUMER or CACHE_SESSION.
     */
    default B replyToCacheLevelName(String value) {
        doSetProperty("replyToCacheLevelName", value);
        return producer();
    }

    /**
     * Specifies the default number of concurrent consumers when doing request/reply over JMS. See also the
     * maxMessagesPerTask option to control dynamic scaling up/down of threads. Default: {@code 1}.
     */
    default B replyToConcurrentConsumers(int value) {
        doSetProperty("replyToConcurrentConsumers", value);
        return producer();
    }

    /** As {@link #replyToConcurrentConsumers(int)}, as text: a property placeholder. */
    default B replyToConcurrentConsumers(String value) {
        doSetProperty("replyToConcurrentConsumers", value);
        return producer();
    }

    /**
     * Sets the JMS Selector using the fixed name to be used so you can filter out your own replies from the others when
     * using a shared queue (that is, if you are not using a temporary reply queue).
     */
    default B replyToDestinationSelectorName(String value) {
        doSetProperty("replyToDestinationSelectorName", value);
        return producer();
    }

    /**
     * Specifies the maximum number of concurrent consumers when using request/reply over JMS. See also the
     * maxMessagesPerTask option to control dynamic scaling up/down of threads.
     */
    default B replyToMaxConcurrentConsumers(int value) {
        doSetProperty("replyToMaxConcurrentConsumers", value);
        return producer();
    }

    /** As {@link #replyToMaxConcurrentConsumers(int)}, as text: a property placeholder. */
    default B replyToMaxConcurrentConsumers(String value) {
        doSetProperty("replyToMaxConcurrentConsumers", value);
        return producer();
    }

    /**
     * Specifies the maximum number of concurrent consumers for continue routing when timeout occurred when using
     * request/reply over JMS. Default: {@code 1}.
     */
    default B replyToOnTimeoutMaxConcurrentConsumers(int value) {
        doSetProperty("replyToOnTimeoutMaxConcurrentConsumers", value);
        return producer();
    }

    /** As {@link #replyToOnTimeoutMaxConcurrentConsumers(int)}, as text: a property placeholder. */
    default B replyToOnTimeoutMaxConcurrentConsumers(String value) {
        doSetProperty("replyToOnTimeoutMaxConcurrentConsumers", value);
        return producer();
    }

    /**
     * Provides an explicit ReplyTo destination in the JMS message, which overrides the setting of replyTo. It is useful
     * if you want to forward the message to a remote Queue and receive the reply message from the ReplyTo destination.
     */
    default B replyToOverride(String value) {
        doSetProperty("replyToOverride", value);
        return producer();
    }

    /**
     * Allows for explicitly specifying which kind of strategy to use for replyTo queues when doing request/reply over
     * JMS. Possible values are: Temporary, Shared, or Exclusive. By default Camel will use temporary queues. However if
     * replyTo has been configured, then Shared is used by default. This option allows you to use exclusive queues
     * instead of shared ones. See Camel JMS documentation for more details, and especially the notes about the
     * implications if running in a clustered environment, and the fact that Shared reply queues has lower performance
     * than its alternatives Temporary and Exclusive.
     */
    default B replyToType(ReplyToType value) {
        doSetProperty("replyToType", value);
        return producer();
    }

    /** As {@link #replyToType(ReplyToType)}, as text: a property placeholder. */
    default B replyToType(String value) {
        doSetProperty("replyToType", value);
        return producer();
    }

    /**
     * The timeout for waiting for a reply when using the InOut Exchange Pattern (in milliseconds). The default is 20
     * seconds. You can include the header CamelJmsRequestTimeout to override this endpoint configured timeout value,
     * and thus have per message individual timeout values. See also the requestTimeoutCheckerInterval option. Default:
     * {@code 20000}.
     */
    default B requestTimeout(long value) {
        doSetProperty("requestTimeout", value);
        return producer();
    }

    /** As {@link #requestTimeout(long)}, as text: a property placeholder. */
    default B requestTimeout(String value) {
        doSetProperty("requestTimeout", value);
        return producer();
    }

    /**
     * Sets whether StreamMessage type is enabled or not. Message payloads of streaming kind such as files, InputStream,
     * etc will either by sent as BytesMessage or StreamMessage. This option controls which kind will be used. By
     * default BytesMessage is used which enforces the entire message payload to be read into memory. By enabling this
     * option the message payload is read into memory in chunks and each chunk is then written to the StreamMessage
     * until no more data. Default: {@code false}.
     */
    default B streamMessageTypeEnabled(boolean value) {
        doSetProperty("streamMessageTypeEnabled", value);
        return producer();
    }

    /** As {@link #streamMessageTypeEnabled(boolean)}, as text: a property placeholder. */
    default B streamMessageTypeEnabled(String value) {
        doSetProperty("streamMessageTypeEnabled", value);
        return producer();
    }

    /** When sending messages, specifies the time-to-live of the message (in milliseconds). Default: {@code -1}. */
    default B timeToLive(long value) {
        doSetProperty("timeToLive", value);
        return producer();
    }

    /** As {@link #timeToLive(long)}, as text: a property placeholder. */
    default B timeToLive(String value) {
        doSetProperty("timeToLive", value);
        return producer();
    }
}
