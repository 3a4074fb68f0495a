package io.sqlmq.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "import",
        description = {
            "Adds what `export` has written to the ends of the queues that it came from, all of it or, after an error or Ctrl-C, nothing.",
            "A message whose id is in the queue already is left out, so that it can be repeated."
        })
final class Import extends Verb {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "<file>",
            description = "what was written; else the standard input")
    private @Nullable Path file;

    @Option(names = "--to", paramLabel = "<queue>", description = "add them to this queue")
    private @Nullable String to;

    private long imported;
    private long leftOut;

    @Override
    int run() throws SQLException, IOException {
        Path path = file;
        if (path == null) {
            read(sqlmq()::readLine);
        } else {
            try (BufferedReader lines = Files.newBufferedReader(path)) {
                read(lines::readLine);
            } catch (NoSuchFileException e) {
                throw Problem.failed("there is no file " + path, e);
            }
        }
        Table facts = new Table("imported", "left_out");
        facts.add(imported, leftOut);
        report(
                "imported " + messages(imported)
                        + (leftOut == 0 ? "" : ", left out " + leftOut + " that are there already"),
                facts);
        return DONE;
    }

    /** Null at the end. */
    @FunctionalInterface
    private interface Lines {
        @Nullable
        String next() throws IOException;
    }

    private void read(Lines lines) throws SQLException, IOException {
        try (Connection connection = database()) {
            Ending ending = endedBy(() -> complain("ended before all was imported; nothing was"));
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("""
                    SELECT mq_restore(r.r || CASE WHEN ?::text IS NULL THEN '{}' ELSE jsonb_build_object('channel_name', ?::text) END)
                      FROM (SELECT ?::jsonb AS r) r""")) {
                long number = 0;
                for (String line = lines.next(); line != null; line = lines.next()) {
                    number++;
                    if (!line.isBlank()) {
                        restore(statement, line, number);
                    }
                }
            }
            ending.begin(); // it stays one until the verb has told
            connection.commit();
        }
    }

    private void restore(PreparedStatement statement, String line, long number) throws SQLException {
        String what = "line " + number;
        if (!Json.object(line, what).containsKey("channel_name")) {
            throw Problem.failed(what + " is not one that `sqlmq export` has written; nothing was imported");
        }
        statement.setString(1, to);
        statement.setString(2, to);
        statement.setString(3, line);
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            if (rows.getObject(1) == null) {
                leftOut++;
            } else {
                imported++;
            }
        } catch (SQLException e) {
            throw Problem.failed(what + " cannot be imported, nothing was: " + e.getMessage(), e);
        }
    }
}
