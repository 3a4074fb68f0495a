package io.sqlmq.selector;

import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Where the row holds what a selector names. Everything but {@code approximateTypes} is an SQL expression over the row,
 * with qualified column names, that raises no error and has no {@code ?} in it. The mapping is trusted: it is part of
 * the program, never of a selector.
 *
 * @param properties jsonb: an object of the properties, or NULL. A string is a String, a boolean a Boolean, an integral
 *     number within long an exact number, any other number a Double. The strings {@code NaN}, {@code Infinity} and
 *     {@code -Infinity} with an approximate type are these numbers; a string with a
 *     type that begins with {@code stringType} and a colon stands for the string whose stored form follows there
 * @param propertyTypes jsonb: an object from property names to types where JSON alone does not tell, or NULL. What
 *     counts is the type up to the first colon
 * @param approximateTypes the types of {@code propertyTypes} which make a number approximate that looks integral
 * @param stringType see {@code properties}
 * @param deliveryMode boolean: whether the message is persistent
 * @param priority an integer type: JMSPriority, never NULL
 * @param messageId text: JMSMessageID
 * @param timestamp an integer type: JMSTimestamp in milliseconds, 0 for none
 * @param correlationId text: JMSCorrelationID, in its stored form
 * @param type text: JMSType, in its stored form
 * @param jsonBody jsonb: the body of a text message that is JSON, else NULL; it is evaluated once per row, and only for
 *     selectors which name a field of the body
 * @param stored makes the stored form of a string: a text that PostgreSQL can hold and that no other string has. Those that
 *     PostgreSQL cannot hold, and those that begin with a backslash, "u" and a colon, are stored as a text that begins so, others as they are
 */
public record SqlMapping(
        String properties,
        String propertyTypes,
        Set<String> approximateTypes,
        String stringType,
        String deliveryMode,
        String priority,
        String messageId,
        String timestamp,
        String correlationId,
        String type,
        String jsonBody,
        UnaryOperator<String> stored) {
    /** Checks the types. */
    public SqlMapping {
        approximateTypes = Set.copyOf(approximateTypes);
        approximateTypes.forEach(SqlMapping::checkType);
        checkType(stringType);
    }

    private static void checkType(String name) {
        if (!name.matches("[A-Za-z0-9]+")) {
            throw new IllegalArgumentException("A type is letters and digits, not '" + name + "'.");
        }
    }
}
