package io.sqlmq.camel;

import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqTransactions;
import org.apache.camel.spi.Metadata;

/** Headers of exchanges that the component has besides those of Camel's JMS component. */
public final class SqlmqConstants {

    /** Milliseconds until the message is delivered, as in ActiveMQ. The endpoint's {@code deliveryDelay} counts too: the longer one holds. */
    @Metadata(
            label = "producer",
            description =
                    "Milliseconds until the message is delivered. The endpoint's deliveryDelay counts too: the longer"
                            + " one holds.",
            javaType = "long")
    public static final String DELAY = "AMQ_SCHEDULED_DELAY";

    /** The identifier by which a queue or topic drops what it has had before. */
    @Metadata(
            label = "producer",
            description =
                    "The identifier by which a queue or topic drops a message that it has had before, in place of the"
                            + " endpoint's deduplicationId.",
            javaType = "String")
    public static final String DEDUPLICATION_ID = "JMS_SQLMQ_DeduplicationId";

    /** The redelivery policy of a message, as text. */
    @Metadata(
            label = "producer",
            description = "The redelivery policy of this message, as text: maximumRedeliveries=2&redeliveryDelay=500.",
            javaType = "String")
    public static final String REDELIVERY = RedeliveryPolicy.PROPERTY;

    /** Which delivery of the message this is: 1 is the first. */
    @Metadata(
            label = "consumer",
            description = "Which delivery of the message this is: 1 is the first.",
            javaType = "int")
    public static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    /** Why the delivery before failed, where that is known. */
    @Metadata(
            label = "consumer",
            description = "Of a message that is delivered again: why the delivery before failed, where that is known.",
            javaType = "String")
    public static final String LAST_ERROR = SqlmqTransactions.LAST_ERROR;

    /** How far the deliveries before had come; what the step {@link SqlmqCheckpoint} stores. */
    @Metadata(
            label = "consumer",
            description = "Of a message that is delivered again: the last checkpoint that was stored. For the step"
                    + " SqlmqCheckpoint: what is to be stored.",
            javaType = "String")
    public static final String CHECKPOINT = SqlmqTransactions.CHECKPOINT;

    /** Of an exchange with several messages: the headers of each, in the order of the bodies. */
    @Metadata(
            label = "consumer",
            description =
                    "Of an exchange with several messages (batchSize): the headers of each, in the order of the bodies.",
            javaType = "java.util.List<java.util.Map<String, Object>>")
    public static final String BATCH_HEADERS = "CamelSqlmqBatchHeaders";

    /** Of a dead letter: the queue where it failed. */
    @Metadata(label = "consumer", description = "Of a dead letter: the queue where it failed.", javaType = "String")
    public static final String DEAD_LETTER_ORIGIN = "JMS_SQLMQ_DeadLetterOrigin";

    /** Of a dead letter: why it is one. */
    @Metadata(label = "consumer", description = "Of a dead letter: why it is one.", javaType = "String")
    public static final String DEAD_LETTER_REASON = "JMS_SQLMQ_DeadLetterReason";

    /** Of a dead letter: how often it was tried. */
    @Metadata(label = "consumer", description = "Of a dead letter: how often it was tried.", javaType = "int")
    public static final String DEAD_LETTER_ATTEMPTS = "JMS_SQLMQ_DeadLetterAttempts";

    /** Of a dead letter: when it became one, in milliseconds since 1970. */
    @Metadata(
            label = "consumer",
            description = "Of a dead letter: when it became one, in milliseconds since 1970.",
            javaType = "long")
    public static final String DEAD_LETTER_AT = "JMS_SQLMQ_DeadLetterAt";

    /** Of a dead letter: the last error, as text. */
    @Metadata(label = "consumer", description = "Of a dead letter: the last error, as text.", javaType = "String")
    public static final String DEAD_LETTER_ERROR = "JMS_SQLMQ_DeadLetterError";

    private SqlmqConstants() {}
}
