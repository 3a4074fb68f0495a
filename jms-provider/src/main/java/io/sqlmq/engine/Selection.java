package io.sqlmq.engine;

import java.util.List;

/**
 * Which messages of a channel a consumer wants.
 *
 * @param predicate a boolean SQL expression over a row {@code m} of the message tables, made with the expressions of
 *     {@link Engine#columns()}; it raises no error and has {@code ?} for each parameter
 * @param parameters Strings, Longs and Doubles
 * @param correlated whether only messages with one certain correlation id can match, which are found by their index
 */
public record Selection(String predicate, List<Object> parameters, boolean correlated) {

    /** Copies the parameters. */
    public Selection {
        parameters = List.copyOf(parameters);
    }

    /**
     * SQL expressions over a row {@code m}, for predicates.
     *
     * @param properties jsonb
     * @param propertyTypes jsonb
     * @param persistent boolean
     * @param priority integer
     * @param messageId text, null where the sender asked for none
     * @param sentAt bigint, 0 where the sender asked for none
     * @param correlationId text
     * @param type text
     * @param jsonBody jsonb, null where the body is no JSON
     */
    public record Columns(
            String properties,
            String propertyTypes,
            String persistent,
            String priority,
            String messageId,
            String sentAt,
            String correlationId,
            String type,
            String jsonBody) {}
}
