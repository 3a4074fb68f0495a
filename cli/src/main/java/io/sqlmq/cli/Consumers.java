package io.sqlmq.cli;

import java.sql.SQLException;
import picocli.CommandLine.Command;

@Command(
        name = "consumers",
        description =
                "Shows the processes that consume: who they are, whether they listen and live, which queues they may be waiting on, and how "
                        + "many messages they hold for longer.")
final class Consumers extends Verb {
    @Override
    int run() throws SQLException {
        print(query("SELECT owner, description, listening, alive, leases, waits_for FROM mq_consumers ORDER BY owner"));
        return DONE;
    }
}
