package io.sqlmq.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "schedules",
        description = "Shows messages that are delivered again and again, by when they are due next, or ends one.")
final class Schedules extends Verb {
    @Option(names = "--remove", paramLabel = "<id>", description = "end the deliveries of this one")
    private @Nullable String remove;

    @Override
    int run() throws Exception {
        String id = remove;
        if (id == null) {
            print(query("""
                    SELECT s.id, s.destination, s.next_at, s.cron, s.zone, s.delay, s.period, s.repeats, s.last_error
                      FROM mq_scheduled s ORDER BY s.next_at NULLS LAST, s.id"""));
            return DONE;
        }
        Show.rowId(id);
        if (!administer(admin -> admin.removeSchedule(id))) {
            throw Problem.failed("there is no schedule " + id);
        }
        Table facts = new Table("removed");
        facts.add(id);
        report("removed the schedule " + id, facts);
        return DONE;
    }
}
