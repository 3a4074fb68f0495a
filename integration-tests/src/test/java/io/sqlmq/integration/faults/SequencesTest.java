package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** After logical replication, or a restore of the data alone, sequences are behind the tables. */
class SequencesTest extends IntegrationTest {
    private static final List<String> SEQUENCES =
            List.of("mq_seq", "mq_owner_seq", "mq_topic_version", "mq_subscription_seq");

    /** The statement that docs/operating.md gives. */
    private static String pendingAcks() throws Exception {
        Matcher block = Pattern.compile("```sql\n(SELECT setval.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "docs", "operating.md")));
        assertThat(block.find()).isTrue();
        return block.group(1).replace("mq.mq_", "restored.mq_");
    }

    private SqlmqConnectionFactory restored() {
        return factory("schema=restored", "schemaManagement=migrate", "clientID=c");
    }

    private static void subscribe(JMSContext context, String name) {
        Topic topic = context.createTopic("news");
        context.createDurableConsumer(topic, name).close();
        context.createProducer().send(topic, "to " + name);
    }

    @Test
    void theStatementOfTheDocumentsPutsThemBehindTheData() throws Exception {
        try (SqlmqConnectionFactory before = restored();
                JMSContext context = before.createContext()) {
            subscribe(context, "one");
            subscribe(context, "two");
            context.createProducer().send(context.createQueue("q"), "earlier");
        }
        sql("DELETE FROM restored.mq_owners"); // one that could not sign off in time would be met first
        SEQUENCES.forEach(sequence -> sql("ALTER SEQUENCE restored." + sequence + " RESTART"));
        try (SqlmqConnectionFactory without = restored();
                JMSContext context = without.createContext()) {
            assertThatThrownBy(() -> subscribe(context, "three")).hasMessageContaining("duplicate key");
        }
        sql(
                "INSERT INTO restored.mq_owners VALUES (1, 'one that could not sign off', false, now()) ON CONFLICT DO NOTHING");
        SEQUENCES.forEach(sequence -> sql("ALTER SEQUENCE restored." + sequence + " RESTART"));

        sql(pendingAcks());

        try (SqlmqConnectionFactory after = restored();
                JMSContext context = after.createContext()) {
            subscribe(context, "three");
            context.createProducer().send(context.createQueue("q"), "later");
            var consumer = context.createConsumer(context.createQueue("q"));
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("earlier");
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("later");
            var subscriber = context.createDurableConsumer(context.createTopic("news"), "one");
            assertThat(subscriber.receiveBody(String.class, SOON)).isEqualTo("to one");
            assertThat(subscriber.receiveBody(String.class, SOON)).isEqualTo("to two");
            assertThat(subscriber.receiveBody(String.class, SOON)).isEqualTo("to three");
        }
        sql("DROP SCHEMA restored CASCADE");
    }
}
