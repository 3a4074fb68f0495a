package io.sqlmq.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        description = {
            "Writes all messages of a queue, whatever their state, as JSON lines: with all headers, properties and types, bodies of any type, "
                    + "counts of deliveries, delays, and what a dead letter has. `import` makes the same of them.",
            "It is what the queue was at one moment; the messages stay. After an error or Ctrl-C there is no file. A message has to fit into a JSON value of PostgreSQL, its bytes in "
                    + "hexadecimal."
        })
final class Export extends Verb {
    private static final int FETCH = 200;

    // The row as mq_restore takes it: a body that is shared with others is its own; one that was not to survive a crash
    // says so.
    private static final String ROWS = """
            SELECT (SELECT jsonb_object_agg(e.key, e.value)
                      FROM jsonb_each(to_jsonb(m) || jsonb_build_object(
                             'payload_id', NULL, 'message_id', coalesce(m.message_id, m.payload_id),
                             'payload_json', coalesce(m.payload_json, p.payload_json),
                             'payload_text', coalesce(m.payload_text, p.payload_text),
                             'payload_bytes', coalesce(m.payload_bytes, p.payload_bytes),
                             'delivery_mode', %3$s)) e
                     WHERE e.value <> 'null' AND e.key NOT IN ('seq', 'slot', 'lease_owner', 'lease_token'))::text,
                   m.prio_rank, m.seq
              FROM %1$s m LEFT JOIN %2$s p ON p.id = m.payload_id WHERE m.channel_name = ?""";

    private static final String QUEUE =
            "SELECT * FROM (" + ROWS.formatted("mq_msgs", "mq_payloads", "m.delivery_mode") + " UNION ALL "
                    + ROWS.formatted("mq_msgs_unlogged", "mq_payloads_unlogged", "coalesce(m.delivery_mode, 1)")
                    + ") q ORDER BY q.prio_rank, q.seq";

    @Parameters(paramLabel = "<queue>", description = "the queue")
    private String queue = "";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "<file>",
            description = "a new file; else the standard output")
    private @Nullable Path file;

    @Override
    int run() throws SQLException, IOException {
        Path path = file;
        if (path == null) {
            write(out());
            return DONE;
        }
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            throw Problem.failed("there is a file " + path + " already", e);
        }
        Ending ending = endedBy(() -> remove(path));
        boolean isWhole = false;
        try (PrintWriter lines = new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8))) {
            long written = write(lines);
            if (lines.checkError()) {
                throw Problem.failed("not all could be written to " + path);
            }
            ending.begin(); // it stays one until the verb has told
            isWhole = true;
            reportCount("exported", written);
        } finally {
            if (!isWhole) {
                remove(path);
            }
        }
        return DONE;
    }

    /** A part of a queue looks like all of it. */
    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long write(PrintWriter lines) throws SQLException {
        long written = 0;
        try (Connection connection = database()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            try (PreparedStatement statement = connection.prepareStatement(QUEUE)) {
                statement.setFetchSize(FETCH);
                statement.setString(1, queue);
                statement.setString(2, queue);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        lines.println(rows.getString(1));
                        written++;
                        if (written % FETCH == 0 && lines.checkError()) {
                            throw Problem.failed(
                                    "not all could be written to " + (file == null ? "the standard output" : file));
                        }
                    }
                }
            }
        }
        return written;
    }
}
