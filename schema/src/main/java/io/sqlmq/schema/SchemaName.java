package io.sqlmq.schema;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The name of a PostgreSQL schema: anything that can be written as a quoted identifier. */
record SchemaName(String name) {
    /** PostgreSQL cuts longer identifiers off silently, and two schemas become one. */
    private static final int MAX_BYTES = 63;

    SchemaName {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("The schema name is empty; leave it out for \"public\"");
        }
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("The schema name contains a NUL character");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "The schema name \"" + name + "\" has " + bytes + " bytes; PostgreSQL allows " + MAX_BYTES);
        }
        if (name.startsWith("pg_") || name.equals("information_schema")) {
            throw new IllegalArgumentException("The schema name \"" + name + "\" is reserved by PostgreSQL");
        }
    }

    /** As it is written in SQL. */
    String quoted() {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /**
     * What the scripts leave open: {@code schema} is the quoted name, {@code schemaText} the same within a string literal, and
     * {@code tag} makes tags of dollar quotes that are not in the name: for most names nothing.
     */
    Map<String, String> placeholders() {
        String tag = "";
        while (name.contains(tag + "$")) {
            tag += "x";
        }
        return Map.of("schema", quoted(), "schemaText", quoted().replace("'", "''"), "tag", tag);
    }

    /** A script with its {@link #placeholders} filled in. */
    String fill(String script) {
        String sql = script;
        for (Map.Entry<String, String> placeholder : placeholders().entrySet()) {
            sql = sql.replace("${" + placeholder.getKey() + "}", placeholder.getValue());
        }
        return sql;
    }
}
