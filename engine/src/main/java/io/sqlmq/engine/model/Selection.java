package io.sqlmq.engine.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which messages of a channel a consumer wants.
 *
 * @param predicate a boolean SQL expression over a row {@code m} of the message tables, made with the expressions of
 *     {@code Engine#columns()}; it raises no error and has {@code ?} for each parameter
 * @param parameters Strings, Longs and Doubles
 * @param correlated whether only messages with one certain correlation id can match, which are found by their index
 * @param text as the application wrote it, for operators
 */
public record Selection(String predicate, List<Object> parameters, boolean correlated, String text) {

    /** The index of JMSCorrelationIDs has those that are longer than this, in bytes, as a hash. */
    private static final int LONGEST_INDEXED = 512;

    private static final String KEY = "CASE WHEN pg_catalog.octet_length(m.correlation_id) <= " + LONGEST_INDEXED
            + " THEN m.correlation_id ELSE pg_catalog.hashtextextended(m.correlation_id, 0)::text END";

    /** Copies the parameters. */
    public Selection {
        parameters = List.copyOf(parameters);
    }

    /** This one, if it can select only messages with that correlation id: it says so as the index has it, too. */
    public Selection correlated(String id) {
        boolean whole = id.getBytes(StandardCharsets.UTF_8).length <= LONGEST_INDEXED;
        List<Object> all = new ArrayList<>();
        all.add(id);
        all.addAll(parameters);
        return new Selection(
                "(" + KEY + ") = " + (whole ? "?" : "pg_catalog.hashtextextended(?, 0)::text") + " AND (" + predicate
                        + ")",
                all,
                true,
                text);
    }

    /**
     * SQL expressions over a row {@code m}, for predicates.
     *
     * @param properties jsonb
     * @param propertyTypes jsonb
     * @param persistent boolean: by JMSDeliveryMode, whichever table the row is in
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
