package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "tail",
        description = {
            "Prints messages as they come, and leaves them where they are; until Ctrl-C.",
            "Of a topic these are all that are published from now on. A queue is looked at each second, so what is received sooner is not seen."
        })
final class Tail extends Verb {
    private static final long LOOK_MILLIS = 1_000;

    @Parameters(paramLabel = "<destination>", description = "a queue, or topic://name")
    private String destination = "";

    @Option(
            names = {"-n", "--count"},
            paramLabel = "<n>",
            description = "end after so many")
    private long count = Long.MAX_VALUE;

    @Option(names = "--for", paramLabel = "<time>", description = "end after this time")
    private Duration time = Duration.ofDays(36_500);

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "<selector>",
            description = "only messages that it selects")
    private @Nullable Selector selector;

    private long shown;

    @Override
    int run() throws Exception {
        requireAtLeast(1, "--count", count);
        SqlmqDestination parsed = SqlmqDestination.parse(destination);
        Ending ending = endedInOrder();
        try (Connection connection = factory().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            long end = System.nanoTime() + time.toNanos();
            if (parsed.isQueue()) {
                look(session, (Queue) parsed, end, ending);
            } else {
                listen(session, (Topic) parsed, end, ending);
            }
        }
        return DONE;
    }

    private void listen(Session session, Topic topic, long end, Ending ending) throws Exception {
        try (MessageConsumer consumer = session.createConsumer(topic, Selector.textOf(selector))) {
            while (shown < count && left(end) > 0 && !isUnread() && !ending.isAsked()) {
                Message message = consumer.receive(Math.min(Receive.LOOK_MILLIS, left(end)));
                if (message != null) {
                    show(message);
                }
            }
        }
    }

    private void look(Session session, Queue queue, long end, Ending ending) throws Exception {
        Set<String> known = new HashSet<>();
        while (true) {
            Set<String> there = new HashSet<>();
            try (QueueBrowser browser = session.createBrowser(queue, Selector.textOf(selector))) {
                Enumeration<?> messages = browser.getEnumeration();
                for (Object next : Collections.list(messages)) {
                    Message message = (Message) next;
                    there.add(message.getJMSMessageID());
                    if (!known.contains(message.getJMSMessageID()) && shown < count) {
                        show(message);
                    }
                }
            }
            known = there;
            if (shown >= count || left(end) <= 0 || isUnread() || ending.isAsked()) {
                return;
            }
            ending.sleep(Math.min(LOOK_MILLIS, left(end)));
        }
    }

    private void show(Message message) throws Exception {
        say(sqlmq().isJson() ? Json.write(MessageJson.of(message)) : Receive.text(message));
        shown++;
    }

    private static long left(long end) {
        return (end - System.nanoTime()) / 1_000_000;
    }
}
