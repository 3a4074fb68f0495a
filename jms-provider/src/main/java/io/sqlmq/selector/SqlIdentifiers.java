package io.sqlmq.selector;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The SQL of properties, header fields and fields of a JSON body. Every cast is behind a CASE that makes it safe,
 * whatever somebody may have written into a row by SQL.
 */
final class SqlIdentifiers {
    private static final Fragment BACKSLASH = Fragment.parameter("\\", "text");
    private static final Fragment TWO = Fragment.parameter("\\\\", "text");

    private final SqlMapping mapping;
    private final Fragment approximateTypes;

    SqlIdentifiers(SqlMapping mapping) {
        this.mapping = mapping;
        this.approximateTypes = Fragment.sql(
                mapping.approximateTypes().stream().sorted().collect(Collectors.joining("', '", "('", "')")));
    }

    SqlValue property(String name) {
        Fragment properties = Fragment.sql(mapping.properties());
        Fragment key = Fragment.parameter(name, "text");
        Fragment json = Fragment.of("($ -> $)", properties, key);
        Fragment text = Fragment.of("($ ->> $)", properties, key);
        Fragment type = Fragment.of("($ ->> $)", Fragment.sql(mapping.propertyTypes()), key);
        Fragment isApproximate = Fragment.of("pg_catalog.split_part($, ':', 1) IN $", type, approximateTypes);

        Fragment stringType = Fragment.sql("'" + mapping.stringType() + ":'");
        Fragment string =
                Fragment.of("""
                        CASE WHEN pg_catalog.jsonb_typeof($) = 'string' THEN CASE WHEN $ IS NULL THEN $ \
                        WHEN pg_catalog.starts_with($, $) THEN pg_catalog.substr($, %d) END END""".formatted(mapping.stringType().length() + 2), json, type, text, type, stringType, type);
        Fragment exact =
                Fragment.of("pg_catalog.jsonb_typeof($) = 'number' AND coalesce(NOT $, true)", json, isApproximate);
        Fragment special = Fragment.of("""
                        WHEN pg_catalog.jsonb_typeof($) = 'string' AND $ THEN CASE $ \
                        WHEN 'NaN' THEN 'NaN'::float8 \
                        WHEN 'Infinity' THEN 'Infinity'::float8 \
                        WHEN '-Infinity' THEN '-Infinity'::float8 END""", json, isApproximate, text);
        return json(json, text, string, exact, special, true);
    }

    /** @param body the parsed body, jsonb */
    SqlValue jsonField(Fragment body, List<String> path) {
        Fragment steps = Fragment.join(
                path.stream().map(step -> Fragment.parameter(step, "text")).toList(), ", ");
        Fragment json = Fragment.of("($ #> ARRAY[$])", body, steps);
        Fragment text = Fragment.of("($ #>> ARRAY[$])", body, steps);
        Fragment string = Fragment.of("""
                        CASE WHEN pg_catalog.jsonb_typeof($) = 'string' THEN CASE WHEN pg_catalog.starts_with($, $) \
                        THEN $ || pg_catalog.replace($, $, $) ELSE $ END END""", json, text, SqlCompiler.MARK, SqlCompiler.MARK, text, BACKSLASH, TWO, text);
        Fragment exact = Fragment.of("pg_catalog.jsonb_typeof($) = 'number'", json);
        return json(json, text, string, exact, Fragment.sql(""), false);
    }

    private static SqlValue json(
            Fragment json, Fragment text, Fragment string, Fragment isExact, Fragment special, boolean mayBeNaN) {
        Fragment number = Fragment.of("($)::numeric", json);
        return new SqlValue(
                Fragment.of("$ IS NOT NULL", text),
                Fragment.of("($ COLLATE \"C\")", string),
                Fragment.of("(CASE WHEN pg_catalog.jsonb_typeof($) = 'boolean' THEN ($)::boolean END)", json, json),
                Fragment.of("""
                        (CASE WHEN $ AND pg_catalog.strpos($, '.') = 0 THEN CASE \
                        WHEN $ BETWEEN -9223372036854775808::numeric AND 9223372036854775807::numeric THEN $ END END)""", isExact, text, number, number),
                Fragment.of("""
                        (CASE WHEN pg_catalog.jsonb_typeof($) = 'number' THEN CASE \
                        WHEN pg_catalog.abs($) BETWEEN 4.9e-324 AND 1.7976931348623157e308 THEN $::float8 \
                        WHEN $ = 0::numeric THEN 0::float8 END $ END)""", json, number, number, number, special),
                true,
                mayBeNaN);
    }

    SqlValue header(Header header) {
        return switch (header) {
            case DELIVERY_MODE ->
                SqlValue.ofString(
                        null,
                        Fragment.of(
                                "(CASE WHEN $ THEN 'PERSISTENT' ELSE 'NON_PERSISTENT' END)",
                                Fragment.sql(mapping.deliveryMode())));
            case PRIORITY -> number(mapping.priority());
            case TIMESTAMP -> number(mapping.timestamp());
            case MESSAGE_ID -> column(mapping.messageId());
            case CORRELATION_ID -> column(mapping.correlationId());
            case TYPE -> column(mapping.type());
        };
    }

    private static SqlValue column(String text) {
        Fragment column = Fragment.sql(text);
        return SqlValue.ofString(Fragment.of("$ IS NOT NULL", column), column);
    }

    private static SqlValue number(String integer) {
        Fragment column = Fragment.sql(integer);
        return SqlValue.ofExact(null, Fragment.of("($)::numeric", column), Fragment.of("($)::float8", column));
    }
}
