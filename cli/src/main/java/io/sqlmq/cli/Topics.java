package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqAdmin;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "topics",
        description = "Shows topics with subscriptions or declarations: how many subscribe and consume.")
final class Topics extends Verb {
    @Override
    int run() throws Exception {
        List<String> declared = administer(SqlmqAdmin::declaredTopics);
        print(query("""
                SELECT coalesce(s.topic, d.topic) AS topic, coalesce(s.subscriptions, 0) AS subscriptions,
                       coalesce(s.consumers, 0) AS consumers, d.topic IS NOT NULL AS declared
                  FROM (SELECT topic::text, count(*) AS subscriptions, sum(consumers) AS consumers FROM mq_topic_subscribers GROUP BY 1) s
                  FULL JOIN unnest(string_to_array(?::text, E'\\n')) d(topic) ON d.topic = s.topic
                 ORDER BY 1""", declared.isEmpty() ? null : String.join("\n", declared)));
        return DONE;
    }
}
