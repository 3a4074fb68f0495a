package io.sqlmq.cli;

import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** docs/cli.md, made of the commands themselves. */
final class CliDocs {
    private static final String HEAD = """
            # The command line

            [//]: # (Made from the commands by CliDocsTest with -Dsqlmq.docs.update=true; change those.)

            `sqlmq` is one jar, `sqlmq-cli`, which needs Java 17 and nothing else:

            ```
            alias sqlmq='java -jar /path/to/sqlmq-cli.jar'
            export SQLMQ_URL=postgresql://app@localhost/shop
            sqlmq queues
            sqlmq browse orders
            sqlmq why ID:0198c0de-…
            ```

            **Where the database is** it takes from `--url`, else from `SQLMQ_URL`, else from `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`,
            `PGSSLMODE`, `PGSSLROOTCERT`, `PGOPTIONS` and `PGAPPNAME`, as psql does. A password comes from the URL, `SQLMQ_PASSWORD`, `PGPASSWORD` or the
            password file (`PGPASSFILE`, else `~/.pgpass`, on Windows `%APPDATA%\\postgresql\\pgpass.conf`), or is asked for with `--password`. Options of
            sqlmq in the URL count as in applications (`sqlmq.schema=mq`). Where no schema is said, the one that has the tables is found; where several
            have, it names them and asks for `--schema`.

            **Output** is a table, with colours and as wide as the terminal (or `COLUMNS`) where it is one, without colours with
            `NO_COLOR`. Long texts are cut there, ids, numbers and times never. With `--output json` it is one JSON object a
            line: columns have the names of the table's head with `_` for spaces, times are ISO 8601 in UTC, durations seconds. What went
            wrong is said in a line or two on the standard error; `--stacktrace` says where.

            **Help** is in `sqlmq help VERB` or `--help`. `sqlmq completion` writes a script for bash and zsh, `sqlmq man` a manual page:

            ```
            source <(sqlmq completion)
            sqlmq man > ~/.local/share/man/man1/sqlmq.1
            ```

            **Exit codes**

            | | |
            |---|---|
            | 0 | done |
            | 1 | it failed, was refused, or found something that is not as it should be: nothing to receive, no such message, a sick database |
            | 2 | wrong arguments |
            | 3 | the database could not be reached |
            | 130, 143 | ended by Ctrl-C, by SIGTERM: after the message, the transaction or the file that was being worked on, which is not left half done |

            **Ctrl-C** cancels at the server what it was asked. What concerns many messages (`purge`, `move`, `copy`, `remove` and `retry` by selector) is
            done in batches of 1,000, each a transaction: it ends between two of them and says how many messages it was done to. `migrate` and
            `adopt` are one transaction, of which nothing is left.

            **Rights**: `queues`, `subscriptions`, `leases` and `schedules` take `mq_grant(role, 'watch bodies')`; `migrate` and `adopt` take the
            owner of the tables; with `'administer'` a role may do all else ([roles](operating.md#roles)).

            """;

    private CliDocs() {}

    static String text() {
        CommandLine line = Sqlmq.commandLine(Map.of(), InputStream.nullInputStream(), false, false, Clock.systemUTC());
        List<CommandSpec> verbs = line.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(verb -> !verb.helpCommand())
                .toList();
        StringBuilder text = new StringBuilder(HEAD);
        text.append("## For all verbs\n\n");
        options(text, line.getCommandSpec(), true);
        text.append("## Verbs\n\n| | |\n|---|---|\n");
        verbs.forEach(verb -> text.append("| [`")
                .append(verb.name())
                .append("`](#")
                .append(verb.name())
                .append(") | ")
                .append(cell(verb.usageMessage().description()[0]))
                .append(" |\n"));
        text.append('\n');
        verbs.forEach(verb -> verb(text, verb));
        return text.toString().stripTrailing() + "\n";
    }

    private static void verb(StringBuilder text, CommandSpec spec) {
        text.append("## ").append(spec.name()).append("\n\n```\nsqlmq ").append(Manual.synopsis(spec));
        text.append("\n```\n\n");
        Arrays.stream(spec.usageMessage().description())
                .forEach(paragraph -> text.append(paragraph.strip()).append("\n\n"));
        options(text, spec, false);
    }

    private static void options(StringBuilder text, CommandSpec spec, boolean common) {
        List<String> rows = new ArrayList<>();
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            rows.add("| `" + parameter.paramLabel() + "` | " + cell(String.join(" ", parameter.description())) + " |");
        }
        for (OptionSpec option : spec.options()) {
            if (Manual.isShown(option, common)) {
                String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
                rows.add("| `" + String.join("`, `", option.names()) + (label.isEmpty() ? "" : cell(label)) + "` | "
                        + cell(String.join(" ", option.description())) + " |");
            }
        }
        if (!rows.isEmpty()) {
            text.append("| | |\n|---|---|\n").append(String.join("\n", rows)).append("\n\n");
        }
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
