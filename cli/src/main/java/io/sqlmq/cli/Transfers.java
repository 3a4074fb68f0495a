package io.sqlmq.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** From queue to queue. */
final class Transfers {
    private Transfers() {}

    abstract static class Transfer extends Verb {
        @Parameters(index = "0", paramLabel = "<from>", description = "a queue")
        String from = "";

        @Parameters(index = "1", paramLabel = "<to>", description = "another")
        String to = "";
    }

    @Command(
            name = "move",
            description =
                    "Moves the messages of a queue, delayed ones too, to the end of another, where they are ready at once. "
                            + "What a consumer is working on stays.")
    static final class Move extends Transfer {
        @Override
        int run() throws Exception {
            reportCount("moved", administer(admin -> admin.move(from, to)));
            return DONE;
        }
    }

    @Command(
            name = "copy",
            description = "Copies what `browse` shows of a queue, as new messages, to the end of another.")
    static final class Copy extends Transfer {
        @Override
        int run() throws Exception {
            reportCount("copied", administer(admin -> admin.copy(from, to)));
            return DONE;
        }
    }
}
