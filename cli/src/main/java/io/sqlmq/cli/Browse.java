package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.time.Instant;
import java.util.Enumeration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "browse",
        description = "Shows the messages of a queue in the order of their delivery, and leaves them there. "
                + "What waits for its delivery time is not among them: see `show` and `queues`.")
final class Browse extends Verb {
    @Parameters(paramLabel = "<queue>", description = "the queue")
    private String queue = "";

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "<n>",
            description = "how many at most; default: 20")
    private long limit = 20;

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "<selector>",
            description = "only messages that it selects")
    private @Nullable Selector selector;

    @Override
    int run() throws Exception {
        requireAtLeast(1, "--limit", limit);
        Table table = new Table("id", "sent", "priority", "redelivered", "type", "properties", "body");
        browse(factory(), queue, Selector.textOf(selector), limit, message -> {
            if (!sqlmq().isJson()) {
                table.add(row(message));
                return true;
            }
            say(Json.write(MessageJson.of(message)));
            return !isUnread();
        });
        if (!sqlmq().isJson()) {
            print(table);
        }
        return DONE;
    }

    /** What is done with a message; returns whether there is to be another. */
    @FunctionalInterface
    interface Seen {
        boolean accept(Message message) throws JMSException;
    }

    /** What a browser shows of a queue; returns how many. */
    static long browse(SqlmqConnectionFactory factory, String queue, @Nullable String selector, long limit, Seen seen)
            throws JMSException {
        SqlmqDestination parsed = SqlmqDestination.parse(queue);
        if (!parsed.isQueue()) {
            throw Problem.wrongArguments(queue + " is not a queue");
        }
        long shown = 0;
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                QueueBrowser browser = session.createBrowser((Queue) parsed, selector)) {
            connection.start();
            Enumeration<?> messages = browser.getEnumeration();
            boolean goesOn = true;
            while (goesOn && shown < limit && messages.hasMoreElements()) {
                goesOn = seen.accept((Message) messages.nextElement());
                shown++;
            }
        }
        return shown;
    }

    private static @Nullable Object[] row(Message message) throws JMSException {
        Object body = MessageJson.body(message);
        Map<String, @Nullable Object> properties = MessageJson.properties(message);
        properties.remove("JMSXDeliveryCount");
        return new @Nullable Object[] {
            message.getJMSMessageID(),
            message.getJMSTimestamp() == 0 ? null : Instant.ofEpochMilli(message.getJMSTimestamp()),
            message.getJMSPriority(),
            message.getJMSRedelivered(),
            message.getJMSType(),
            Json.write(properties),
            body == null ? MessageJson.bodyType(message) : body
        };
    }
}
