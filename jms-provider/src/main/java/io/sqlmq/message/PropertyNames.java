package io.sqlmq.message;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which names a property may have (§3.5.1): those that a selector can use (§3.8.1.1). */
final class PropertyNames {
    static final String DELIVERY_COUNT = "JMSXDeliveryCount";
    static final String GROUP_ID = "JMSXGroupID";
    static final String GROUP_SEQ = "JMSXGroupSeq";
    static final String RCV_TIMESTAMP = "JMSXRcvTimestamp";
    static final String CONSUMER_TXID = "JMSXConsumerTXID";

    /** What the provider sets on receive (§3.5.9). */
    static final List<String> OF_THE_DELIVERY = List.of(DELIVERY_COUNT, RCV_TIMESTAMP, CONSUMER_TXID);

    /** What the provider sets on send (§3.5.9). */
    private static final Set<String> OF_THE_SEND = Set.of("JMSXUserID", "JMSXAppID", "JMSXProducerTXID");

    /** What the provider sets on dead letters: the functions of the schema write them. */
    private static final String DEAD_LETTER = "JMS_SQLMQ_DeadLetter";

    /** Why the delivery before failed: claims bring it with the properties of the row, which do not have it. */
    private static final String LAST_ERROR = "JMS_SQLMQ_LastError";

    /** How far the delivery before had come. */
    static final String CHECKPOINT = "JMS_SQLMQ_Checkpoint";

    /** In any case: what selectors would take for an operator. */
    private static final Set<String> OPERATORS = Set.of("NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    /** As the specification writes them; the JORAM suite has a property named true. */
    private static final Set<String> LITERALS = Set.of("NULL", "TRUE", "FALSE");

    private static final int LONGEST_RESERVED = 7;

    private static final Set<String> HEADERS = Set.of(
            "JMSDestination",
            "JMSDeliveryMode",
            "JMSMessageID",
            "JMSTimestamp",
            "JMSCorrelationID",
            "JMSReplyTo",
            "JMSRedelivered",
            "JMSType",
            "JMSExpiration",
            "JMSDeliveryTime",
            "JMSPriority");

    private PropertyNames() {}

    static void check(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("A property needs a name; it must be neither null nor empty.");
        }
        if (!isIdentifier(name)) {
            throw new IllegalArgumentException("The property name '" + MessageFaults.shown(name)
                    + "' is not an identifier: it must begin with a letter, '_' or '$' and go on with these and digits"
                    + " (Jakarta Messaging 3.5.1).");
        }
        if (name.length() <= LONGEST_RESERVED
                && (LITERALS.contains(name) || OPERATORS.contains(name.toUpperCase(Locale.ROOT)))) {
            throw new IllegalArgumentException("The property name '" + name
                    + "' is a reserved word of message selectors (Jakarta Messaging 3.8.1.1); choose another.");
        }
        if (name.startsWith("JMS") && HEADERS.contains(name)) {
            throw new IllegalArgumentException(
                    "'" + name + "' is a header, not a property; use set" + name + "() or the producer's settings.");
        }
    }

    /** Whether only the provider's word counts: what is there when a message is sent is not passed on. */
    static boolean isProviders(String name) {
        return name.startsWith("JMS")
                && (OF_THE_SEND.contains(name)
                        || name.startsWith(DEAD_LETTER)
                        || name.equals(LAST_ERROR)
                        || name.equals(CHECKPOINT));
    }

    /** Whether there may be such a name in the JSON of properties. */
    static boolean mayHaveProviders(String json) {
        return json.contains("\"JMSX") || json.contains("\"JMS_SQLMQ_");
    }

    private static boolean isIdentifier(String name) {
        int first = name.codePointAt(0);
        return Character.isJavaIdentifierStart(first)
                && name.codePoints().skip(1).allMatch(Character::isJavaIdentifierPart);
    }
}
