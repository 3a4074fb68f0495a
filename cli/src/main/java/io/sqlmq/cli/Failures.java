package io.sqlmq.cli;

import io.sqlmq.schema.SchemaException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Says in a line or two what went wrong, and with what exit code; with {@code --stacktrace} where, too. */
final class Failures implements IExecutionExceptionHandler {
    /** There is no such table, function or column. */
    private static final Set<String> OTHER_TABLES = Set.of("42P01", "42883", "42703");

    private static final String MISSING_RIGHT = "42501";

    private final Sqlmq sqlmq;

    Failures(Sqlmq sqlmq) {
        this.sqlmq = sqlmq;
    }

    @Override
    public int handleExecutionException(Exception thrown, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        if (sqlmq.stacktrace) {
            thrown.printStackTrace(err);
        } else {
            err.println("sqlmq: " + text(thrown));
        }
        err.flush();
        return exitCode(thrown);
    }

    /** Programming errors have a name that helps whoever reports them; all else was written to be read. */
    static String text(Exception thrown) {
        String message = thrown.getMessage();
        if (thrown instanceof UncheckedIOException e && e.getCause() != null) {
            return text(e.getCause());
        }
        if (thrown instanceof NoSuchFileException) {
            return "there is no file " + message;
        }
        if (thrown instanceof AccessDeniedException) {
            return "the file " + message + " may not be read, or written, by this account";
        }
        if (thrown instanceof CharacterCodingException) {
            return "what was given is not text in UTF-8";
        }
        if (thrown instanceof IOException) {
            return "reading or writing failed: " + message;
        }
        boolean meant = thrown instanceof Problem
                || thrown instanceof SchemaException
                || thrown instanceof JMSException
                || thrown instanceof JMSRuntimeException
                || thrown instanceof SQLException
                || thrown instanceof IllegalArgumentException
                || thrown instanceof TypeConversionException;
        if (!meant || message == null) {
            return thrown + " (--stacktrace shows where)";
        }
        // In a statement, or a function, that nobody sees.
        message = message.replaceAll("\\s+Position: \\d+", "").replaceFirst("(?s)\\s+Where: .*", "");
        String state = thrown instanceof SQLException e ? String.valueOf(e.getSQLState()) : "";
        if (OTHER_TABLES.contains(state)) {
            return message + "\nThe tables are not those of this sqlmq: `sqlmq info` tells more";
        }
        return state.equals(MISSING_RIGHT)
                ? message
                        + "\nWhat this role may do, the owner of the tables says with mq_grant(role, 'administer'), or less"
                : message;
    }

    private static int exitCode(Exception thrown) {
        if (thrown instanceof Problem problem) {
            return problem.exitCode();
        }
        if (thrown instanceof SchemaException e && e.reason() == SchemaException.Reason.UNREACHABLE) {
            return Problem.NOT_REACHED;
        }
        if (thrown instanceof IllegalArgumentException
                || thrown instanceof TypeConversionException
                || thrown instanceof InvalidSelectorException
                || thrown instanceof InvalidSelectorRuntimeException) {
            return Problem.WRONG_ARGUMENTS;
        }
        return isLostConnection(thrown) ? Problem.NOT_REACHED : Problem.FAILED;
    }

    static boolean isLostConnection(@Nullable Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e
                    && e.getSQLState() != null
                    && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P"))) {
                return true;
            }
        }
        return false;
    }
}
