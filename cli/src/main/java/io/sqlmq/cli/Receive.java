package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "receive",
        description = {
            "Receives messages from a queue, which takes them out of it, and prints their bodies; with --output json all there is of them.",
            "Each is acknowledged after it was printed, and Ctrl-C ends it between two. Without any message the exit code is 1."
        })
final class Receive extends Verb {
    /** How soon it is noticed that it is to end. */
    static final long LOOK_MILLIS = 200;

    @Parameters(paramLabel = "<queue>", description = "the queue")
    private String queue = "";

    @Option(
            names = {"-n", "--count"},
            paramLabel = "<n>",
            description = "how many at most; 0: until Ctrl-C; default: 1")
    private long count = 1;

    @Option(names = "--timeout", paramLabel = "<time>", description = "how long to wait for each; default: 1s")
    private Duration timeout = Duration.ofSeconds(1);

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "<selector>",
            description = "only messages that it selects")
    private @Nullable Selector selector;

    @Override
    int run() throws Exception {
        requireAtLeast(0, "--count", count);
        Ending ending = endedInOrder();
        long received = 0;
        try (Connection connection = factory().createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                MessageConsumer consumer = session.createConsumer(
                        (Destination) SqlmqDestination.parse(queue), Selector.textOf(selector))) {
            connection.start();
            while ((count == 0 || received < count) && !ending.isAsked()) {
                Message message = next(consumer, ending);
                if (message != null) {
                    say(line(message));
                    if (isUnread()) {
                        throw Problem.failed("what was received cannot be printed, it stays in the queue");
                    }
                    session.commit();
                    received++;
                } else if (count != 0) {
                    break;
                }
            }
        }
        return received == 0 ? Problem.FAILED : DONE;
    }

    /** Null after the time-out, or when the verb is ended. */
    private @Nullable Message next(MessageConsumer consumer, Ending ending) throws JMSException {
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            long left = (end - System.nanoTime()) / 1_000_000;
            Message message = consumer.receive(Math.max(1, Math.min(LOOK_MILLIS, left)));
            if (message != null || left <= LOOK_MILLIS || ending.isAsked()) {
                return message;
            }
        }
    }

    /** What is printed of a message. */
    private String line(Message message) throws Exception {
        return sqlmq().isJson() ? Json.write(MessageJson.of(message)) : text(message);
    }

    static String text(Message message) throws Exception {
        Object body = MessageJson.body(message);
        return body == null ? "" : body instanceof String text ? text : Json.write(body);
    }
}
