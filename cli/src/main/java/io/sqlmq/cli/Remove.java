package io.sqlmq.cli;

import io.sqlmq.jms.ChangeResult;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "remove", description = "Deletes single messages, unless a consumer is working on them.")
final class Remove extends Verb {
    @Parameters(index = "0", paramLabel = "<queue>", description = "the queue")
    private String queue = "";

    @Parameters(index = "1", arity = "1..*", paramLabel = "<id>", description = "JMSMessageIDs")
    private List<String> ids = new ArrayList<>();

    @Override
    int run() throws Exception {
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
