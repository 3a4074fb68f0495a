package io.sqlmq.cli;

import io.sqlmq.jms.ChangeResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "remove",
        description =
                "Deletes single messages, or those that a selector selects, unless a consumer is working on them.")
final class Remove extends Verb {
    @Parameters(index = "0", paramLabel = "<queue>", description = "the queue")
    private String queue = "";

    @Parameters(index = "1", arity = "0..*", paramLabel = "<id>", description = "JMSMessageIDs")
    private List<String> ids = new ArrayList<>();

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "<selector>",
            description = "those that it selects, instead of ids")
    private @Nullable Selector selector;

    @Override
    int run() throws Exception {
        if (ids.isEmpty() == (selector == null)) {
            throw Problem.wrongArguments("say either ids or --selector");
        }
        if (selector != null) {
            reportCount("removed", administer(admin -> admin.removeMatching(queue, Selector.textOf(selector))));
            return DONE;
        }
        ids.forEach(Show::rowId);
        List<ChangeResult> results = administer(admin -> {
            List<ChangeResult> done = new ArrayList<>();
            for (String id : ids) {
                done.add(admin.cancel(queue, id));
            }
            return done;
        });
        Table table = new Table("id", "result");
        for (int i = 0; i < results.size(); i++) {
            table.add(ids.get(i), Changes.words(results.get(i), "removed"));
        }
        print(table);
        return results.stream().allMatch(ChangeResult.DONE::equals) ? DONE : Problem.FAILED;
    }
}
