package io.sqlmq.boot;

import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.schema.SchemaException;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** Makes the connection factory, and sees to it that its tables are there before anybody has it. */
final class ConnectionFactoryStart {
    /** The SQLSTATE. */
    private static final String READ_ONLY = "25006";

    private final DataSource dataSource;
    private final SqlmqOptions options;
    private final List<SqlmqConnectionFactoryCustomizer> customizers;

    ConnectionFactoryStart(
            ConfigurableListableBeanFactory beans,
            SqlmqSettings settings,
            List<SqlmqConnectionFactoryCustomizer> customizers) {
        this.dataSource = ApplicationDataSource.of(beans, settings);
        this.options = settings.options();
        this.customizers = customizers;
        if (!settings.isSet(SqlmqSettings.SCHEMA_MANAGEMENT) && MadeDatabase.is(dataSource, beans)) {
            options.setSchemaManagement(SchemaManagement.MIGRATE);
        }
    }

    SqlmqConnectionFactory start() {
        SqlmqConnectionFactory factory = create();
        customizers.forEach(customizer -> customizer.customize(factory));
        try {
            factory.checkHealth();
            return factory;
        } catch (JMSException e) {
            factory.close();
            throw failure(e);
        } catch (RuntimeException | Error e) {
            factory.close();
            throw e;
        }
    }

    private SqlmqConnectionFactory create() {
        try {
            return new SqlmqConnectionFactory(dataSource, options);
        } catch (IllegalArgumentException e) {
            throw new SqlmqStartException(
                    "sqlmq cannot work on the DataSource as it is configured. " + e.getMessage() + ".",
                    "Change the properties sqlmq.* or the DataSource; " + SqlmqSettings.DATA_SOURCE
                            + " can name another one.",
                    e);
        }
    }

    private SqlmqStartException failure(JMSException e) {
        SchemaException tables = tables(e);
        SchemaException.Reason reason = tables == null ? answered(e) : tables.reason();
        String schema = options.getSchema();
        String text = tables == null ? String.valueOf(e.getMessage()) : String.valueOf(tables.getMessage());
        String action = switch (reason) {
            case MISSING, OUTDATED ->
                "Set " + SqlmqSettings.SCHEMA_MANAGEMENT + "=migrate, so that the application"
                        + " creates and upgrades them when it starts; or let a role that may do so do it beforehand"
                        + " (docs/operating.md, Tables). If they are in another schema than \"" + schema
                        + "\", set sqlmq.schema.";
            case UNREACHABLE ->
                "See that the database runs and takes connections from here, and check"
                        + " spring.datasource.url, spring.datasource.username and spring.datasource.password. If the"
                        + " messages are in the database of another DataSource, set " + SqlmqSettings.DATA_SOURCE + ".";
            case READ_ONLY ->
                "Name the primary in spring.datasource.url, or add targetServerType=primary to it; or remove the"
                        + " default_transaction_read_only of the role or the database. If the messages are in the database of"
                        + " another DataSource, set " + SqlmqSettings.DATA_SOURCE + ".";
            case PERMISSION_DENIED ->
                "Grant it, or let another role create the tables and set " + SqlmqSettings.SCHEMA_MANAGEMENT
                        + "=validate.";
            default ->
                "See the description. " + SqlmqSettings.SCHEMA_MANAGEMENT + " is "
                        + options.getSchemaManagement().name().toLowerCase(Locale.ROOT) + ", sqlmq.schema is \""
                        + schema
                        + "\".";
        };
        return new SqlmqStartException("sqlmq cannot work on the database of the DataSource. " + text, action, e);
    }

    /** What it is if it is not about the tables. */
    private static SchemaException.Reason answered(JMSException e) {
        return READ_ONLY.equals(e.getErrorCode())
                ? SchemaException.Reason.READ_ONLY
                : SchemaException.Reason.UNREACHABLE;
    }

    private static @Nullable SchemaException tables(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SchemaException tables) {
                return tables;
            }
        }
        return null;
    }
}
