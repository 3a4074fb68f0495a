package io.sqlmq.embedded;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.schema.Migrator;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The calls of this module to the rest of sqlmq. */
final class Provider {

    /** Embedded databases get their tables at the first connection. */
    static final Map<String, String> MIGRATE = Map.of("sqlmq.schemaManagement", "migrate");

    /** Test databases are copies of one that is migrated. */
    static final Map<String, String> VALIDATE = Map.of("sqlmq.schemaManagement", "validate");

    static final String SCHEMA = "public";

    private Provider() {}

    static void migrate(DataSource dataSource) {
        call("create the tables of sqlmq", () -> {
            new Migrator(dataSource, SCHEMA).migrate();
            return null;
        });
    }

    static SqlmqConnectionFactory connectionFactory(String jdbcUrl) {
        return call("open a ConnectionFactory", () -> new SqlmqConnectionFactory(jdbcUrl));
    }

    static void close(SqlmqConnectionFactory factory) {
        call("close a ConnectionFactory", () -> {
            factory.close();
            return null;
        });
    }

    private static <T extends @Nullable Object> T call(String what, Callable<T> action) {
        try {
            return action.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new EmbeddedDatabaseException("Could not " + what + ": " + e.getMessage(), e);
        }
    }
}
