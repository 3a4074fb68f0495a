package io.sqlmq.cli;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "subscriptions",
        description =
                "Shows the subscriptions of topics, with the messages that wait for each. `queue` is where they are: its name works with "
                        + "other verbs.")
final class Subscriptions extends Verb {
    @Parameters(arity = "0..1", paramLabel = "<topic>", description = "only of this topic")
    private @Nullable String topic;

    @Override
    int run() throws SQLException {
        print(query("""
                SELECT s.topic, s.subscription, s.client_id, s.shared, s.durable, s.selector, s.consumers, s.queue,
                       coalesce(c.depth, 0) AS depth, c.oldest_age, s.created_at
                  FROM mq_topic_subscribers s LEFT JOIN mq_channels c ON c.channel = s.queue
                 WHERE ?::text IS NULL OR s.topic = ? ORDER BY s.topic, s.subscription, s.client_id, s.queue""", topic, topic));
        return DONE;
    }
}
