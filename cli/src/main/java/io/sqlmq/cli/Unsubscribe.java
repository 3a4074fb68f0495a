package io.sqlmq.cli;

import jakarta.jms.Connection;
import jakarta.jms.Session;
import java.sql.SQLException;
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
        if (!yes) {
            confirm(false, question());
        }
        endedInOrder();
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

    /** Nobody is asked about what there is not. */
    private String question() throws SQLException {
        Table found = query("""
                SELECT s.topic, (SELECT count(*) FROM mq_msgs WHERE channel_name = s.queue)
                              + (SELECT count(*) FROM mq_msgs_unlogged WHERE channel_name = s.queue) AS messages
                  FROM mq_topic_subscribers s
                 WHERE s.durable AND s.subscription = ? AND coalesce(s.client_id, '') = coalesce(?::text, '')""", name, clientId);
        if (found.isEmpty()) {
            throw Problem.failed("there is no durable subscription " + name
                    + (clientId == null ? " without a client id" : " with the client id " + clientId)
                    + ": `sqlmq subscriptions` shows those there are");
        }
        return "end the subscription " + name + " of " + found.column("topic").get(0) + " and delete its "
                + messages(((Number) found.column("messages").get(0)).longValue()) + "?";
    }
}
