package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each action does what it says, once it is confirmed where that is needed, and only for a role that may. */
class ActionsTest extends ConsoleTestCase {
    private Client client;

    @BeforeEach
    void logsIn() throws Exception {
        client = Client.as("console_admin");
    }

    @AfterEach
    void resumes() throws Exception {
        sql("DELETE FROM mq_paused");
    }

    private void done(Answer answer, String words) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains(words);
    }

    private static String count(String queue) throws Exception {
        return value("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'");
    }

    private static String first(String queue) throws Exception {
        return "ID:" + value("SELECT id FROM mq_msgs WHERE channel_name = '" + queue + "' ORDER BY seq LIMIT 1");
    }

    @Test
    void deadLettersAreRetriedSinglyAndByKind() throws Exception {
        String id = deadLetter("orders", "no stock");
        deadLetter("orders", "no 100% stock_ ''x''");
        deadLetter("parcels", "no stock");
        Answer kinds = client.get("/api/dead?queue=DLQ");
        assertThat(kinds.body()).contains("\"origin\":\"orders\"", "no stock", "\"letters\":1");
        done(client.act("retry", "queue", "DLQ", "id", id), "back where it came from");
        done(client.act("retry", "queue", "DLQ", "id", id), "\"count\":0");
        assertThat(count("orders")).isEqualTo("1");
        String selector = DeadPage.selector("orders", "no 100% stock_ 'x'");
        assertThat(client.get("/dead?" + form("queue", "DLQ", "selector", selector))
                        .body())
                .contains("no 100% stock_ &#39;x&#39;");
        done(
                client.act("retry-matching", "queue", "DLQ", "selector", selector, "confirm", "yes"),
                "1 message put back");
        assertThat(count("orders")).isEqualTo("2");
        done(client.act("retry-matching", "queue", "DLQ", "all", "yes", "confirm", "yes"), "1 message put back");
        assertThat(count("parcels")).isEqualTo("1");
    }

    @Test
    void messagesAreMovedCopiedRemovedAndPurged() throws Exception {
        send("q", "1", "2", "3");
        done(client.act("move", "queue", "q", "id", first("q"), "to", "other"), "is in other");
        done(
                client.act("copy-matching", "queue", "q", "to", "copies", "all", "yes", "confirm", "yes"),
                "2 messages copied");
        done(client.act("remove", "queue", "q", "id", first("q"), "confirm", "yes"), "removed");
        done(
                client.act(
                        "move-matching", "queue", "q", "to", "other", "selector", "JMSPriority = 4", "confirm", "yes"),
                "1 message moved");
        assertThat(count("q")).isEqualTo("0");
        done(
                client.act("remove-matching", "queue", "copies", "selector", "JMSPriority = 9", "confirm", "yes"),
                "0 messages");
        done(client.act("purge", "queue", "copies", "confirm", "yes"), "2 messages removed");
        assertThat(count("other")).isEqualTo("2");
    }

    @Test
    void aMessageGetsAnotherTimeAndPriority() throws Exception {
        send("q", "1");
        done(client.act("reschedule", "queue", "q", "id", first("q"), "at", "5 min"), "rescheduled");
        assertThat(client.get("/api/messages?queue=q&part=waiting").body()).contains("\"state\":\"delayed\"");
        done(client.act("reschedule", "queue", "q", "id", first("q"), "at", "now"), "rescheduled");
        done(client.act("reprioritize", "queue", "q", "id", first("q"), "priority", "9"), "new priority");
        assertThat(client.get("/api/message?id=" + first("q")).body()).contains("\"priority\":9");
        assertThat(client.act("reschedule", "queue", "q", "id", first("q"), "at", "soon")
                        .status())
                .isEqualTo(400);
        assertThat(client.act("reprioritize", "queue", "q", "id", first("q"), "priority", "10")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aQueueIsPausedAndResumed() throws Exception {
        send("q", "1");
        done(client.act("pause", "queue", "q", "reason", "because"), "q is paused");
        assertThat(client.get("/api/message?id=" + first("q")).body()).contains("paused since", "because");
        done(client.act("resume", "queue", "q"), "q goes on");
        done(client.act("resume", "queue", "q"), "\"count\":0");
    }

    @Test
    void aTestMessageIsSent() throws Exception {
        done(client.act("send", "queue", "q", "body", "hello", "type", "t", "priority", "7"), "Sent ID:");
        assertThat(client.get("/api/message?id=" + first("q")).body())
                .contains("\"body\":\"hello\"", "\"type\":\"t\"", "\"priority\":7");
    }

    @Test
    void whatIsSetAsideIsMadeReady() throws Exception {
        sql(
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, set_aside) VALUES (gen_random_uuid(), 'q', 'infinity', 'why')");
        assertThat(client.get("/queue?name=q&part=set_aside").body()).contains("why", "set aside");
        done(client.act("retry-set-aside", "queue", "q", "all", "yes"), "1 message made ready again");
    }

    @ParameterizedTest
    @CsvSource({"purge,", "retry-matching,", "move-matching,to", "copy-matching,to", "remove-matching,", "remove,id"})
    void whatCannotBeTakenBackIsAskedFor(String action, @Nullable String more) throws Exception {
        send("q", "1");
        List<String> fields =
                new ArrayList<>(List.of("queue", "q", "csrf", String.valueOf(client.csrf), "back", "/queue?name=q"));
        if (more != null) {
            fields.addAll(List.of(more, more.equals("id") ? first("q") : "other"));
        }
        Answer asked = client.post("/do/" + action, fields.toArray(String[]::new));
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.body()).contains("name=\"confirm\"", "Leave it", "href=\"/queue?name=q\"");
        if (action.endsWith("-matching")) {
            fields.addAll(List.of("all", "yes"));
        }
        Answer refused = client.post("/api/do/" + action, fields.toArray(String[]::new));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("confirm=yes");
        assertThat(count("q")).isEqualTo("1");
        assertThat(count("other")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource
    void noActionTakesAFieldThatItDoesNotKnowForNone(Actions.Action action) throws Exception {
        send("q", "1");
        sql(
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, set_aside) VALUES (gen_random_uuid(), 'q', 'infinity', 'why')");
        String[] fields = {"queue", "q", "to", "other", "selektor", "JMSPriority = 9", "confirm", "yes"};
        Answer answer = client.act(action.id(), fields);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains(action.id() + " knows no field ", ", but ");
        assertThat(count("q")).isEqualTo("2");
        assertThat(value("SELECT count(*) FROM mq_set_aside")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"retry-matching", "remove-matching", "retry-set-aside"})
    void aFilterThatIsLeftOutIsNotAll(String action) throws Exception {
        send("q", "1");
        sql(
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, set_aside) VALUES (gen_random_uuid(), 'q', 'infinity', 'why')");
        String filter = action.endsWith("-matching") ? "selector" : "id";
        for (String[] fields : new String[][] {
            {"queue", "q", "confirm", "yes"},
            {"queue", "q", "confirm", "yes", filter, " "},
            {"queue", "q", "confirm", "yes", filter, "x", "all", "yes"}
        }) {
            Answer answer = client.act(action, fields);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("the field " + filter + ", or all=yes");
        }
        assertThat(count("q")).isEqualTo("2");
        assertThat(value("SELECT count(*) FROM mq_set_aside")).isEqualTo("1");
    }

    @Test
    void afterAnActionOneIsBackWhereOneWasAndNowhereElse() throws Exception {
        String csrf = String.valueOf(client.csrf);
        Answer answer = client.post("/do/pause", "queue", "q", "csrf", csrf, "back", "/queue?name=q");
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("location")).isEqualTo("/queue?name=q");
        assertThat(client.get("/queue?name=q").body()).contains("q is paused.");
        for (String elsewhere :
                new String[] {"//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"}) {
            assertThat(client.post("/do/resume", "queue", "q", "csrf", csrf, "back", elsewhere)
                            .header("location"))
                    .isEqualTo("/");
        }
    }

    @Test
    void aRoleThatMayOnlyLookIsRefusedAndToldWhy() throws Exception {
        send("q", "1");
        for (String role : new String[] {"console_watch", "console_headers", "console_bodies"}) {
            Client looking = Client.as(role);
            for (String[] action : new String[][] {
                {"purge", "queue", "q", "confirm", "yes"},
                {"pause", "queue", "q"},
                {"send", "queue", "q", "body", "x"},
                {"remove", "queue", "q", "id", first("q"), "confirm", "yes"},
                {"move-matching", "queue", "q", "to", "other", "all", "yes", "confirm", "yes"}
            }) {
                String[] fields = java.util.Arrays.copyOfRange(action, 1, action.length);
                Answer answer = looking.act(action[0], fields);
                assertThat(answer.status())
                        .as(role + " " + action[0] + answer.body())
                        .isEqualTo(403);
                assertThat(answer.body()).contains("permission denied");
            }
        }
        assertThat(count("q")).isEqualTo("1");
        assertThat(value("SELECT count(*) FROM mq_paused")).isEqualTo("0");
    }
}
