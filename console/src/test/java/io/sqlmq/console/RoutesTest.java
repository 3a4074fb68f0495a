package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sqlmq.console.Actions.Action;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that the console answers, as the console itself lists it, and everybody who may ask. */
class RoutesTest extends ConsoleTestCase {
    private static final List<String> PARAMETERS = List.of(
            "name", "queue", "id", "q", "all", "sort", "from", "selector", "text", "part", "after", "limit", "back");
    private static final List<String> HOSTILE = List.of(
            "\"><script>alert(1)</script><img src=x onerror=alert(1)>",
            "it's a \"queue\"/with/slashes\\and?query=1&more#fragment",
            "//evil.example/",
            "\r\nSet-Cookie: sqlmq_console=evil",
            "Zażółć 漢字 \uD83D\uDE00",
            "x".repeat(5_000),
            "-1",
            "99999999999999999999");

    private static final Map<String, Client> SESSIONS = new HashMap<>();

    /** Of that role, which logs in once only: that takes longer than what is asked then. */
    private static Client session(String role) throws Exception {
        Client session = SESSIONS.get(role);
        if (session == null) {
            session = Client.as(role);
            SESSIONS.put(role, session);
        }
        return session;
    }

    @AfterAll
    static void forget() {
        SESSIONS.clear(); // the console has ended
    }

    private static String everything() throws Exception {
        return value("SELECT concat_ws('|', (SELECT string_agg(m::text, ',' ORDER BY m.id) FROM mq_msgs m),"
                + " (SELECT string_agg(m::text, ',' ORDER BY m.id) FROM mq_msgs_unlogged m),"
                + " (SELECT count(*) FROM mq_paused), (SELECT count(*) FROM mq_schedules))");
    }

    private static String[] hostile(String value) {
        return PARAMETERS.stream().flatMap(name -> Stream.of(name, value)).toArray(String[]::new);
    }

    /** What is live never ends. */
    private static Set<String> paths() {
        Set<String> paths = new TreeSet<>(console.paths());
        assertThat(paths.remove("/events")).isTrue();
        return paths;
    }

    private static boolean isApi(String path) {
        return path.startsWith("/api/");
    }

    /** It answered, and knew what it was doing. */
    private static void isSound(String what, Answer answer) {
        assertThat(answer.body()).as(what).doesNotContain("The console failed");
        if (!answer.header("content-type").startsWith("application/json")) {
            assertThat(answer.body()).as(what).doesNotContain("<script>alert", "<img");
        }
        assertThat(answer.status()).as(what + answer.body()).isIn(200, 303, 400, 403, 404);
        assertThat(answer.header("set-cookie")).as(what).isEmpty();
        if (answer.status() == 303) {
            assertThat(answer.header("location")).as(what).matches("/(?![/\\\\]).*");
        }
        assertThat(answer.header("content-security-policy"))
                .as(what)
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.header("x-content-type-options")).as(what).isEqualTo("nosniff");
        assertThat(answer.header("x-frame-options")).as(what).isEqualTo("DENY");
        assertThat(answer.header("cache-control")).as(what).isEqualTo("no-store");
        if (isApi(what) && answer.status() != 303) {
            assertThat(answer.header("content-type")).as(what).startsWith("application/json");
        }
    }

    @Test
    void nobodySeesAnythingWithoutASession() throws Exception {
        for (String path : console.paths()) {
            Answer answer = new Client(console).get(path);
            assertThat(answer.status()).as(path).isEqualTo(isApi(path) || path.equals("/events") ? 401 : 303);
            assertThat(new Client(console).post(path, "queue", "q").status())
                    .as(path)
                    .isIn(401, 303);
        }
    }

    @Test
    void nothingOfWhatIsLookedAtIsDone() throws Exception {
        Client client = Client.withToken();
        for (String path : paths()) {
            assertThat(client.post(path, "csrf", String.valueOf(client.csrf)).status())
                    .as(path)
                    .isEqualTo(404);
            assertThat(client.post(path).status()).as(path).isEqualTo(403);
        }
        for (Action action : Action.values()) {
            for (String path : new String[] {"/do/" + action.id(), "/api/do/" + action.id()}) {
                assertThat(client.get(path + "?queue=q&confirm=yes&csrf=" + client.csrf)
                                .status())
                        .as(path)
                        .isEqualTo(404);
            }
        }
    }

    @Test
    void whateverIsAskedForIsAnsweredAndIsText() throws Exception {
        List<String> queues = HOSTILE.stream()
                .map(value -> value.length() > 200 ? "x".repeat(255) : value)
                .toList();
        for (int i = 0; i < HOSTILE.size(); i++) {
            String text = "'" + HOSTILE.get(i).replace("'", "''") + "'";
            sql(
                    "INSERT INTO mq_msgs (id, channel_name, sent_at, payload_text, correlation_id, jms_type, reply_to, last_error,"
                            + " properties, dead_origin, dead_reason, dead_attempts, dead_at) SELECT gen_random_uuid(), q, 1, t, t, t, t, t,"
                            + " jsonb_build_object(left(t, 100), t), o, t, 1, now() FROM (VALUES ('"
                            + queues.get(i).replace("'", "''") + "', NULL), ('DLQ', " + text + ")) v (q, o), (SELECT "
                            + text
                            + " AS t) t");
        }
        Client client = Client.withToken();
        for (String path : paths()) {
            isSound(path, client.get(path));
            for (String value : HOSTILE) {
                isSound(path, client.get(path + "?" + form(hostile(value))));
            }
            for (String parameter : path.endsWith("health") ? List.<String>of() : PARAMETERS) {
                isSound(path, client.get(path + "?" + form("name", "q", "queue", "DLQ", parameter, HOSTILE.get(0))));
            }
        }
        for (String queue : queues) {
            Answer page = client.get("/queue?" + form("name", queue));
            assertThat(page.status()).as(queue + page.body()).isEqualTo(200);
            assertThat(page.body()).as(queue).contains("class=\"id\"");
            Answer paused = client.act("pause", "queue", queue);
            assertThat(paused.status()).as(queue + paused.body()).isEqualTo(200);
            assertThat(value("SELECT count(*) FROM mq_paused WHERE channel_name = '" + queue.replace("'", "''") + "'"))
                    .isEqualTo("1");
            Answer moved = client.act("move-matching", "queue", queue, "to", "other", "all", "yes", "confirm", "yes");
            assertThat(moved.body()).as(queue).contains("1 message moved");
        }
        sql("DELETE FROM mq_paused");
        for (String id : value("SELECT string_agg(id::text, ',') FROM mq_msgs").split(",", -1)) {
            isSound("/message", client.get("/message?id=ID:" + id));
        }
    }

    @Test
    void everyRoleSeesWhatItWasGranted() throws Exception {
        send("q", "a secret of messages");
        String id = "ID:" + value("SELECT id FROM mq_msgs");
        deadLetter("orders", "no stock");
        Map<String, Set<String>> refused = new TreeMap<>();
        for (String role : KINDS.keySet()) {
            Client client = Client.as(role);
            for (String path : paths()) {
                Answer answer = client.get(path + "?" + form("name", "q", "queue", "q", "id", id));
                isSound(path, answer);
                if (answer.status() != 200 && answer.status() != 303) {
                    refused.computeIfAbsent(role, r -> new TreeSet<>()).add(path);
                    assertThat(answer.body()).as(role + path).contains("permission denied");
                }
                if (!Set.of("console_admin", "console_bodies").contains(role)) {
                    assertThat(answer.body()).as(role + path).doesNotContain("a secret of messages");
                }
            }
        }
        assertThat(refused).doesNotContainKeys("console_admin");
        assertThat(refused.get("console_watch"))
                .contains("/message", "/api/messages", "/queue", "/dead", "/schedules")
                .doesNotContain("/", "/api/overview", "/consumers", "/topics");
        assertThat(refused.get("console_headers")).doesNotContain("/message", "/queue", "/dead");
        assertThat(refused.get("console_nothing")).contains("/", "/api/overview", "/queue", "/message");
        assertThat(refused.get("console_send")).contains("/", "/queue", "/message");
    }

    /** What it knows, so that it is done to one message. */
    private static String[] fields(Action action, String id) throws Exception {
        Map<String, String> values = Map.of(
                "queue", action == Action.RETRY || action == Action.RETRY_MATCHING ? "DLQ" : "q",
                "id", action == Action.REMOVE_SCHEDULE ? value("SELECT id FROM mq_schedules") : id,
                "to", "other",
                "at", "5 min",
                "priority", "9",
                "reason", "because",
                "body", "x");
        List<String> fields = new ArrayList<>(List.of("confirm", "yes", "back", "/"));
        for (String name : action.fields()) {
            if (values.containsKey(name)) {
                fields.addAll(List.of(name, values.get(name)));
            } else if (name.equals("selector")) {
                fields.addAll(List.of("all", "yes"));
            }
        }
        return fields.toArray(String[]::new);
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void anActionIsDoneByWhoMayAndByNobodyElse(Action action) throws Exception {
        send("q", "1");
        String dead = deadLetter("q", "why");
        jms(context -> context.createProducer()
                .setProperty("AMQ_SCHEDULED_CRON", "0 5 * * *")
                .send(context.createQueue("reports"), "daily"));
        String id = action == Action.RETRY ? dead : "ID:" + value("SELECT id FROM mq_msgs WHERE channel_name = 'q'");
        String before = everything();
        String path = "/api/do/" + action.id();
        for (String role : List.of("console_nothing", "console_watch", "console_headers", "console_bodies")) {
            Answer answer = session(role).act(action.id(), fields(action, id));
            assertThat(answer.status()).as(role + answer.body()).isEqualTo(403);
            assertThat(answer.body()).as(role).contains("permission denied");
        }
        Client client = session("console_admin");
        String[] withoutToken = fields(action, id);
        for (String csrf : new String[] {"", "wrong", String.valueOf(Client.withToken().csrf)}) {
            List<String> forged = new ArrayList<>(List.of(withoutToken));
            forged.addAll(List.of("csrf", csrf));
            assertThat(client.post(path, forged.toArray(String[]::new)).status())
                    .isEqualTo(403);
            assertThat(client.post("/do/" + action.id(), forged.toArray(String[]::new))
                            .status())
                    .isEqualTo(403);
        }
        assertThat(client.send(client.request(path)
                                .header("Origin", "http://evil.example")
                                .header("X-CSRF-Token", String.valueOf(client.csrf))
                                .POST(HttpRequest.BodyPublishers.ofString(form(withoutToken)))
                                .build())
                        .status())
                .isEqualTo(403);
        try (SqlmqConsole looking = SqlmqConsole.builder(factory)
                .port(0)
                .token(TOKEN)
                .readOnly(true)
                .start()) {
            assertThat(new Client(looking)
                            .login("token", TOKEN)
                            .act(action.id(), withoutToken)
                            .status())
                    .isEqualTo(403);
        }
        assertThat(everything()).isEqualTo(before);

        if (action == Action.RESUME) {
            sql("SELECT mq_pause('q')");
        } else if (action == Action.RETRY_SET_ASIDE) {
            sql("UPDATE mq_msgs SET set_aside = 'why', attempt_at = 'infinity' WHERE channel_name = 'q'");
        }
        String logged = logged(() -> {
            Answer answer = client.act(action.id(), withoutToken);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("\"count\":1");
        });
        sql("DELETE FROM mq_paused");
        assertThat(logged.lines().filter(line -> line.contains("io.sqlmq.console.audit")))
                .singleElement()
                .asString()
                .contains("role=console_admin from=127.0.0.1 action=" + action.id() + " ", " result=");
    }

    /** A line of the log. */
    private interface Doing {
        void run() throws Exception;
    }

    private static String logged(Doing what) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            what.run();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void nobodyWritesLinesOfTheLog() throws Exception {
        String logged = logged(() -> {
            Client.withToken()
                    .act(
                            "pause",
                            "queue",
                            "q",
                            "reason",
                            "x\n[main] INFO io.sqlmq.console.audit - role=ada action=purge");
            new Client(console).post("/login", "token", "wrong\nrole=ada");
            new Client(console).post("/login", "user", "ada\nrole=eve", "password", "a guess");
        });
        sql("DELETE FROM mq_paused");
        assertThat(logged.lines()).noneMatch(line -> line.startsWith("[main]") || line.startsWith("role="));
        assertThat(logged)
                .contains("refused a login from 127.0.0.1", "role ada role=eve")
                .doesNotContain("a guess");
    }

    @Test
    void aSessionIsMadeByTheConsoleAndEndsWithIt() throws Exception {
        Client fixed = new Client(console);
        fixed.cookie = "sqlmq_console=chosen-by-somebody-else";
        Answer login = fixed.post("/login", "token", TOKEN, "back", "//evil.example/");
        assertThat(login.header("location")).isEqualTo("/");
        assertThat(login.header("set-cookie"))
                .matches("sqlmq_console=[\\w-]{32}; Path=/; HttpOnly; SameSite=Strict")
                .doesNotContain("chosen");
        assertThat(fixed.get("/").status()).isEqualTo(303);
        Answer secure = fixed.send(fixed.request("/login")
                .header("X-Forwarded-Proto", "https")
                .POST(HttpRequest.BodyPublishers.ofString(form("token", TOKEN)))
                .build());
        assertThat(secure.header("set-cookie")).endsWith("; Secure");
        Client one = Client.withToken();
        Client other = Client.withToken();
        assertThat(one.cookie).isNotEqualTo(other.cookie);
        assertThat(one.csrf).isNotEqualTo(other.csrf);
        one.post("/logout", "csrf", String.valueOf(one.csrf));
        assertThat(one.get("/api/overview").status()).isEqualTo(401);
        assertThat(other.get("/api/overview").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/login", "/api/login", "/api/do/send", "/"})
    void whatIsTooLongIsRefused(String path) throws Exception {
        Client client = Client.withToken();
        assertThat(client.post(path, "csrf", String.valueOf(client.csrf), "queue", "q", "body", "x".repeat(1_100_000))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void livePagesOfASessionAreBoundedAndThoseThatCloseMakeRoom() throws Exception {
        Client client = Client.withToken();
        HttpClient http = HttpClient.newHttpClient();
        List<Stream<String>> live = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                var answer = http.send(client.request("/events").build(), HttpResponse.BodyHandlers.ofLines());
                assertThat(answer.statusCode()).isEqualTo(200);
                live.add(answer.body());
            }
            Awaitility.await()
                    .atMost(java.time.Duration.ofSeconds(30))
                    .until(() -> client.get("/events?name=").status() == 503);
            assertThat(client.get("/").status()).isEqualTo(200);
        } finally {
            live.forEach(Stream::close);
        }
        Awaitility.await().atMost(java.time.Duration.ofSeconds(60)).until(() -> {
            send("q", "1"); // who is gone is noticed when there is something to tell
            try (Stream<String> lines = http.send(
                            client.request("/events").build(), HttpResponse.BodyHandlers.ofLines())
                    .body()) {
                return lines.findFirst().orElse("").startsWith("data: ");
            }
        });
    }

    /** docs/console.md lists what there is under /api, no more and no less. */
    @Test
    void theApiIsDescribed() throws Exception {
        Path page = Path.of("..", "docs", "console.md");
        assumeThat(page).exists();
        String api = Files.readString(page).split("\n## The API\n", 2)[1];
        assertThat(described(api, "GET `/api/…`"))
                .isEqualTo(console.paths().stream()
                        .filter(RoutesTest::isApi)
                        .map(path -> path.substring("/api/".length()))
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertThat(described(api, "POST `/api/do/…`"))
                .isEqualTo(Stream.of(Action.values()).map(Action::id).collect(Collectors.toCollection(TreeSet::new)));
    }

    private static Set<String> described(String text, String table) {
        return text.substring(text.indexOf("| " + table))
                .lines()
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .flatMap(line -> Pattern.compile("`([\\w-]+)[^`]*`")
                        .matcher(line.split("\\|", -1)[1])
                        .results())
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
