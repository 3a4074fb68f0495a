package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "send",
        description = {
            "Sends a message, or many. The text is the second argument, that of a file, or the standard input.",
            "With --json-lines each line of the input is a message as browse and receive write it with --output json: headers (JMSType, "
                    + "JMSPriority, …), properties, bodyType (text, bytes as Base64, map, stream, message) and body; nothing else "
                    + "is needed than a body.",
            "Many are sent in transactions of 500: what was committed before a failure or Ctrl-C stays sent, the message says how many."
        })
final class Send extends Verb {
    private static final int BATCH = 500;

    @Parameters(index = "0", paramLabel = "<destination>", description = "a queue, or topic://name")
    private String destination = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "<text>", description = "the text")
    private @Nullable String text;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "<file>",
            description = "send what is in this file")
    private @Nullable Path file;

    @Option(names = "--bytes", description = "send the file as a BytesMessage")
    private boolean bytes;

    @Option(
            names = {"-l", "--json-lines"},
            description = "send a message for each line of the file or the standard input")
    private boolean jsonLines;

    @Option(
            names = {"-p", "--property"},
            paramLabel = "<name=value>",
            description =
                    "a property; name:type=value for another type than string: boolean, byte, short, int, long, float, double")
    private List<String> properties = new ArrayList<>();

    @Option(names = "--priority", paramLabel = "<0-9>", description = "0 to 9, the highest; default: 4")
    private int priority = Message.DEFAULT_PRIORITY;

    @Option(
            names = "--delay",
            paramLabel = "<time>",
            description = "deliver it no sooner than after this time: 10s, 5m, 2h, 1d")
    private Duration delay = Duration.ZERO;

    @Option(names = "--time-to-live", paramLabel = "<time>", description = "it expires after this time; default: never")
    private Duration timeToLive = Duration.ZERO;

    @Option(
            names = "--group",
            paramLabel = "<group>",
            description = "JMSXGroupID: messages of a group are worked on one after the other")
    private @Nullable String group;

    @Option(names = "--type", paramLabel = "<type>", description = "JMSType")
    private @Nullable String type;

    @Option(names = "--correlation-id", paramLabel = "<id>", description = "JMSCorrelationID")
    private @Nullable String correlationId;

    @Option(names = "--reply-to", paramLabel = "<destination>", description = "JMSReplyTo: a queue, or topic://name")
    private @Nullable String replyTo;

    @Option(names = "--non-persistent", description = "need not survive a crash of the server")
    private boolean nonPersistent;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "<n>",
            description = "send it so often; default: 1")
    private long count = 1;

    @Override
    int run() throws Exception {
        requireAtLeast(1, "--count", count);
        Changes.requirePriority(priority);
        Destination to = (Destination) SqlmqDestination.parse(destination);
        MessageJson.Draft draft = draft();
        try (Connection connection = factory().createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(to)) {
            Sending sending = new Sending(session, producer);
            if (jsonLines) {
                sending.lines(draft);
            } else {
                draft.body = body();
                draft.bodyType = bytes ? "bytes" : "text";
                for (long i = 0; i < count; i++) {
                    sending.send(draft);
                }
            }
            sending.commit();
            sending.progress(true);
            Table facts = new Table("destination", "sent", "last_id");
            facts.add(destination, sending.sent, sending.lastId);
            report(
                    "sent " + messages(sending.sent) + " to " + destination
                            + (sending.sent == 1 ? ": " + sending.lastId : ""),
                    facts);
        }
        return DONE;
    }

    private final class Sending {
        private final Session session;
        private final MessageProducer producer;
        private final Ending ending;
        private long sent;
        private long open;
        private @Nullable String lastId;

        Sending(Session session, MessageProducer producer) {
            this.session = session;
            this.producer = producer;
            this.ending = endedBy(this::ended);
        }

        void lines(MessageJson.Draft common) throws IOException, JMSException {
            long number = 0;
            List<String> ofFile = file == null ? null : Files.readAllLines(file);
            while (true) {
                String line =
                        ofFile == null ? sqlmq().readLine() : number < ofFile.size() ? ofFile.get((int) number) : null;
                if (line == null) {
                    return;
                }
                number++;
                if (!line.isBlank()) {
                    String what = "line " + number;
                    try {
                        send(common.with(Json.object(line, what), what));
                    } catch (Problem | JMSException | IllegalArgumentException e) {
                        commit();
                        throw Problem.failed(
                                (String.valueOf(e.getMessage()).startsWith(what) ? "" : what + ": ") + e.getMessage()
                                        + "; " + messages(sent) + " of the lines before it "
                                        + (sent == 1 ? "was" : "were") + " sent",
                                e);
                    }
                }
            }
        }

        void send(MessageJson.Draft draft) throws JMSException {
            Message message = draft.make(session);
            producer.setDeliveryDelay(draft.delay.toMillis());
            producer.send(
                    message,
                    draft.persistent ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
                    draft.priority,
                    draft.timeToLive.toMillis());
            lastId = message.getJMSMessageID();
            open++;
            if (open == BATCH) {
                commit();
                progress(false);
            }
        }

        void commit() throws JMSException {
            ending.begin();
            session.commit();
            sent += open;
            open = 0;
            ending.end();
        }

        /** By Ctrl-C, before all was sent. */
        private void ended() {
            complain("ended before all was sent; " + messages(sent) + (sent == 1 ? " was" : " were") + " sent");
        }

        void progress(boolean end) {
            if (sqlmq().isTerminal() && (sent > BATCH)) {
                String of = jsonLines ? "" : " of " + count;
                err().print("\r" + sent + of + " sent" + (end ? System.lineSeparator() : ""));
                err().flush();
            }
        }
    }

    private MessageJson.Draft draft() {
        MessageJson.Draft draft = new MessageJson.Draft();
        draft.type = type;
        draft.correlationId = correlationId;
        draft.replyTo = replyTo;
        draft.priority = priority;
        draft.persistent = !nonPersistent;
        draft.delay = delay;
        draft.timeToLive = timeToLive;
        if (group != null) {
            draft.properties.put("JMSXGroupID", group);
        }
        properties.forEach(property -> addProperty(draft, property));
        return draft;
    }

    private static void addProperty(MessageJson.Draft draft, String property) {
        int equals = property.indexOf('=');
        if (equals <= 0) {
            throw Problem.wrongArguments("--property is name=value, or name:type=value: " + property);
        }
        String name = property.substring(0, equals);
        String value = property.substring(equals + 1);
        int colon = name.indexOf(':');
        String type = colon < 0 ? "string" : name.substring(colon + 1);
        try {
            draft.properties.put(
                    colon < 0 ? name : name.substring(0, colon),
                    switch (type) {
                        case "string" -> value;
                        case "boolean" -> Boolean.valueOf(value);
                        case "byte" -> Byte.valueOf(value);
                        case "short" -> Short.valueOf(value);
                        case "int" -> Integer.valueOf(value);
                        case "long" -> Long.valueOf(value);
                        case "float" -> Float.valueOf(value);
                        case "double" -> Double.valueOf(value);
                        default -> throw Problem.wrongArguments("no type of property is called " + type);
                    });
        } catch (NumberFormatException e) {
            throw Problem.wrongArguments("the property " + name + " is not of the type " + type + ": " + value);
        }
    }

    private @Nullable Object body() throws IOException {
        if (text != null && file != null) {
            throw Problem.wrongArguments("give the text or a file, not both");
        }
        if (file == null) {
            return text == null ? sqlmq().readAll() : text;
        }
        try {
            return bytes ? Files.readAllBytes(file) : Files.readString(file);
        } catch (MalformedInputException e) {
            throw Problem.failed(file + " is not text in UTF-8; send it with --bytes", e);
        } catch (NoSuchFileException e) {
            throw Problem.failed("there is no file " + file, e);
        }
    }
}
