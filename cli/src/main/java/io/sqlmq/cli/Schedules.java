package io.sqlmq.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "schedules",
        description = "Shows messages that are delivered again and again, by when they are due next, or ends one.")
final class Schedules extends Verb {
    private static final String ID = "(ID:)?\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}";

    @Option(names = "--remove", paramLabel = "<id or name>", description = "end the deliveries of this one")
    private @Nullable String remove;

    @Override
    int run() throws Exception {
        String which = remove;
        if (which == null) {
            print(query("""
                    SELECT s.id, s.name, s.destination, s.next_at, s.cron, s.zone, s.delay, s.period, s.repeats, s.last_error
                      FROM mq_scheduled s ORDER BY s.next_at NULLS LAST, s.id"""));
            return DONE;
        }
        Table named = query("SELECT s.id::text FROM mq_scheduled s WHERE s.name = ?", which);
        String id = named.isEmpty() ? which : String.valueOf(named.column("id").get(0));
        boolean possible = !named.isEmpty() || which.matches(ID);
        if (!possible || !administer(admin -> admin.removeSchedule(id))) {
            throw Problem.failed("there is no schedule " + which);
        }
        Table facts = new Table("removed");
        facts.add(which);
        report("removed the schedule " + which, facts);
        return DONE;
    }
}
