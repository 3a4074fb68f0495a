package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest extends CliTestCase {
    /** All that a row has but its place, and what tells its table. */
    private static final String FIELDS =
            "SELECT (to_jsonb(m) - 'seq')::text FROM mq_msgs m WHERE channel_name = 'q' ORDER BY prio_rank, m.seq";

    private static void fill(JMSContext context) {
        Queue queue = context.createQueue("q");
        JMSProducer producer = context.createProducer()
                .setProperty("text", "Füße \u0001 \ud83d\ude00")
                .setProperty("byte", (byte) 1)
                .setProperty("short", (short) 2)
                .setProperty("long", 3L)
                .setProperty("float", 1.1f)
                .setProperty("double", Double.NaN)
                .setProperty("boolean", true)
                .setProperty("JMSXGroupID", "g")
                .setJMSCorrelationID("c")
                .setJMSType("t")
                .setJMSReplyTo(context.createTopic("answers"));
        producer.send(queue, "text\n\"quoted\"");
        producer.send(queue, "");
        producer.send(queue, context.createTextMessage());
        producer.send(queue, new byte[] {0, 1, (byte) 0xff});
        producer.send(queue, context.createMessage());
        producer.send(queue, new java.util.ArrayList<>(List.of("object")));
        try {
            MapMessage map = context.createMapMessage();
            map.setByte("b", (byte) 1);
            map.setChar("c", 'x');
            map.setBytes("bytes", new byte[] {1, 2});
            map.setFloat("f", Float.POSITIVE_INFINITY);
            map.setObject("null", null);
            producer.send(queue, map);
            StreamMessage stream = context.createStreamMessage();
            stream.writeLong(Long.MAX_VALUE);
            stream.writeString("x");
            stream.writeBytes(new byte[] {3});
            producer.send(queue, stream);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
        context.createProducer().setPriority(9).setTimeToLive(3_600_000).send(queue, "expires");
        context.createProducer().setDeliveryDelay(3_600_000).send(queue, "later");
        context.createProducer().setDisableMessageTimestamp(true).send(queue, "without a time");
    }

    @Test
    void whatIsImportedIsFieldByFieldWhatWasExported() throws Exception {
        jms(ExportTest::fill);
        sql("UPDATE mq_msgs SET delivery_count = 2, failure_count = 1, last_error = 'why' WHERE payload_text = ''");
        String before = ok("export", "q").out();
        List<String> rows = rows();
        assertThat(rows).hasSize(11);
        assertThat(before.lines()).hasSize(11);

        assertThat(runWith(before, "import").out())
                .isEqualToNormalizingNewlines("imported 0 messages, left out 11 that are there already\n");
        ok("purge", "q", "--yes");
        assertThat(runWith(before, "import").out()).isEqualToNormalizingNewlines("imported 11 messages\n");
        assertThat(rows()).isEqualTo(rows);
        assertThat(ok("export", "q").out()).isEqualTo(before);
    }

    private static List<String> rows() throws Exception {
        try (java.sql.Connection connection = java.sql.DriverManager.getConnection(url)) {
            return Verb.query(connection, FIELDS).json();
        }
    }

    @Test
    void whatNeedNotSurviveACrashSaysSo() {
        jms(context -> context.createProducer()
                .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                .send(context.createQueue("q"), "x"));
        String exported = ok("export", "q").out();
        ok("purge", "q", "--yes");
        runWith(exported, "import", "--to", "other");
        assertThat(ok("receive", "other", "-o", "json").out())
                .contains("\"JMSDeliveryMode\":\"NON_PERSISTENT\"", "\"body\":\"x\"");
    }

    @Test
    void aSharedBodyComesAlong() {
        jms(context -> {
            for (String name : List.of("one", "two")) {
                context.createSharedDurableConsumer(context.createTopic("t"), name)
                        .close();
            }
            context.createProducer().send(context.createTopic("t"), "long ".repeat(2_000));
        });
        String channel =
                ok("subscriptions", "t", "-o", "json").lines().get(0).replaceFirst(".*\"queue\":\"([^\"]+)\".*", "$1");
        String exported = ok("export", channel).out();
        for (String name : List.of("one", "two")) {
            ok("unsubscribe", name, "--yes");
        }
        assertThat(runWith(exported, "import", "--to", "q").code()).isZero();
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("long ".repeat(2_000) + "\n");
    }

    @Test
    void filesAreWrittenOnceAndAllOrNothingIsRead(@TempDir Path directory) throws Exception {
        ok("send", "q", "x", "-n", "2");
        Path file = directory.resolve("q.jsonl");
        assertThat(ok("export", "q", "-f", file.toString()).out())
                .isEqualToNormalizingNewlines("exported 2 messages\n");
        assertThat(run("export", "q", "-f", file.toString()).err()).contains("already");
        ok("purge", "q", "--yes");
        Files.writeString(file, Files.readString(file) + "{\"body\":\"of another kind\"}\n");
        Result broken = run("import", "-f", file.toString());
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err())
                .startsWith("sqlmq: line 3 is not one that `sqlmq export` has written; nothing was imported");
        assertThat(ok("queues", "q").lines()).noneMatch(line -> line.matches("q +[1-9].*"));
    }
}
