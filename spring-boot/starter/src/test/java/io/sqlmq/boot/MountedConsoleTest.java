package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.console.SqlmqConsole;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/** The console in the servlet container of the application, and behind its security. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class MountedConsoleTest {
    private final String url = Databases.create();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Open {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableWebSecurity
    static class Secured {
        @Bean
        SecurityFilterChain all(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }

        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(user("ada", "ADMIN"), user("bob", "CUSTOMER"));
        }

        private static UserDetails user(String name, String role) {
            return User.withUsername(name).password("{noop}secret").roles(role).build();
        }
    }

    private ConfigurableApplicationContext start(Class<?> application, String... more) {
        List<String> properties =
                new ArrayList<>(List.of(App.url(url), App.NO_JPA, "server.port=0", "sqlmq.console.enabled=true"));
        properties.addAll(List.of(more));
        return App.start(WebApplicationType.SERVLET, application, properties.toArray(String[]::new));
    }

    /** Somebody with a browser. */
    private static final class Client {
        private final HttpClient http =
                HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
        private final String at;
        private final String user;

        Client(ConfigurableApplicationContext app, String user) {
            this.at = "http://localhost:" + app.getEnvironment().getProperty("local.server.port");
            this.user = user;
        }

        HttpRequest.Builder request(String path) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at + path));
            return user.isEmpty()
                    ? request
                    : request.header(
                            "Authorization",
                            "Basic "
                                    + Base64.getEncoder()
                                            .encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8)));
        }

        HttpResponse<String> get(String path) throws Exception {
            return http.send(request(path).build(), BodyHandlers.ofString());
        }

        HttpResponse<String> post(String path, String... fields) throws Exception {
            StringJoiner form = new StringJoiner("&");
            for (int i = 0; i < fields.length; i += 2) {
                form.add(fields[i] + "=" + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
            }
            return http.send(
                    request(path)
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .header("Origin", at)
                            .POST(BodyPublishers.ofString(form.toString()))
                            .build(),
                    BodyHandlers.ofString());
        }

        BufferedReader events(String path) throws Exception {
            InputStream events = http.send(request(path).build(), BodyHandlers.ofInputStream())
                    .body();
            return new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8));
        }
    }

    private static String field(String page, String name) {
        Matcher field =
                Pattern.compile("name=\"" + name + "\" value=\"([^\"]+)\"").matcher(page);
        assertThat(field.find()).as(name).isTrue();
        return field.group(1);
    }

    private static String location(HttpResponse<?> response) {
        return response.headers().firstValue("Location").orElse("");
    }

    private static void send(ConfigurableApplicationContext app, String queue) {
        app.getBean(JmsTemplate.class).convertAndSend(queue, "one");
    }

    @Test
    void usersOfTheApplicationWithTheRoleAreIn(CapturedOutput log) throws Exception {
        try (ConfigurableApplicationContext app =
                start(Secured.class, "server.servlet.context-path=/shop", "sqlmq.console.roles=OPERATOR,ADMIN")) {
            assertThat(app.getBeansOfType(SqlmqConsole.class)).isEmpty();
            assertThat(log).contains("The console is at /shop/sqlmq/ of this application");
            send(app, "größe");
            assertThat(new Client(app, "").get("/shop/sqlmq/").statusCode()).isEqualTo(401);
            assertThat(location(new Client(app, "bob").get("/shop/sqlmq/"))).isEqualTo("/shop/sqlmq/login");

            Client ada = new Client(app, "ada");
            assertThat(location(ada.get("/shop/sqlmq"))).isEqualTo("/shop/sqlmq/");
            assertThat(ada.get("/shop/sqlmq/").body()).contains("/shop/sqlmq/queue?name=gr%C3%B6%C3%9Fe");
            assertThat(ada.get("/shop/sqlmq/assets/console.js").body()).contains("uPlot");
            String page = ada.get("/shop/sqlmq/queue?name=gr%C3%B6%C3%9Fe").body();
            String csrf = field(page, "csrf");
            String[] fields = {"queue", "größe", "confirm", "yes", "csrf", csrf, "_csrf", field(page, "_csrf")};
            assertThat(ada.post("/shop/sqlmq/do/purge", "queue", "größe", "confirm", "yes", "csrf", csrf)
                            .statusCode())
                    .as("without the application's token; 401 where its page of errors needs a login, too")
                    .isIn(401, 403);
            fields[5] = "another";
            assertThat(ada.post("/shop/sqlmq/do/purge", fields).body())
                    .as("without the console's token")
                    .contains("did not come from a page of the console");
            fields[5] = csrf;
            assertThat(ada.post("/shop/sqlmq/do/purge", fields).statusCode()).isEqualTo(303);
            assertThat(log).contains("user=ada from=127.0.0.1 action=purge queue=größe result=1 message removed");
        }
    }

    @Test
    void withoutRolesOneNeedsTheTokenToo(CapturedOutput log) throws Exception {
        try (ConfigurableApplicationContext app = start(Secured.class)) {
            Matcher token = Pattern.compile("/sqlmq/login\\?token=(\\S+) of this application")
                    .matcher(log.getOut());
            assertThat(token.find()).isTrue();
            Client bob = new Client(app, "bob");
            assertThat(bob.get("/sqlmq/api/overview").statusCode()).isEqualTo(401);
            String login = bob.get("/sqlmq/login").body();
            HttpResponse<String> in = bob.post("/sqlmq/login", "token", token.group(1), "_csrf", field(login, "_csrf"));
            assertThat(location(in)).isEqualTo("/sqlmq/");
            assertThat(bob.get("/sqlmq/api/overview").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anApplicationWithoutSecurityHasTheToken() throws Exception {
        try (ConfigurableApplicationContext app = start(
                Open.class,
                "sqlmq.console.path=/ops/queues",
                "sqlmq.console.token=0123456789abcdef",
                "server.forward-headers-strategy=framework")) {
            Client somebody = new Client(app, "");
            assertThat(somebody.get("/ops/queues/api/overview").statusCode()).isEqualTo(401);
            HttpResponse<String> proxied = somebody.http.send(
                    somebody.request("/ops/queues/")
                            .header("X-Forwarded-Prefix", "/front")
                            .header("X-Forwarded-Host", "shop.example.com")
                            .build(),
                    BodyHandlers.ofString());
            assertThat(URI.create(location(proxied)).getPath()).isEqualTo("/front/ops/queues/login");
            HttpResponse<String> in = somebody.post("/ops/queues/login", "token", "0123456789abcdef");
            assertThat(in.headers().firstValue("Set-Cookie").orElse("")).contains("Path=/ops/queues/");
            assertThat(somebody.get("/ops/queues/api/overview").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whoLooksOnSeesWhatComesAndDoesNotKeepTheApplicationFromStopping() throws Exception {
        ConfigurableApplicationContext app = start(
                Secured.class,
                "sqlmq.console.roles=*",
                "server.shutdown=graceful",
                "spring.lifecycle.timeout-per-shutdown-phase=10m");
        try (app;
                BufferedReader events = new Client(app, "bob").events("/sqlmq/events")) {
            send(app, "orders");
            String line = events.readLine();
            while (!line.contains("orders")) {
                line = events.readLine();
            }
            app.close();
            while (line != null) {
                line = events.readLine(); // until it ends
            }
        }
    }

    @Test
    void aPortAsksForAPlaceOfItsOwn() {
        try (ConfigurableApplicationContext app = start(Open.class, "sqlmq.console.port=0")) {
            assertThat(app.getBean(SqlmqConsole.class).port()).isPositive();
            assertThat(app.getBeansOfType(ConsoleServlet.class)).isEmpty();
            assertThat(app.containsBean("sqlmqConsoleServlet")).isFalse();
        }
    }

    @Test
    void aPathThatIsNoneStopsTheStart(CapturedOutput log) {
        assertThatThrownBy(() -> start(Open.class, "sqlmq.console.path=console/"));
        assertThat(log).contains("APPLICATION FAILED TO START", "Set sqlmq.console.path");
    }
}
