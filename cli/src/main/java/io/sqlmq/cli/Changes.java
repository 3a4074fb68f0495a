package io.sqlmq.cli;

import io.sqlmq.jms.ChangeResult;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Of one message that waits. */
final class Changes {
    private Changes() {}

    static String words(ChangeResult result, String done) {
        return result == ChangeResult.DONE
                ? done
                : result.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static void requirePriority(int priority) {
        if (priority < 0 || priority > 9) {
            throw Problem.wrongArguments("a priority is 0 to 9, not " + priority);
        }
    }

    abstract static class Change extends Verb {
        @Parameters(index = "0", paramLabel = "<queue>", description = "the queue")
        String queue = "";

        @Parameters(index = "1", paramLabel = "<id>", description = "the JMSMessageID")
        String id = "";

        final int report(ChangeResult result, String done) {
            Table facts = new Table("id", "result");
            facts.add(id, words(result, done));
            report(id + " " + words(result, done), facts);
            return result == ChangeResult.DONE ? DONE : Problem.FAILED;
        }
    }

    @Command(name = "reschedule", description = "Changes when a message that waits is delivered.")
    static final class Reschedule extends Change {
        @Parameters(
                index = "2",
                paramLabel = "<when>",
                description = "now, a time from now (5m), or a moment (2026-11-29T18:00:00Z)")
        private String when = "";

        @Override
        int run() throws Exception {
            Show.rowId(id);
            Instant at = moment(when);
            return report(administer(admin -> admin.reschedule(queue, id, at)), "rescheduled");
        }

        private static Instant moment(String text) {
            if (text.equalsIgnoreCase("now")) {
                return Instant.now();
            }
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                return Instant.now().plus(Durations.parse(text));
            }
        }
    }

    @Command(
            name = "reprioritize",
            description = "Changes the priority of a message that waits; it goes behind others of that priority.")
    static final class Reprioritize extends Change {
        @Parameters(index = "2", paramLabel = "<0-9>", description = "0 to 9, the highest")
        private int priority;

        @Override
        int run() throws Exception {
            Show.rowId(id);
            requirePriority(priority);
            return report(administer(admin -> admin.reprioritize(queue, id, priority)), "reprioritized");
        }
    }
}
