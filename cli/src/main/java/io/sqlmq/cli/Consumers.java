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
        print(query("""
                SELECT o.owner, o.description, o.listening, o.alive_until > now() AS alive,
                       (SELECT count(*) FROM mq_leases l WHERE l.owner = o.owner) AS leases,
                       array(SELECT w.channel_name::text FROM mq_waiters w WHERE w.owner = o.owner ORDER BY 1) AS waits_for
                  FROM mq_owners o ORDER BY o.owner"""));
        return DONE;
    }
}
