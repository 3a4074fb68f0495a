package io.sqlmq.cli;

import io.sqlmq.console.health.Doctor.Question;
import io.sqlmq.console.health.Finding;
import io.sqlmq.jms.SqlmqOptions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = {
            "Looks for what makes queues sick, and says what to do about it. Exit code 1 if there is anything.",
            "What a role may not see is looked at with the rights of another: the owner of the tables sees all."
        })
final class Doctor extends Verb {
    @Option(
            names = "--role",
            paramLabel = "<role>",
            description = "look at the rights and time-outs of this role; else at those of who asks")
    private @Nullable String role;

    @Option(
            names = "--for",
            paramLabel = "<what>",
            description =
                    "what --role has to be able to do, in words of mq_grant: all, queues, send, receive, …; default: all")
    private String rights = "all";

    @Option(
            names = "--older-than",
            paramLabel = "<time>",
            description = "how long a transaction may be open, or prepared; default: 5m")
    private Duration age = Duration.ofMinutes(5);

    @Option(
            names = "--repair",
            description = "advance sequences that are behind their tables; stop the applications before")
    private boolean repair;

    @Override
    int run() throws SQLException {
        SqlmqOptions options = options();
        List<Finding> findings = io.sqlmq.console.health.Doctor.examine(
                migrator("mq_schema_history"),
                new PlainDataSource(options, ending())::getConnection,
                options.getSchema(),
                new Question(role, rights, age, repair, sqlmq().clock(), Duration.ZERO, options.isPgBouncer()));
        Table table = new Table("check", "state", "found", "advice");
        findings.forEach(f -> table.add(f.check(), f.state(), f.found(), f.advice()));
        if (sqlmq().isJson()) {
            print(table);
        } else {
            findings.forEach(this::show);
            out().flush();
        }
        return findings.stream().allMatch(f -> f.state() != Finding.State.SICK) ? DONE : Problem.FAILED;
    }

    private void show(Finding finding) {
        String colour = switch (finding.state()) {
            case OK -> "green";
            case NOTE -> "yellow";
            case SICK -> "red";
        };
        String state = String.format("%-4s", finding.state());
        out().println((sqlmq().isTerminal() ? sqlmq().ansi().string("@|" + colour + " " + state + "|@") : state) + "  "
                + String.format("%-13s", finding.check()) + "  " + Table.cell(finding.found()));
        if (finding.advice() != null) {
            out().println(" ".repeat(21) + "→ " + finding.advice());
        }
    }
}
