package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, and what a browser is made to do. */
class LoginTest extends ConsoleTestCase {

    @ParameterizedTest
    @ValueSource(strings = {"/", "/queue?name=q", "/message?id=x", "/dead", "/topics", "/health", "/nothing"})
    void whoIsNotLoggedInIsSentToLogIn(String path) throws Exception {
        Answer answer = new Client(console).get(path);
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("location")).isEqualTo("/login");
        assertThat(new Client(console).get("/api/overview").status()).isEqualTo(401);
        assertThat(new Client(console).get("/events").status()).isEqualTo(401);
        assertThat(new Client(console).post("/api/do/purge", "queue", "q").status())
                .isEqualTo(401);
    }

    @Test
    void timesAndPortsThatCannotBeAreRefused() {
        SqlmqConsole.Builder builder = SqlmqConsole.builder(factory);
        for (Duration time : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.idleTimeout(time));
        }
        for (int port : new int[] {-1, 65_536}) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.port(port));
        }
    }

    @Test
    void theTokenLetsInAndAnotherDoesNot() throws Exception {
        assertThat(Client.withToken().get("/").body()).contains("Queues", "Log out");
        assertThat(new Client(console)
                        .post("/login", "token", "another one of them")
                        .status())
                .isEqualTo(403);
        assertThat(new Client(console).get("/login?token=abc").body()).contains("value=\"abc\"");
    }

    /** Each guess takes half a second, and few are made at the same time. */
    @ParameterizedTest
    @ValueSource(strings = {"token", "password"})
    void guessesAreBoundedInNumber(String how) throws Exception {
        String[] fields = how.equals("token")
                ? new String[] {"token", "another one of them"}
                : new String[] {"user", "console_watch", "password", "wrong"};
        List<CompletableFuture<Answer>> guesses = Stream.generate(() -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return new Client(console).post("/api/login", fields);
                            } catch (Exception e) {
                                throw new CompletionException(e);
                            }
                        },
                        task -> new Thread(task).start()))
                .limit(24)
                .toList();
        List<Integer> statuses = new ArrayList<>();
        for (var guess : guesses) {
            Answer answer = guess.get();
            statuses.add(answer.status());
            if (answer.status() == 503) {
                assertThat(answer.body()).contains("Too many log in at the same time");
            }
        }
        assertThat(statuses).contains(503).isSubsetOf(403, 503);
        assertThat(statuses.stream().filter(status -> status == 403)).hasSizeLessThan(24);
    }

    @Test
    void aRoleGetsInWithItsPasswordOnly() throws Exception {
        assertThat(Client.as("console_watch").get("/").body()).contains("console_watch");
        for (String wrong : new String[] {"", "wrong"}) {
            Answer answer = new Client(console).post("/login", "user", "console_watch", "password", wrong);
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("set-cookie")).isEmpty();
            assertThat(answer.body()).contains("does not let console_watch in");
        }
        assertThat(new Client(console)
                        .post("/login", "user", "nobody' --", "password", "x")
                        .status())
                .isEqualTo(403);
    }

    /** Else whoever reaches the console could be the owner of the tables. */
    @Test
    void aRoleThatTheServerAsksForNoPasswordDoesNotGetIn() throws Exception {
        for (String role : new String[] {"console_trusted", "postgres"}) {
            Answer answer = new Client(console).post("/login", "user", role, "password", PASSWORD);
            assertThat(answer.status()).as(role).isEqualTo(403);
            assertThat(answer.body()).contains("pg_hba.conf");
        }
    }

    @Test
    void cookiesAreNotForScriptsOrOtherSites() throws Exception {
        Answer answer = new Client(console).post("/login", "user", "console_watch", "password", PASSWORD);
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("set-cookie"))
                .contains("HttpOnly", "SameSite=Strict")
                .doesNotContain(PASSWORD);
    }

    @Test
    void pagesAllowNoScriptsOfOthersAndNoFrames() throws Exception {
        Answer answer = Client.withToken().get("/");
        assertThat(answer.header("content-security-policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(answer.header("cache-control")).isEqualTo("no-store");
        assertThat(answer.body())
                .doesNotContain("<script>", " onclick", " style=", "http://", "https://")
                .contains("/assets/htmx.js", "/assets/console.css");
    }

    @ParameterizedTest
    @ValueSource(strings = {"htmx.js", "htmx-sse.js", "uplot.js", "uplot.css", "console.js", "console.css"})
    void filesComeFromTheConsoleItself(String name) throws Exception {
        Answer answer = new Client(console).get("/assets/" + name);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).hasSizeGreaterThan(100);
        assertThat(new Client(console).get("/assets/../" + name).status()).isNotEqualTo(200);
    }

    @Test
    void aNameThatIsNotOfThisMachineIsNotAnswered() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), console.port())) {
            socket.getOutputStream()
                    .write("GET /login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 421");
        }
    }

    @Test
    void whatAnotherSiteSendsIsRefused() throws Exception {
        Client client = Client.withToken();
        for (String csrf : new String[] {"", "wrong"}) {
            assertThat(client.post("/api/do/pause", "queue", "q", "csrf", csrf).status())
                    .isEqualTo(403);
        }
        HttpRequest request = client.request("/api/do/pause")
                .header("Origin", "http://evil.example")
                .header("X-CSRF-Token", String.valueOf(client.csrf))
                .POST(HttpRequest.BodyPublishers.ofString("queue=q"))
                .build();
        assertThat(client.send(request).status()).isEqualTo(403);
        assertThat(value("SELECT count(*) FROM mq_paused")).isEqualTo("0");
    }

    @Test
    void nothingIsDoneByLooking() throws Exception {
        Client client = Client.withToken();
        for (String path : new String[] {"/do/pause?queue=q", "/api/do/pause?queue=q&csrf=" + client.csrf, "/logout"}) {
            assertThat(client.get(path).status()).isEqualTo(404);
        }
        assertThat(client.send(client.request("/")
                                .method("DELETE", HttpRequest.BodyPublishers.noBody())
                                .build())
                        .status())
                .isEqualTo(405);
        assertThat(client.get("/").status()).isEqualTo(200);
    }

    @Test
    void loggingOutAndIdlingEndASession() throws Exception {
        Client client = Client.withToken();
        assertThat(client.post("/logout", "csrf", String.valueOf(client.csrf)).status())
                .isEqualTo(303);
        assertThat(client.get("/").status()).isEqualTo(303);
        try (SqlmqConsole impatient = SqlmqConsole.builder(factory)
                .port(0)
                .token("0123456789abcdef")
                .idleTimeout(Duration.ofMillis(300))
                .start()) {
            Client idle = new Client(impatient).login("token", "0123456789abcdef");
            assertThat(idle.get("/").status()).isEqualTo(200);
            Thread.sleep(600); // longer than it may be idle
            assertThat(idle.get("/").status()).isEqualTo(303);
        }
    }

    @Test
    void aReadOnlyConsoleDoesNothing() throws Exception {
        send("q", "x");
        try (SqlmqConsole looking = SqlmqConsole.builder(factory)
                .port(0)
                .token("0123456789abcdef")
                .readOnly(true)
                .start()) {
            Client client = new Client(looking).login("token", "0123456789abcdef");
            assertThat(client.get("/queue?name=q").body()).contains("read-only").doesNotContain("Purge", "Send");
            assertThat(client.act("purge", "queue", "q", "confirm", "yes").status())
                    .isEqualTo(403);
        }
        assertThat(value("SELECT count(*) FROM mq_msgs")).isEqualTo("1");
    }
}
