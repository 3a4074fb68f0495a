package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.console.Request.Caller;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A console that an application mounts, asked as its server would. */
@Timeout(60)
class MountedConsoleTest extends ConsoleTestCase {
    private static final Caller ADA = new Caller("ada", true, Map.of("_csrf", "the application's"));

    private MountedConsole mounted;

    @BeforeEach
    void mount() {
        mounted = SqlmqConsole.builder(factory).mount();
    }

    @AfterEach
    void close() {
        mounted.close();
    }

    private Response get(Caller caller, String path, String... parameters) {
        return mounted.answer(request("GET", caller, path, Map.of(), parameters));
    }

    private static Request request(
            String method, Caller caller, String path, Map<String, String> headers, String... parameters) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            all.put(parameters[i], parameters[i + 1]);
        }
        return new Request(method, "/shop/mq", path, headers, all, "10.1.1.1", caller);
    }

    private static String body(Response response) {
        byte[] body = response.body();
        return body == null ? "" : new String(body, StandardCharsets.UTF_8);
    }

    private String csrf() {
        Matcher csrf = Pattern.compile("\"csrf\":\"([^\"]+)\"").matcher(body(get(ADA, "/api/session")));
        assertThat(csrf.find()).isTrue();
        return csrf.group(1);
    }

    @Test
    void whoIsAdmittedNeedsNoLoginAndHasOneSession() {
        send("orders", "one");
        Response page = get(ADA, "/queue", "name", "orders");
        assertThat(page.status()).isEqualTo(200);
        assertThat(body(page))
                .contains("/shop/mq/assets/console.js", ">ada<", "name=\"_csrf\" value=\"the application&#39;s\"")
                .doesNotContain("Log out");
        assertThat(csrf()).isEqualTo(csrf());
    }

    @Test
    void othersHaveToLogIn() {
        for (Caller caller : new Caller[] {Caller.UNKNOWN, new Caller("bob", false, Map.of())}) {
            assertThat(get(caller, "/api/overview").status()).isEqualTo(401);
            assertThat(get(caller, "/").headers()).containsEntry("Location", "/shop/mq/login");
        }
    }

    @Test
    void theTokenAgainstForgeryIsNeededFromThemToo() {
        send("orders", "one");
        Request forged = request("POST", ADA, "/api/do/purge", Map.of(), "queue", "orders", "confirm", "yes");
        assertThat(mounted.answer(forged).status()).isEqualTo(403);
        Request ours = request(
                "POST",
                ADA,
                "/api/do/purge",
                Map.of("x-csrf-token", csrf()),
                "queue",
                "orders",
                "confirm",
                "yes",
                "_csrf",
                "the application's");
        assertThat(body(mounted.answer(ours))).contains("1 message removed");
    }

    @Test
    void behindAProxyTheOriginIsTheProxys() {
        send("orders", "one");
        String[] fields = {"queue", "orders", "csrf", csrf()};
        Map<String, String> inner = Map.of("host", "10.0.0.7:8080", "origin", "https://shop.example.com");
        assertThat(mounted.answer(request("POST", ADA, "/api/do/pause", inner, fields))
                        .status())
                .isEqualTo(403);
        Map<String, String> forwarded = new HashMap<>(inner);
        forwarded.put("x-forwarded-host", "shop.example.com");
        assertThat(mounted.answer(request("POST", ADA, "/api/do/pause", forwarded, fields))
                        .status())
                .isEqualTo(200);
        mounted.answer(request("POST", ADA, "/api/do/resume", forwarded, fields));
    }

    @Test
    void closingEndsStreamsAndLetsNobodyIn() throws Exception {
        Response events = get(ADA, "/events");
        Response.Stream stream = events.stream();
        assertThat(stream).isNotNull();
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> {
            try {
                stream.to(first::complete);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(first.get(30, TimeUnit.SECONDS)).startsWith("data: ");
        mounted.close();
        ended.get(30, TimeUnit.SECONDS);
        assertThat(get(ADA, "/").status()).isEqualTo(503);
    }

    /** Whoever borrows from its pool keeps its planner from being pinned, and options from being set. */
    @Test
    void whoLooksTouchesNothingOfTheApplicationsFactory() throws Exception {
        send("orders", "a body");
        try (SqlmqConnectionFactory untouched = new SqlmqConnectionFactory(url);
                MountedConsole looking = SqlmqConsole.builder(untouched).mount()) {
            for (String path : List.of("/", "/health", "/topics", "/api/overview")) {
                Response answer = looking.answer(request("GET", ADA, path, Map.of(), "queue", "orders"));
                assertThat(answer.status()).as(path).isEqualTo(200);
            }
            assertThat(untouched.state().pools()).isEmpty();
            untouched.getOptions().setMaximumPoolSize(7); // refused once it has started
        }
    }
}
