package io.sqlmq.cli;

import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqAdmin;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Of what is delivered. */
final class Limits {
    private Limits() {}

    @Command(
            name = "limit",
            description =
                    "Limits what is delivered from a queue over all processes: how much is worked on at the same time, and how"
                            + " much begins within a period. Takes the place of the limit before it.")
    static final class Limit extends Verb {
        @Parameters(
                arity = "0..1",
                paramLabel = "<queue>",
                description = "the queue; without it, those that are limited are shown")
        private @Nullable String queue;

        @Option(names = "--running", paramLabel = "<n>", description = "how many are worked on at the same time")
        private @Nullable Integer running;

        @Option(names = "--starts", paramLabel = "<n>", description = "how many deliveries begin within --period")
        private @Nullable Integer starts;

        @Option(names = "--period", paramLabel = "<duration>", description = "such as 10s or 1m")
        private @Nullable Duration period;

        @Override
        int run() throws Exception {
            String name = queue;
            if (name == null) {
                Table table = new Table("queue", "running", "starts", "period");
                administer(SqlmqAdmin::limits)
                        .forEach((limited, limit) ->
                                table.add(limited, limit.running(), limit.starts(), limit.period()));
                print(table);
                return DONE;
            }
            QueueLimit limit = new QueueLimit(running, starts, period);
            administer(admin -> {
                admin.limit(name, limit);
                return true;
            });
            return told(this, name, "limited");
        }
    }

    @Command(name = "unlimit", description = "Ends the limits of a queue.")
    static final class Unlimit extends Verb {
        @Parameters(paramLabel = "<queue>", description = "the queue")
        private String queue = "";

        @Override
        int run() throws Exception {
            String result = administer(admin -> admin.unlimit(queue)) ? "is not limited any more" : "was not limited";
            return told(this, queue, result);
        }
    }

    private static int told(Verb verb, String queue, String result) {
        Table facts = new Table("queue", "result");
        facts.add(queue, result);
        verb.report(queue + " " + result, facts);
        return Verb.DONE;
    }
}
