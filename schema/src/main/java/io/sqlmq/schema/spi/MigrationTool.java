package io.sqlmq.schema.spi;

import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Applies migrations to a schema and writes its history. Implementations are found by {@link java.util.ServiceLoader} and
 * are thread-safe; {@code sqlmq-migrate} has one.
 */
public interface MigrationTool {

    /**
     * Applies what is not in the history yet, each migration in a transaction of its own. Nobody else migrates this schema
     * meanwhile.
     *
     * @throws RuntimeException if one fails: it has left nothing behind, those before it stay. An SQLException is among
     *     its causes
     */
    void apply(Task task);

    /**
     * What is to be done.
     *
     * @param dataSource gives up to two connections at once
     * @param schema a schema that exists, unquoted; there may be other things in it
     * @param historyTable the table of the history in that schema, made if it is missing, with the columns and checksums of
     *     Flyway
     * @param scripts all migrations, oldest first
     * @param placeholders what <code>${name}</code> stands for in the scripts
     * @param lockTimeout milliseconds that a statement of a migration may wait for, and so hold up, other users of a table
     */
    record Task(
            DataSource dataSource,
            String schema,
            String historyTable,
            List<Script> scripts,
            Map<String, String> placeholders,
            int lockTimeout) {
        public Task {
            scripts = List.copyOf(scripts);
            placeholders = Map.copyOf(placeholders);
        }
    }

    /**
     * A migration.
     *
     * @param name as in {@code V1__sqlmq.sql}
     * @param path where it is on the class path
     */
    record Script(String name, String path, String sql) {}
}
