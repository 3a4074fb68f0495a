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
        long purged = administer(admin -> {
            if (!yes) {
                confirm(false, "delete " + messages(admin.count(queue)) + " of " + queue + "?");
            }
            return admin.purge(queue);
        });
        reportCount("purged", purged);
        return DONE;
    }
}
