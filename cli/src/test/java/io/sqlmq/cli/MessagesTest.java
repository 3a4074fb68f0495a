package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSContext;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MessagesTest extends CliTestCase {

    @Test
    void sendsAndReceivesWithHeadersAndProperties() {
        assertThat(ok(
                                "send",
                                "orders",
                                "42 apples",
                                "--priority",
                                "7",
                                "--type",
                                "order",
                                "--correlation-id",
                                "c-1",
                                "--reply-to",
                                "topic://answers",
                                "--group",
                                "ada",
                                "-p",
                                "customer=ada",
                                "-p",
                                "count:int=5",
                                "-p",
                                "big:long=5",
                                "-p",
                                "ok:boolean=true",
                                "--time-to-live",
                                "1h",
                                "--non-persistent")
                        .out())
                .matches("sent 1 message to orders: " + ANY_ID + "\\R");
        Map<String, Object> message =
                Json.object(ok("receive", "orders", "-o", "json").out().strip(), "it");
        assertThat(message)
                .containsEntry("JMSPriority", 7)
                .containsEntry("JMSType", "order")
                .containsEntry("JMSCorrelationID", "c-1")
                .containsEntry("JMSReplyTo", "topic://answers")
                .containsEntry("JMSDeliveryMode", "NON_PERSISTENT")
                .containsEntry("bodyType", "text")
                .containsEntry("body", "42 apples")
                .containsKey("JMSExpiration");
        assertThat(message.get("properties"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("customer", "ada")
                .containsEntry("count", 5)
                .containsEntry("ok", true)
                .containsEntry("JMSXGroupID", "ada");

        Result nothing = run("receive", "orders", "--timeout", "10ms");
        assertThat(nothing.code()).isEqualTo(1);
        assertThat(nothing.out()).isEmpty();
        assertThat(nothing.err()).isEmpty();
    }

    @Test
    void sendsFilesAndTheStandardInput(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("body");
        Files.write(file, new byte[] {1, 2, (byte) 0xff});
        assertThat(run("send", "q", "-f", file.toString()).err()).contains("send it with --bytes");
        ok("send", "q", "-f", file.toString(), "--bytes");
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("AQL/\n");
        Files.writeString(file, "Füße\n", StandardCharsets.UTF_8);
        ok("send", "q", "--file", file.toString());
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("Füße\n\n");
        assertThat(runWith("from a pipe", "send", "q").code()).isZero();
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("from a pipe\n");
        assertThat(run("send", "q", "-f", directory.resolve("none").toString()).err())
                .contains("there is no file");
        assertThat(run("send", "q", "text", "-f", file.toString()).code()).isEqualTo(2);
    }

    @Test
    void jsonLinesThatWereReceivedCanBeSent() {
        jms(context -> {
            context.createProducer().setProperty("n", 5L).setJMSType("t").send(context.createQueue("a"), "text");
            context.createProducer().send(context.createQueue("a"), new byte[] {1, 2});
            context.createProducer().send(context.createQueue("a"), Map.of("k", 7));
        });
        String lines = ok("receive", "a", "-n", "9", "--timeout", "100ms", "-o", "json")
                .out();
        assertThat(lines.lines()).hasSize(3);
        Result sent = runWith(lines, "send", "b", "--json-lines", "-o", "json");
        assertThat(sent.out()).startsWith("{\"destination\":\"b\",\"sent\":3,");
        assertThat(ok("receive", "b", "-n", "3").out()).isEqualToNormalizingNewlines("text\nAQI=\n{\"k\":7}\n");
    }

    @Test
    void aBrokenLineIsNamedAndThoseBeforeItAreSent() {
        Result broken = runWith("{\"body\":\"one\"}\n\nnonsense\n{\"body\":\"two\"}\n", "send", "q", "-l");
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err())
                .startsWith("sqlmq: line 3 is not a JSON object")
                .contains("1 message of the lines before it was sent");
        assertThat(ok("receive", "q", "-n", "5", "--timeout", "50ms").out()).isEqualToNormalizingNewlines("one\n");
    }

    @Test
    void manyAreSentInOrder() {
        assertThat(ok("send", "q", "x", "-n", "1201").out()).isEqualToNormalizingNewlines("sent 1201 messages to q\n");
        assertThat(ok("purge", "q", "--yes").out()).isEqualToNormalizingNewlines("purged 1201 messages\n");
    }

    @Test
    void receivesBySelector() {
        ok("send", "q", "one", "-p", "n:int=1");
        ok("send", "q", "two", "-p", "n:int=2");
        assertThat(ok("receive", "q", "-s", "n = 2").out()).isEqualToNormalizingNewlines("two\n");
        Result wrong = run("receive", "q", "-s", "n == 2");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).startsWith("sqlmq: ").doesNotContain("\tat ");
    }

    @Test
    void browsesInOrderAndByWidth() {
        ok("send", "q", "first\u001b[31m\nline", "--type", "t");
        ok("send", "q", "urgent", "--priority", "9", "-p", "a=b");
        Result table = ok("browse", "q");
        assertThat(table.lines()).hasSize(3);
        assertThat(table.lines().get(1)).matches(ANY_ID + " .* 9 +false +\\{\"a\":\"b\"\\} +urgent");
        assertThat(table.out()).as("no orders to the terminal").doesNotContain("\u001b");
        assertThat(ok("browse", "q", "-n", "1", "-o", "json").lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("\"body\":\"urgent\"");
        assertThat(ok("browse", "q", "-s", "a = 'b'").lines()).hasSize(2);
        assertThat(run("browse", "topic://t").code()).isEqualTo(2);
    }

    @Test
    void showsOneAndSaysWhy() {
        String id = id(ok("send", "q", "later", "--delay", "1h", "-p", "a=b"));
        assertThat(ok("show", id).lines())
                .contains(
                        "queue           q",
                        "state           delayed",
                        "body            later",
                        "properties      {\"a\":\"b\"}")
                .anyMatch(line -> line.startsWith("why             delayed"));
        assertThat(ok("why", id.substring(3)).out()).startsWith("delayed");
        assertThat(ok("why", id, "-o", "json").out()).startsWith("{\"why\":\"delayed");
        for (String verb : new String[] {"show", "why"}) {
            Result missing = run(verb, "ID:00000000-0000-0000-0000-000000000000");
            assertThat(missing.code()).isEqualTo(1);
            assertThat(missing.err()).contains("there is no message");
            assertThat(run(verb, "nonsense").code()).isEqualTo(2);
        }
    }

    @Test
    void tailsAQueueAndLeavesIt() {
        ok("send", "q", "one");
        ok("send", "q", "two");
        assertThat(ok("tail", "q", "-n", "2").out()).isEqualToNormalizingNewlines("one\ntwo\n");
        assertThat(ok("tail", "q", "--for", "10ms").out()).isEqualToNormalizingNewlines("one\ntwo\n");
    }

    @Test
    void tailsATopic() throws Exception {
        Thread publisher = new Thread(() -> {
            while (!Thread.interrupted()) {
                jms(context -> publish(context, "news"));
            }
        });
        publisher.start();
        try {
            assertThat(ok("tail", "topic://news", "-n", "1", "--for", "30s").out())
                    .isEqualToNormalizingNewlines("extra\n");
        } finally {
            publisher.interrupt();
            publisher.join(30_000);
        }
    }

    private static void publish(JMSContext context, String topic) {
        TextMessage message = context.createTextMessage("extra");
        for (int i = 0; i < 20 && !Thread.currentThread().isInterrupted(); i++) {
            context.createProducer().send(context.createTopic(topic), message);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static String id(Result sent) {
        return sent.out().strip().replaceFirst(".* ", "");
    }
}
