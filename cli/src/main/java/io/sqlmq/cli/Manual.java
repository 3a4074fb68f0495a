package io.sqlmq.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

@Command(
        name = "man",
        description = {
            "Writes the manual page of sqlmq, with all verbs and options:",
            "sqlmq man > ~/.local/share/man/man1/sqlmq.1"
        })
final class Manual extends Verb {
    private static final String ENVIRONMENT = """
            .TP
            .B SQLMQ_URL
            where the database is, as in \\-\\-url
            .TP
            .B SQLMQ_PASSWORD
            the password
            .TP
            .B PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGPASSFILE, PGSSLMODE, PGSSLROOTCERT, PGOPTIONS, PGAPPNAME
            as for psql, where there is no URL or it does not say
            .TP
            .B COLUMNS
            the width of the terminal
            """;

    @Override
    int run() {
        out().print(text(sqlmq().commandLine()));
        return DONE;
    }

    /** For man(1): troff, with the macros of man(7). */
    private static String text(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        StringBuilder text = new StringBuilder(".TH SQLMQ 1\n");
        section(text, "NAME");
        line(text, "sqlmq - " + spec.usageMessage().description()[0].replaceFirst("\\.$", ""));
        section(text, "SYNOPSIS");
        line(text, "sqlmq <command> [options] [arguments]");
        section(text, "OPTIONS OF ALL COMMANDS");
        options(text, spec, true);
        section(text, "COMMANDS");
        line.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(verb -> !verb.helpCommand())
                .forEach(verb -> verb(text, verb));
        section(text, "ENVIRONMENT");
        text.append(ENVIRONMENT);
        section(text, "EXIT STATUS");
        line(text, String.join(" ", spec.usageMessage().footer()).replaceFirst("^\\s*Exit codes: ", ""));
        return text.toString();
    }

    private static void verb(StringBuilder text, CommandSpec spec) {
        text.append(".SS ").append(escaped(synopsis(spec))).append('\n');
        for (String paragraph : spec.usageMessage().description()) {
            if (!paragraph.isBlank()) {
                text.append(".PP\n");
                line(text, paragraph);
            }
        }
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            entry(text, parameter.paramLabel(), parameter.description());
        }
        options(text, spec, false);
    }

    /** A verb with its arguments: {@code browse [options] <queue>}. */
    static String synopsis(CommandSpec spec) {
        StringBuilder text = new StringBuilder(spec.name());
        if (spec.options().stream().anyMatch(option -> isShown(option, false))) {
            text.append(" [options]");
        }
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            String label = parameter.paramLabel() + (parameter.arity().max() > 1 ? "…" : "");
            text.append(' ').append(parameter.arity().min() == 0 ? "[" + label + "]" : label);
        }
        return text.toString();
    }

    /** An option with its argument: {@code -s, --selector <selector>}. */
    static String label(OptionSpec option) {
        return String.join(", ", option.names()) + (option.arity().max() == 0 ? "" : " " + option.paramLabel());
    }

    /**
     * Whether an option is told of here.
     *
     * @param common where it is about what all verbs have
     */
    static boolean isShown(OptionSpec option, boolean common) {
        return !option.usageHelp() && !option.versionHelp() && (common || !option.inherited());
    }

    private static void options(StringBuilder text, CommandSpec spec, boolean common) {
        for (OptionSpec option : spec.options()) {
            if (isShown(option, common)) {
                entry(text, label(option), option.description());
            }
        }
    }

    private static void section(StringBuilder text, String title) {
        text.append(".SH ").append(title).append('\n');
    }

    private static void entry(StringBuilder text, String label, String[] description) {
        text.append(".TP\n.B ").append(escaped(label)).append('\n');
        line(text, String.join(" ", description));
    }

    private static void line(StringBuilder text, String words) {
        text.append("\\&").append(escaped(words)).append('\n');
    }

    private static String escaped(String words) {
        return words.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
    }
}
