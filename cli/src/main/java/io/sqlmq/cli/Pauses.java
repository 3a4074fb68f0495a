package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqAdmin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Of deliveries. */
final class Pauses {
    private Pauses() {}

    abstract static class OfQueue extends Verb {
        @Parameters(
                arity = "0..1",
                paramLabel = "<queue>",
                description = "the queue; without it, those that are paused are shown")
        @Nullable
        String queue;

        @Override
        final int run() throws Exception {
            String name = queue;
            if (name == null) {
                Table table = new Table("queue", "since", "by", "reason");
                administer(SqlmqAdmin::pausedQueues)
                        .forEach(paused -> table.add(paused.queue(), paused.since(), paused.by(), paused.reason()));
                print(table);
                return DONE;
            }
            Table facts = new Table("queue", "result");
            String result = change(name);
            facts.add(name, result);
            report(name + " " + result, facts);
            return DONE;
        }

        abstract String change(String name) throws Exception;
    }

    @Command(
            name = "pause",
            description =
                    "Stops deliveries from a queue in all processes, until it is resumed. What is being worked on goes on; sends do, too.")
    static final class Pause extends OfQueue {
        @Option(
                names = "--reason",
                paramLabel = "<text>",
                description = "shown to those who ask why a message is not delivered")
        private @Nullable String reason;

        @Override
        String change(String name) throws Exception {
            return administer(admin -> admin.pause(name, reason)) ? "paused" : "was paused already";
        }
    }

    @Command(name = "resume", description = "Lets the deliveries of a queue go on.")
    static final class Resume extends OfQueue {
        @Override
        String change(String name) throws Exception {
            return administer(admin -> admin.resume(name)) ? "resumed" : "was not paused";
        }
    }
}
