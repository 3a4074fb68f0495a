package io.sqlmq.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a database has and what this sqlmq wants.
 *
 * @param schemaName the schema, unquoted
 * @param currentVersion newest migration applied there, null if none
 * @param newestVersion newest migration that this sqlmq knows
 * @param pending file names of the migrations still to be applied, oldest first
 * @param serverVersion as PostgreSQL says it, for example {@code 16.4 (Debian 16.4-1)}
 */
public record SchemaInfo(
        String schemaName,
        @Nullable String currentVersion,
        String newestVersion,
        List<String> pending,
        String serverVersion) {

    public SchemaInfo {
        pending = List.copyOf(pending);
    }
}
