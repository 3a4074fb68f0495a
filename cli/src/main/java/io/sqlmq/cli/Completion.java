package io.sqlmq.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = {
            "Writes a script that completes the verbs and options of sqlmq in bash and zsh:",
            "source <(sqlmq completion)"
        })
final class Completion extends Verb {
    @Override
    int run() {
        out().print(AutoComplete.bash("sqlmq", sqlmq().commandLine()));
        return DONE;
    }
}
