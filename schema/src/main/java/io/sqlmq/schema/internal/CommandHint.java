package io.sqlmq.schema.internal;

import org.jspecify.annotations.Nullable;

/** How errors write what is to be run on the command line. */
public final class CommandHint {
    private CommandHint() {}

    /**
     * A command to run.
     *
     * @param verb of the command line
     * @param schema as it is called; null if that is not known
     */
    public static String of(String verb, @Nullable String schema) {
        return "sqlmq " + verb + " --url <URL> --schema " + (schema == null ? "<schema>" : shellQuoted(schema))
                + " (sqlmq is: java -jar sqlmq-cli.jar)";
    }

    /** As it is written in a POSIX shell. */
    private static String shellQuoted(String name) {
        return name.matches("[A-Za-z0-9_./-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
    }
}
