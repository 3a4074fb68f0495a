package io.sqlmq.schema;

import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.spi.MigrationTool;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds what applies migrations, which not every application has on its class path. */
final class MigrationTools {
    private static final String NEEDED =
            "Creating and upgrading the sqlmq tables (schemaManagement=migrate) needs io.sqlmq:sqlmq-migrate";

    private MigrationTools() {}

    /**
     * The tool: from where sqlmq itself was loaded, else from the class loader of the thread, which in a container may be
     * that of an application.
     */
    static MigrationTool find() {
        ServiceConfigurationError unusable = null;
        ClassLoader[] loaders = {
            MigrationTools.class.getClassLoader(), Thread.currentThread().getContextClassLoader()
        };
        for (ClassLoader loader : loaders) {
            try {
                Iterator<MigrationTool> tools =
                        ServiceLoader.load(MigrationTool.class, loader).iterator();
                if (tools.hasNext()) {
                    return tools.next();
                }
            } catch (ServiceConfigurationError e) { // that of another sqlmq
                unusable = e;
            }
        }
        if (unusable != null) {
            throw unusable(unusable);
        }
        throw new SchemaException(
                Reason.NO_MIGRATION_TOOL,
                NEEDED
                        + ", which is not on the class path. Add it as a dependency, in the version of sqlmq-jms; or migrate "
                        + "from the command line and set schemaManagement=validate");
    }

    /** What is thrown where the tool, or the Flyway that it uses, does not fit. */
    static SchemaException unusable(Error e) {
        return new SchemaException(
                Reason.NO_MIGRATION_TOOL,
                NEEDED
                        + ", in the version of sqlmq-jms, and Flyway in a version from 11.7 to 13. What is on the class path "
                        + "does not fit: " + e,
                e);
    }
}
