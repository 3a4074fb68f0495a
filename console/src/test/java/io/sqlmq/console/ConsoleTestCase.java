package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSContext;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A console on a real database, and somebody who asks it by HTTP. */
@SqlmqTest(purge = Purge.Time.EACH_TEST)
abstract class ConsoleTestCase {
    static final String PASSWORD = "a secret of its own";
    /** Roles that have to give their password, and what mq_grant has let them do. */
    static final Map<String, String> KINDS = new TreeMap<>(Map.of(
            "console_nothing", "",
            "console_watch", "watch",
            "console_headers", "watch headers",
            "console_bodies", "watch bodies",
            "console_admin", "administer",
            "console_all", "all",
            "console_queues", "queues",
            "console_receive", "receive",
            "console_send", "send",
            "console_sql", "send by SQL"));

    static final String TOKEN = "0123456789abcdef";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    @JdbcUrl
    static String url;

    static SqlmqConnectionFactory factory;
    static SqlmqConsole console;

    @BeforeAll
    static void starts() throws Exception {
        factory = new SqlmqConnectionFactory(url);
        console = SqlmqConsole.builder(factory).port(0).token(TOKEN).start();
        passwordsCount();
    }

    @AfterAll
    static void ends() {
        console.close();
        factory.close();
    }

    /** The server trusts whoever comes from here, but not these roles. */
    private static void passwordsCount() throws Exception {
        Path file = Path.of(value("SHOW hba_file"));
        String rules = Files.readString(file);
        String ours = "host all " + String.join(",", KINDS.keySet()) + " 127.0.0.1/32 scram-sha-256\n";
        if (!rules.startsWith(ours)) {
            Files.writeString(file, ours + rules);
            sql("SELECT pg_reload_conf()");
        }
        for (String name : Stream.concat(KINDS.keySet().stream(), Stream.of("console_trusted"))
                .toList()) {
            sql("DO $$ BEGIN IF to_regrole('" + name + "') IS NULL THEN CREATE ROLE " + name + " LOGIN PASSWORD '"
                    + PASSWORD + "'; END IF; END $$");
            String kind = KINDS.getOrDefault(name, "");
            if (!kind.isEmpty()) {
                sql("SELECT mq_grant('" + name + "', '" + kind + "')");
            }
        }
        for (int i = 0; i < 100 && canLogIn("console_nothing", "wrong"); i++) {
            Thread.sleep(50); // until the server has read its pg_hba.conf again
        }
    }

    private static boolean canLogIn(String role, String password) {
        try {
            DriverManager.getConnection(url.replaceFirst("\\?.*", ""), role, password)
                    .close();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    static void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static String value(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    static void jms(Consumer<JMSContext> work) {
        try (JMSContext context = factory.createContext()) {
            work.accept(context);
        }
    }

    static void send(String queue, String... texts) {
        jms(context -> {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        });
    }

    /** A dead letter, as mq_dead_letter makes it; its id. */
    static String deadLetter(String origin, String error) throws SQLException {
        send(origin, "a body");
        String id = value("SELECT id FROM mq_msgs WHERE channel_name = '" + origin + "' ORDER BY seq DESC LIMIT 1");
        sql("SELECT mq_move('" + id + "', '" + origin + "', false, 'DLQ', 'too many failures', '" + error + "', 7)");
        return "ID:" + value("SELECT id FROM mq_msgs WHERE channel_name = 'DLQ' ORDER BY seq DESC LIMIT 1");
    }

    /** What came back. */
    record Answer(int status, String body, HttpResponse<String> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    /** Somebody with a browser or a program. */
    static final class Client {
        final String at;

        @Nullable
        String cookie;

        @Nullable
        String csrf;

        Client(SqlmqConsole console) {
            this(console.url().replaceFirst("/$", ""));
        }

        Client(String at) {
            this.at = at;
        }

        static Client withToken() throws Exception {
            return new Client(console).login("token", TOKEN);
        }

        static Client as(String role) throws Exception {
            return new Client(console).login("user", role, "password", PASSWORD);
        }

        Client login(String... fields) throws Exception {
            Answer answer = post("/api/login", fields);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            cookie = answer.header("set-cookie").split(";", 2)[0];
            Matcher csrfs = Pattern.compile("\"csrf\":\"([^\"]+)\"").matcher(answer.body());
            assertThat(csrfs.find()).isTrue();
            csrf = csrfs.group(1);
            return this;
        }

        HttpRequest.Builder request(String path) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at + path));
            if (cookie != null) {
                request.header("Cookie", cookie);
            }
            return request;
        }

        Answer send(HttpRequest request) throws IOException, InterruptedException {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response);
        }

        Answer get(String path) throws Exception {
            return send(request(path).build());
        }

        /** With the token against forgery. */
        Answer act(String action, String... fields) throws Exception {
            List<String> all = new ArrayList<>(List.of(fields));
            all.addAll(List.of("csrf", String.valueOf(csrf)));
            return post("/api/do/" + action, all.toArray(String[]::new));
        }

        Answer post(String path, String... fields) throws Exception {
            return send(request(path)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form(fields)))
                    .build());
        }
    }

    static String form(String... fields) {
        StringJoiner form = new StringJoiner("&");
        for (int i = 0; i < fields.length; i += 2) {
            form.add(fields[i] + "=" + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return form.toString();
    }
}
