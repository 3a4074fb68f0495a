package io.sqlmq.cli;

import jakarta.jms.Connection;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "unsubscribe",
        description =
                "Ends a durable subscription and deletes the messages that wait for it. It asks before, and is refused while somebody "
                        + "consumes.")
final class Unsubscribe extends Verb {
    @Parameters(paramLabel = "<subscription>", description = "its name")
    private String name = "";

    @Option(names = "--client-id", paramLabel = "<id>", description = "of a subscription that has one")
    private @Nullable String clientId;

    @Option(
            names = {"-y", "--yes"},
            description = "do not ask")
    private boolean yes;

    @Override
    int run() throws Exception {
        confirm(yes, "end the subscription " + name + " and delete its messages?");
        try (Connection connection = factory().createConnection()) {
            if (clientId != null) {
                connection.setClientID(clientId);
            }
            try (Session session = connection.createSession()) {
                session.unsubscribe(name);
            }
        }
        Table facts = new Table("unsubscribed");
        facts.add(name);
        report("unsubscribed " + name, facts);
        return DONE;
    }
}
