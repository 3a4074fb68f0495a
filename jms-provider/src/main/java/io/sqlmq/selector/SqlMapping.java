package io.sqlmq.selector;

import java.util.Set;

/**
 * Where the row holds what a selector names. Everything but {@code approximateTypes} is an SQL expression over the row,
 * with qualified column names, that raises no error and has no {@code ?} in it. The mapping is trusted: it is part of
 * the program, never of a selector.
 *
 * @param properties jsonb: an object of the properties, or NULL. A string is a String, a boolean a Boolean, an integral
 *     number within long an exact number, any other number a Double. The strings {@code NaN}, {@code Infinity} and
 *     {@code -Infinity} with an approximate type are these numbers; a string with any other type stands for one that
 *     PostgreSQL cannot hold
 * @param propertyTypes jsonb: an object from property names to types where JSON alone does not tell, or NULL. What
 *     counts is the type up to the first colon
 * @param approximateTypes the types of {@code propertyTypes} which make a number approximate that looks integral
 * @param deliveryMode boolean: whether the message is persistent
 * @param priority an integer type: JMSPriority, never NULL
 * @param messageId text: JMSMessageID
 * @param timestamp an integer type: JMSTimestamp in milliseconds, 0 for none
 * @param correlationId text: JMSCorrelationID
 * @param type text: JMSType
 * @param jsonBody jsonb: the body of a text message that is JSON, else NULL; it is evaluated once per row, and only for
 *     selectors which name a field of the body
 */
public record SqlMapping(
        String properties,
        String propertyTypes,
        Set<String> approximateTypes,
        String deliveryMode,
        String priority,
        String messageId,
        String timestamp,
        String correlationId,
        String type,
        String jsonBody) {
    public SqlMapping {
        approximateTypes = Set.copyOf(approximateTypes);
        for (String name : approximateTypes) {
            if (!name.matches("[A-Za-z0-9]+")) {
                throw new IllegalArgumentException("A type is letters and digits, not '" + name + "'.");
            }
        }
    }
}
