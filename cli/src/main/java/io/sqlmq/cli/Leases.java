package io.sqlmq.cli;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "leases", description = "Shows who works on which message for longer, and until when it is theirs.")
final class Leases extends Verb {
    @Parameters(arity = "0..1", paramLabel = "<queue>", description = "only of this queue")
    private @Nullable String queue;

    @Override
    int run() throws SQLException {
        print(query("""
                SELECT l.channel AS queue, l.id, l.holder, l.until, l.delivery_count, l.name FROM mq_leases l
                 WHERE ?::text IS NULL OR l.channel = ? ORDER BY l.channel, l.until, l.id""", queue, queue));
        return DONE;
    }
}
