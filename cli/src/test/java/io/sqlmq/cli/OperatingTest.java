package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class OperatingTest extends CliTestCase {

    @Test
    void movesAndCopies() {
        ok("send", "a", "x", "-n", "3");
        assertThat(ok("copy", "a", "b").out()).isEqualToNormalizingNewlines("copied 3 messages\n");
        assertThat(ok("move", "a", "c", "-o", "json").out()).isEqualToNormalizingNewlines("{\"moved\":3}\n");
        assertThat(ok("queues").lines()).hasSize(4).anyMatch(line -> line.matches("a +0 .*"));
        Result same = run("move", "b", "b");
        assertThat(same.code()).isEqualTo(1);
        assertThat(same.err()).startsWith("sqlmq: ");
    }

    @Test
    void removesSingleMessages() {
        String id = MessagesTest.id(ok("send", "q", "x"));
        Result result = run("remove", "q", id, "ID:00000000-0000-0000-0000-000000000000");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.lines().get(1)).isEqualTo(id + "  removed");
        assertThat(result.lines().get(2)).endsWith("  not there");
        assertThat(run("remove", "q", "x").code()).isEqualTo(2);
    }

    @Test
    void changesWhatWaits() {
        String id = MessagesTest.id(ok("send", "q", "x", "--delay", "1h"));
        assertThat(ok("reprioritize", "q", id, "9").out()).isEqualToNormalizingNewlines(id + " reprioritized\n");
        assertThat(ok("show", id).lines()).contains("priority        9");
        assertThat(run("reprioritize", "q", id, "10").code()).isEqualTo(2);
        ok("reschedule", "q", id, "2h");
        ok("reschedule", "q", id, "2100-01-01T00:00:00Z");
        assertThat(ok("show", id, "-o", "json").out()).contains("\"due_at\":\"2100-01-01T00:00:00Z\"");
        ok("reschedule", "q", id, "now");
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("x\n");
        assertThat(run("reschedule", "q", id, "now").out()).isEqualToNormalizingNewlines(id + " not there\n");
        assertThat(run("reschedule", "q", id, "soon").code()).isEqualTo(2);
    }

    @Test
    void purgesWhenItIsToldSo() {
        ok("send", "q", "x", "-n", "2");
        for (String answer : List.of("", "n\n", "nothing\n")) {
            Result result = runWith(answer, "purge", "q");
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .startsWith("delete 2 messages of q? [y/N] ")
                    .contains("nothing was changed");
        }
        assertThat(runWith("y\n", "purge", "q").out()).isEqualToNormalizingNewlines("purged 2 messages\n");
        assertThat(ok("purge", "q", "--yes").out()).isEqualToNormalizingNewlines("purged 0 messages\n");
        Result nothing = run("purge", "q");
        assertThat(nothing.out()).isEqualToNormalizingNewlines("purged 0 messages\n");
        assertThat(nothing.err()).as("asked about nothing").isEmpty();
    }

    @Test
    void pausesAndResumes() {
        assertThat(ok("pause", "q", "--reason", "printer").out()).isEqualToNormalizingNewlines("q paused\n");
        assertThat(ok("pause", "q").out()).isEqualToNormalizingNewlines("q was paused already\n");
        String id = MessagesTest.id(ok("send", "q", "x"));
        assertThat(run("receive", "q", "--timeout", "50ms").code()).isEqualTo(1);
        assertThat(ok("why", id).out()).contains("paused").contains("printer");
        assertThat(ok("pause").lines().get(1)).startsWith("q ").endsWith("printer");
        assertThat(ok("resume", "q").out()).isEqualToNormalizingNewlines("q resumed\n");
        assertThat(ok("receive", "q").out()).isEqualToNormalizingNewlines("x\n");
    }

    @Test
    void limits() {
        assertThat(ok("limit", "q", "--running", "4", "--starts", "100", "--period", "1m")
                        .out())
                .isEqualToNormalizingNewlines("q limited\n");
        assertThat(ok("limit").lines().get(1).split(" +")).startsWith("q", "4", "100");
        assertThat(run("limit", "q", "--starts", "5").err()).contains("A number of starts needs a period");
        assertThat(ok("unlimit", "q").out()).isEqualToNormalizingNewlines("q is not limited any more\n");
        assertThat(ok("unlimit", "q").out()).isEqualToNormalizingNewlines("q was not limited\n");
    }

    @Test
    void putsDeadLettersBack() {
        dead("one", "two", "three");
        assertThat(ok("retry", "--dry-run").lines()).hasSize(4);
        assertThat(ok("retry", "--dry-run", "-s", "JMSType = 'two'").lines())
                .hasSize(2)
                .last()
                .asString()
                .matches(ANY_ID + " +orders +.*");
        assertThat(ok("queues", "orders").lines().get(1)).matches("orders +0 .*  3  .*");
        assertThat(ok("retry", "DLQ", "-s", "JMSType = 'two'").out())
                .isEqualToNormalizingNewlines("retried 1 message\n");
        assertThat(ok("receive", "orders").out()).isEqualToNormalizingNewlines("two\n");
        Matcher id = Pattern.compile(ANY_ID).matcher(ok("browse", "DLQ").out());
        assertThat(id.find()).isTrue();
        assertThat(ok("retry", "DLQ", id.group()).out()).isEqualToNormalizingNewlines("retried 1 message\n");
        Result again = run("retry", "DLQ", id.group());
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("1 message of those asked for is not there");
        assertThat(ok("retry").out()).isEqualToNormalizingNewlines("retried 1 message\n");
        assertThat(ok("retry", "orders", "--set-aside").out()).isEqualToNormalizingNewlines("retried 0 messages\n");
        assertThat(run("retry", "-s", "x = 1", "--set-aside").code()).isEqualTo(2);
    }

    /** Fails messages of these types until they are dead. */
    private void dead(String... types) {
        String before = url;
        String separator = url.contains("?") ? "&" : "?";
        try {
            url += separator + "sqlmq.maximumRedeliveries=0";
            jms(context -> {
                for (String type : types) {
                    context.createProducer().setJMSType(type).send(context.createQueue("orders"), type);
                }
            });
            jms(context -> {
                try (JMSContext transacted = context.createContext(JMSContext.SESSION_TRANSACTED);
                        JMSConsumer consumer = transacted.createConsumer(transacted.createQueue("orders"))) {
                    for (int i = 0; i < types.length; i++) {
                        assertThat(consumer.receive(30_000)).isNotNull();
                        transacted.rollback();
                    }
                    assertThat(consumer.receive(300)).isNull();
                }
            });
        } finally {
            url = before;
        }
    }

    @Test
    void showsTopicsAndSubscriptionsAndEndsThem() {
        jms(context -> {
            Topic topic = context.createTopic("prices");
            try (JMSConsumer all = context.createSharedDurableConsumer(topic, "audit")) {
                assertThat(all).isNotNull();
                assertThat(ok("topics").lines().get(1)).matches("prices +1 +1 +false");
                Result refused = run("unsubscribe", "audit", "--yes");
                assertThat(refused.code()).isEqualTo(1);
                assertThat(refused.err()).startsWith("sqlmq: ");
            }
            context.createProducer().send(topic, "42");
        });
        assertThat(ok("subscriptions", "-o", "json").out())
                .contains(
                        "\"topic\":\"prices\",\"subscription\":\"audit\",\"client_id\":null,\"shared\":true,\"durable\":true,"
                                + "\"selector\":null,\"consumers\":0,\"queue\":\"s:",
                        "\"depth\":1,");
        assertThat(ok("subscriptions", "other").lines()).hasSize(1);
        assertThat(ok("queues", "--all").out()).contains("s:");
        assertThat(ok("queues").out()).doesNotContain("s:");
        Result asked = runWith("n\n", "unsubscribe", "audit");
        assertThat(asked.code()).isEqualTo(1);
        assertThat(asked.err()).startsWith("end the subscription audit of prices and delete its 1 message? [y/N] ");
        for (String[] other :
                new String[][] {{"unsubscribe", "nosuch"}, {"unsubscribe", "audit", "--client-id", "app"}}) {
            Result missing = run(other);
            assertThat(missing.code()).isEqualTo(1);
            assertThat(missing.err())
                    .startsWith("sqlmq: there is no durable subscription ")
                    .doesNotContain("[y/N]");
        }
        assertThat(ok("unsubscribe", "audit", "--yes").out()).isEqualToNormalizingNewlines("unsubscribed audit\n");
        assertThat(ok("topics").out()).doesNotContain("prices");
        assertThat(run("unsubscribe", "audit", "--yes").code()).isEqualTo(1);
    }

    @Test
    void showsWhoConsumesAndHoldsWhat() {
        ok("send", "work", "x");
        jms(context -> {
            Queue queue = context.createQueue("work");
            try (JMSContext client = context.createContext(JMSContext.CLIENT_ACKNOWLEDGE);
                    JMSConsumer consumer = client.createConsumer(queue)) {
                assertThat(consumer.receive(30_000)).isNotNull();
                org.awaitility.Awaitility.await()
                        .untilAsserted(() -> assertThat(
                                        ok("leases", "work", "-o", "json").lines())
                                .hasSize(1)
                                .first()
                                .asString()
                                .startsWith("{\"queue\":\"work\",\"id\":"));
                assertThat(ok("consumers", "-o", "json").out()).contains("\"alive\":true", "\"leases\":1");
                assertThat(ok("leases", "other").lines()).hasSize(1);
                client.acknowledge();
            }
        });
    }

    @Test
    void showsAndEndsSchedules() throws Exception {
        jms(context -> context.createProducer()
                .setProperty("AMQ_SCHEDULED_PERIOD", 3_600_000L)
                .setProperty("AMQ_SCHEDULED_REPEAT", 5)
                .send(context.createQueue("tick"), "x"));
        String json = ok("schedules", "-o", "json").out();
        assertThat(json).contains("\"destination\":\"queue://tick\"", "\"period\":3600");
        String id = json.replaceFirst("(?s)\\{\"id\":\"([^\"]+)\".*", "$1");
        assertThat(ok("schedules", "--remove", id).out())
                .isEqualToNormalizingNewlines("removed the schedule " + id + "\n");
        assertThat(run("schedules", "--remove", id).code()).isEqualTo(1);
        sql(
                "INSERT INTO mq_schedules (id, next_at, delay, period, repeats, channel_name, topic, senders, persistent, prio_rank,"
                        + " timestamped, time_to_live, delivery_mode, cron, zone, name) VALUES (gen_random_uuid(), now() + interval '1 h',"
                        + " 0, 0, 0, 'jobs', false, '{}', true, 5, true, 0, 0, '0 3 * * *', 'UTC', 'nightly cleanup')");
        assertThat(ok("schedules").out()).contains("nightly cleanup");
        assertThat(run("schedules", "--remove", "nightly").code()).isEqualTo(1);
        assertThat(ok("schedules", "--remove", "nightly cleanup").out())
                .contains("removed the schedule nightly cleanup");
        assertThat(ok("schedules").lines()).hasSize(1);
    }

    @Test
    void showsPreparedTransactionsByAge() throws Exception {
        sql("BEGIN", "SELECT 1", "PREPARE TRANSACTION 'sqlmq:test'");
        sql("BEGIN", "SELECT 1", "PREPARE TRANSACTION 'other'");
        try {
            assertThat(ok("transactions").lines()).hasSize(2).last().asString().startsWith("sqlmq:test ");
            assertThat(ok("transactions", "--all").lines()).hasSize(3);
        } finally {
            sql("ROLLBACK PREPARED 'sqlmq:test'");
            sql("ROLLBACK PREPARED 'other'");
        }
    }

    @Test
    void writesACompletionOfAllVerbs() {
        assertThat(ok("completion").out())
                .contains("complete -F")
                .contains("subscriptions")
                .contains("--older-than");
    }

    @Test
    void writesAManualPageOfAllVerbsAndOptions() {
        String manual = ok("man").out();
        assertThat(manual).startsWith(".TH SQLMQ 1\n.SH NAME\n").contains("\n.SH EXIT STATUS\n\\&0 done; 1 ");
        CommandLine line = Sqlmq.commandLine(Map.of(), InputStream.nullInputStream(), false, false, clock);
        line.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(spec -> !spec.helpCommand())
                .forEach(spec -> {
                    assertThat(manual).contains("\n.SS " + spec.name());
                    spec.options().stream()
                            .filter(option -> Manual.isShown(option, false))
                            .forEach(option -> assertThat(manual)
                                    .contains(option.longestName().replace("-", "\\-")));
                });
        assertThat(manual.lines().filter(text -> !text.startsWith("\\&")))
                .as("what is not text, begins with a macro")
                .allSatisfy(text -> assertThat(text).matches("(\\.(TH|SH|SS|TP|PP|B)( .*)?|[a-z].*)"));
    }

    @Test
    void helpIsThereInTheWaysThatPeopleAskForIt() {
        String help = ok("--help").out();
        assertThat(ok("help").out()).isEqualTo(help).contains("Exit codes: 0 done");
        assertThat(ok("help", "browse").out())
                .isEqualTo(ok("browse", "--help").out())
                .contains("--selector");
    }
}
