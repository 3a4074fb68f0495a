package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What is shown, to whom, and at what cost. */
class LookingTest extends ConsoleTestCase {
    private static final String SCRIPT = "<script>alert(1)</script><img src=x onerror=\"alert(1)\">";

    @Test
    void theFirstScreenShowsQueuesAndWhatIsWrong() throws Exception {
        send("orders", "1", "2");
        deadLetter("orders", "no stock");
        sql("UPDATE mq_msgs SET sent_at = sent_at - 600000 WHERE channel_name = 'orders'");
        Client client = Client.as("console_watch");
        String page = client.get("/").body();
        assertThat(page)
                .contains(
                        "1 dead letter in DLQ",
                        "href=\"/dead?queue=DLQ\"",
                        "nobody waits on orders, the oldest message is there for 10 min",
                        "href=\"/queue?name=orders\"",
                        "sse-connect=\"/events\"");
        assertThat(client.get("/api/overview").body())
                .contains("\"queue\":\"orders\",\"topic\":null,\"subscription\":null,\"depth\":2", "\"dead\":1");
        assertThat(client.get("/?q=nothing").body()).contains("and that name");
        assertThat(client.get("/?sort=oldest").body()).contains("orders");
        assertThat(client.get("/api/samples").body()).contains("\"sentPerSecond\":[null");
    }

    @Test
    void aMessageIsShownWithItsHeadersBodyAndWhyItWaits() throws Exception {
        jms(context -> {
            try {
                Message message = context.createTextMessage("{\"customer\":\"ada\",\"lines\":[1,2.50]}");
                message.setStringProperty("region", "north");
                message.setJMSCorrelationID("c-1");
                context.createProducer().setDeliveryDelay(3_600_000).send(context.createQueue("orders"), message);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        String id = "ID:" + value("SELECT id FROM mq_msgs");
        Client client = Client.withToken();
        assertThat(client.get("/message?id=" + id).body())
                .contains(
                        "delayed until",
                        "north",
                        "c-1",
                        "&quot;lines&quot;: [\n    1,\n    2.50\n  ]",
                        "shown as JSON");
        assertThat(client.get("/queue?name=orders&part=waiting").body()).contains(id.substring(3), "delayed");
        assertThat(client.get("/api/message?id=" + id).body()).contains("\"why\":\"delayed until");
        assertThat(client.get("/message?id=" + id.replace('a', 'b')).status()).isIn(400, 404);
        assertThat(client.get("/message?id=nonsense").status()).isEqualTo(400);
    }

    @Test
    void aHostileMessageIsTextAndNothingElse() throws Exception {
        jms(context -> {
            try {
                Message message = context.createTextMessage(SCRIPT);
                message.setStringProperty("evil", SCRIPT);
                message.setJMSCorrelationID(SCRIPT);
                message.setJMSType(SCRIPT);
                context.createProducer().send(context.createQueue(SCRIPT), message);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        sql("UPDATE mq_msgs SET last_error = '" + SCRIPT + "', sent_at = 1");
        deadLetter(SCRIPT, SCRIPT);
        String id = value("SELECT id FROM mq_msgs WHERE channel_name <> 'DLQ'");
        Client client = Client.withToken();
        for (String path : new String[] {
            "/",
            "/queue?" + form("name", SCRIPT),
            "/message?id=ID:" + id,
            "/dead",
            "/dead?" + form("selector", "a <> '" + SCRIPT + "'"),
            "/queue?" + form("name", "q", "selector", "a = '" + SCRIPT + "'"),
            "/queue?" + form("name", "q", "text", SCRIPT),
            "/?" + form("q", SCRIPT)
        }) {
            String page = client.get(path).body();
            assertThat(page).as(path).contains("&lt;script&gt;").doesNotContain("<script>alert", "<img");
        }
    }

    @Test
    void bytesAndXmlAreMadeReadable() {
        assertThat(Bodies.hex("sqlmq\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .startsWith("00000000  73 71 6c 6d 71 0a")
                .contains("sqlmq.");
        var xml = Bodies.show(new io.sqlmq.jms.StoredBody("<a><b>1</b></a>", null, 15));
        assertThat(xml.kind()).isEqualTo("XML");
        assertThat(xml.text().lines()).hasSizeGreaterThan(2);
        String bomb = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assertThat(Bodies.show(new io.sqlmq.jms.StoredBody(bomb, null, 10)))
                .returns("text", Bodies.Shown::kind)
                .returns(bomb, Bodies.Shown::text);
        assertThat(Json.pretty("{\"a\":[],\"b\":{\"c\":1e2,\"d\":\"\\u0041\"},\"e\":null}"))
                .isEqualTo("{\n  \"a\": [],\n  \"b\": {\n    \"c\": 1e2,\n    \"d\": \"A\"\n  },\n  \"e\": null\n}");
        assertThat(Json.pretty("{\"a\":")).isNull();
    }

    @Test
    void aRoleWithoutARightOnBodiesSeesTheRest() throws Exception {
        send("q", "a secret");
        String id = "ID:" + value("SELECT id FROM mq_msgs");
        Client headers = Client.as("console_headers");
        assertThat(headers.get("/queue?name=q").body()).contains(id.substring(3));
        assertThat(headers.get("/message?id=" + id).body())
                .contains("may not read bodies", "JMSMessageID")
                .doesNotContain("a secret");
        assertThat(headers.get("/queue?name=q&text=secret").status()).isEqualTo(403);
        assertThat(Client.as("console_bodies").get("/message?id=" + id).body()).contains("a secret");
        Client watch = Client.as("console_watch");
        assertThat(watch.get("/").body()).contains(">q<");
        assertThat(watch.get("/queue?name=q").status()).isEqualTo(403);
        assertThat(watch.get("/api/message?id=" + id).status()).isEqualTo(403);
        Client nothing = Client.as("console_nothing");
        Answer refused = nothing.get("/");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("permission denied", "Log out");
    }

    @Test
    void theListsAreShownAndServed() throws Exception {
        jms(context -> {
            context.setClientID("client");
            context.createDurableConsumer(context.createTopic("news"), "reader").close();
            context.createProducer()
                    .setProperty("AMQ_SCHEDULED_CRON", "0 5 * * *")
                    .send(context.createQueue("reports"), "daily");
        });
        value("UPDATE mq_schedules SET name = 'daily reports' RETURNING 1");
        Client client = Client.withToken();
        assertThat(client.get("/topics").body()).contains("news", "reader");
        assertThat(client.get("/schedules").body()).contains("daily reports", "0 5 * * *", "End");
        assertThat(client.get("/consumers").status()).isEqualTo(200);
        assertThat(client.get("/transactions").body()).contains("No transaction is prepared.");
        for (String list : new String[] {"topics", "schedules", "consumers", "transactions"}) {
            assertThat(client.get("/api/" + list).status()).isEqualTo(200);
        }
        assertThat(client.get("/health").body()).contains("autovacuum", "listen", "rights");
        assertThat(client.get("/api/health").body()).contains("\"state\":\"ok\"");
        assertThat(Client.as("console_watch").get("/health").body()).contains("console_watch lacks");
        String id = value("SELECT id FROM mq_schedules");
        assertThat(client.act("remove-schedule", "id", id, "confirm", "yes").body())
                .contains("has ended");
    }

    @Test
    void aBacklogIsReadByPagesWithoutASecondLook() throws Exception {
        sql(
                "INSERT INTO mq_msgs (id, channel_name, sent_at, payload_text) SELECT gen_random_uuid(), 'many', 1764000000000, 'text ' || i"
                        + " FROM generate_series(1, 20000) i");
        Client client = Client.withToken();
        assertThat(client.get("/queue?name=many").body()).contains("more than 10,000", "Count exactly", "more →");
        assertThat(client.get("/count?name=many").status()).isEqualTo(303);
        assertThat(client.get("/queue?name=many").body()).contains("many has 20,000 messages");
        Pattern next = Pattern.compile("\"next\":\"([^\"]+)\"");
        Pattern ids = Pattern.compile("\"id\":\"([^\"]+)\"");
        Set<String> seen = new HashSet<>();
        String after = "";
        int pages = 0;
        do {
            String page =
                    client.get("/api/messages?queue=many&limit=1000" + after).body();
            ids.matcher(page).results().map(m -> m.group(1)).forEach(seen::add);
            Matcher matcher = next.matcher(page);
            after = matcher.find() ? "&after=" + matcher.group(1) : "";
            pages++;
        } while (!after.isEmpty());
        assertThat(seen).hasSize(20_000);
        assertThat(pages).isEqualTo(20);
        String found =
                client.get("/api/messages?queue=many&text=text+5000&limit=10").body();
        assertThat(found).contains("\"searched\":5000");
        assertThat(client.get("/queue?name=many&text=nowhere").body())
                .contains("search on →", "searched 5,000 messages");
    }

    @Test
    void twentyWhoLookOnCostAsMuchAsOne() throws Exception {
        send("q", "1");
        Client client = Client.as("console_bodies");
        client.get("/");
        HttpClient http = HttpClient.newHttpClient();
        AtomicInteger events = new AtomicInteger();
        List<CompletableFuture<HttpResponse<Stream<String>>>> viewers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            viewers.add(http.sendAsync(client.request("/events").build(), HttpResponse.BodyHandlers.ofLines()));
        }
        for (var viewer : viewers) {
            Stream<String> lines = viewer.get().body();
            Thread reader =
                    new Thread(() -> lines.filter(l -> l.startsWith("data: ")).forEach(l -> events.incrementAndGet()));
            reader.setDaemon(true);
            reader.start();
        }
        Awaitility.await().atMost(java.time.Duration.ofSeconds(30)).until(() -> events.get() >= 40);
        long before = statements();
        long began = System.nanoTime();
        Thread.sleep(6_000); // statements are counted over a time
        double seconds = (System.nanoTime() - began) / 1e9;
        long looked = statements() - before;
        assertThat(looked).isPositive();
        assertThat(looked / seconds).as("statements a second").isLessThanOrEqualTo(5);
        send("another", "1");
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> client.get("/api/overview").body().contains("another"));
    }

    /** Those of a look: begin, settings, two that look, end. */
    private static long statements() throws Exception {
        return console.reads("console_bodies") * 5;
    }

    /** Two looks at the same time would only be in each other's way. */
    @Test
    void allWhoComeWhileSomebodyLooksWaitForThat() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        long before = console.reads("console_admin");
        try (Connection locking = DriverManager.getConnection(url);
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE mq_msgs");
            Client client = Client.as("console_admin");
            for (int i = 0; i < 10; i++) {
                answers.add(http.sendAsync(client.request("/").build(), HttpResponse.BodyHandlers.ofString()));
            }
            Awaitility.await()
                    .pollDelay(Duration.ofMillis(200))
                    .until(() -> value(
                                    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
                                            + " AND relation = 'mq_msgs'::regclass AND usename = 'console_admin'")
                            .equals("1"));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(200);
        }
        assertThat(console.reads("console_admin")).isEqualTo(before + 1);
    }

    /** The first one to come does not wait for what has to be loaded and compiled. */
    @Test
    void aConsoleLooksOnceBeforeAnybodyComes() throws Exception {
        AtomicInteger opened = new AtomicInteger();
        PGSimpleDataSource connections = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                opened.incrementAndGet();
                return super.getConnection();
            }
        };
        connections.setUrl(url);
        connections.setApplicationName("before-anybody");
        try (SqlmqConnectionFactory over = new SqlmqConnectionFactory(connections);
                SqlmqConsole ready = SqlmqConsole.builder(over).port(0).start()) {
            assertThat(ready.port()).isPositive();
            Awaitility.await()
                    .until(() -> opened.get() > 0
                            && value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'before-anybody'")
                                    .equals("0"));
        }
    }
}
