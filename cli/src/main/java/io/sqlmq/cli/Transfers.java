package io.sqlmq.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From queue to queue. */
final class Transfers {
    private Transfers() {}

    abstract static class Transfer extends Verb {
        @Parameters(index = "0", paramLabel = "<from>", description = "a queue")
        String from = "";

        @Parameters(index = "1", paramLabel = "<to>", description = "another")
        String to = "";

        @Option(
                names = {"-s", "--selector"},
                paramLabel = "<selector>",
                description = "only messages that it selects")
        @Nullable
        Selector selector;
    }

    @Command(
            name = "move",
            description =
                    "Moves the messages of a queue to the end of another, where delays go on and what backed off is ready at once. "
                            + "What a consumer is working on stays.")
    static final class Move extends Transfer {
        @Override
        int run() throws Exception {
            reportCount("moved", administer(admin -> admin.moveMatching(from, to, Selector.textOf(selector))));
            return DONE;
        }
    }

    @Command(
            name = "copy",
            description = "Copies what `browse` shows of a queue, as new messages, to the end of another.")
    static final class Copy extends Transfer {
        @Override
        int run() throws Exception {
            reportCount("copied", administer(admin -> admin.copyMatching(from, to, Selector.textOf(selector))));
            return DONE;
        }
    }
}
