package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.NewMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The statements by which messages are written, to queues, topics and schedules, with identifiers and without. Thread-safe. */
public record MessageWriter(
        InsertStatements inserts,
        Topics topics,
        PublishStatements publishing,
        ScheduleStatements schedules,
        Deduplicating deduplicating) {

    /** An attempt to write these. */
    public Writing begin(List<NewMessage> messages) {
        return new Writing(this, messages);
    }

    /** Writes all within the connection's transaction, in as many attempts as it takes; returns the rows. */
    public List<NewMessage> writeAll(Connection connection, List<NewMessage> messages, @Nullable Set<String> writers)
            throws SQLException {
        List<NewMessage> written = new ArrayList<>();
        List<NewMessage> rest = messages;
        for (int round = 0; !rest.isEmpty(); round++) {
            if (round > 0) {
                topics.look(rest, round).run(connection);
            }
            Writing writing = begin(rest);
            Pipeline pipeline = new Pipeline();
            writing.add(pipeline, writers);
            pipeline.run(connection);
            written.addAll(writing.written());
            rest = writing.unwritten();
        }
        return written;
    }
}
