package io.sqlmq.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "purge",
        description = "Deletes the messages of a queue, but what a consumer is working on. It asks before.")
final class Purge extends Verb {
    @Parameters(paramLabel = "<queue>", description = "the queue")
    private String queue = "";

    @Option(
            names = {"-y", "--yes"},
            description = "do not ask")
    private boolean yes;

    @Override
    int run() throws Exception {
        if (!yes) {
            long there = count();
            if (there > 0) {
                confirm(false, "delete " + messages(there) + " of " + queue + "?");
            }
        }
        reportCount("purged", administer(admin -> admin.purge(queue)));
        return DONE;
    }

    private long count() throws Exception {
        Table counted = query("""
                SELECT (SELECT count(*) FROM mq_msgs WHERE channel_name = ?)
                     + (SELECT count(*) FROM mq_msgs_unlogged WHERE channel_name = ?) AS messages""", queue, queue);
        return ((Number) counted.column("messages").get(0)).longValue();
    }
}
