package io.sqlmq.jms.internal.factory;

import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.internal.settings.ProductVersion;
import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.SchemaException;
import io.sqlmq.schema.SchemaInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log tells of a factory that has begun: one line. */
final class StartLine {
    private static final Logger log = LoggerFactory.getLogger("io.sqlmq.jms.SqlmqConnectionFactory");

    private StartLine() {}

    /** One round trip, where somebody reads it. */
    static void write(Migrator migrator, SqlmqOptions options) {
        if (!log.isInfoEnabled()) {
            return;
        }
        try {
            SchemaInfo info = migrator.info();
            log.info(
                    "sqlmq {} on PostgreSQL {}, schema {} in version {}, with {}",
                    ProductVersion.TEXT,
                    info.serverVersion(),
                    info.schemaName(),
                    info.currentVersion(),
                    options);
        } catch (SchemaException e) {
            log.info("sqlmq {} with {}", ProductVersion.TEXT, options);
            log.debug("The version of the tables is not known", e);
        }
    }
}
