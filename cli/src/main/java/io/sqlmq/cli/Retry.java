package io.sqlmq.cli;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "retry",
        description = {
            "Puts dead letters back to the queues that they came from: all of a dead-letter queue, some by selector, or single ones.",
            "With --set-aside: makes what is set aside in a queue ready again."
        })
final class Retry extends Verb {
    private static final String ORIGIN = "JMS_SQLMQ_DeadLetterOrigin";

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "<queue>",
            description = "the dead-letter queue; default: DLQ",
            defaultValue = "DLQ")
    private String queue = "";

    @Parameters(index = "1", arity = "0..*", paramLabel = "<id>", description = "the ids of single ones")
    private List<String> ids = new ArrayList<>();

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "<selector>",
            description = "only dead letters that it selects, such as \"JMS_SQLMQ_DeadLetterOrigin = 'orders'\"")
    private @Nullable Selector selector;

    @Option(names = "--dry-run", description = "show what would be put back, and change nothing")
    private boolean dryRun;

    @Option(names = "--set-aside", description = "what is set aside in the queue, instead of dead letters")
    private boolean setAside;

    @Override
    int run() throws Exception {
        ids.forEach(Show::rowId);
        if (selector != null && (setAside || !ids.isEmpty())) {
            throw Problem.wrongArguments("--selector goes neither with --set-aside nor with ids");
        }
        if (dryRun) {
            print(setAside ? wouldBeReady() : wouldGoBack());
            return DONE;
        }
        if (ids.isEmpty()) {
            reportCount(
                    "retried",
                    administer(admin -> setAside
                            ? admin.retrySetAside(queue)
                            : admin.retryMatching(queue, Selector.textOf(selector))));
            return DONE;
        }
        long retried = administer(admin -> {
            long count = 0;
            for (String id : ids) {
                count += setAside ? admin.retrySetAside(queue, id) : admin.retry(queue, id);
            }
            return count;
        });
        reportCount("retried", retried);
        if (retried < ids.size()) {
            throw Problem.failed(messages(ids.size() - retried) + " of those asked for "
                    + (ids.size() - retried == 1 ? "is" : "are") + " not there, or somebody is working on them");
        }
        return DONE;
    }

    private Table wouldGoBack() throws Exception {
        Table table = new Table("id", "origin", "reason", "attempts", "dead_at", "error");
        Browse.browse(factory(), queue, Selector.textOf(selector), Long.MAX_VALUE, message -> {
            if (message.propertyExists(ORIGIN) && isChosen(message)) {
                table.add(
                        message.getJMSMessageID(),
                        message.getStringProperty(ORIGIN),
                        message.getStringProperty("JMS_SQLMQ_DeadLetterReason"),
                        message.getObjectProperty("JMS_SQLMQ_DeadLetterAttempts"),
                        Instant.ofEpochMilli(message.getLongProperty("JMS_SQLMQ_DeadLetterAt")),
                        message.getStringProperty("JMS_SQLMQ_DeadLetterError"));
            }
            return true;
        });
        return table;
    }

    private boolean isChosen(Message message) throws JMSException {
        return ids.isEmpty() || ids.stream().map(Show::rowId).toList().contains(Show.rowId(message.getJMSMessageID()));
    }

    private Table wouldBeReady() throws Exception {
        return query("SELECT id, reason, delivery_count, error FROM mq_set_aside WHERE queue = ? ORDER BY seq", queue);
    }
}
