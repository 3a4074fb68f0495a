package io.sqlmq.schema;

import org.jspecify.annotations.Nullable;

/**
 * The sqlmq tables are not there, do not fit this version of sqlmq, or could not be created. The message says what to
 * do about it and never holds a password.
 */
public final class SchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** There are no sqlmq tables in the schema. */
        MISSING,
        /** The tables were made by an older sqlmq; migrations are pending. */
        OUTDATED,
        /** The tables were made by a newer sqlmq than this one. */
        NEWER,
        /** A migration that was applied is not the one this sqlmq has under that version. */
        CHANGED,
        /** The schema was renamed, or made under another name: its functions work on another schema. */
        RENAMED,
        /** sqlxmq's migrations have put functions of theirs in place of ours. */
        REPLACED,
        /** A migration failed half way, now or earlier. */
        FAILED,
        /** Other transactions held locks that the migration needs for too long. */
        BUSY,
        /** The module that migrates, sqlmq-migrate, is not on the class path. */
        NO_MIGRATION_TOOL,
        /** The role may not do what was asked. */
        PERMISSION_DENIED,
        /** The server is a hot standby or its transactions are read-only. */
        READ_ONLY,
        /** The server is too old or its encoding is not UTF8. */
        UNSUPPORTED_SERVER,
        /** The database could not be reached, refused the credentials, or the connection broke. */
        UNREACHABLE
    }

    private final Reason reason;

    SchemaException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    SchemaException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** What is wrong, for programs. */
    public Reason reason() {
        return reason;
    }
}
