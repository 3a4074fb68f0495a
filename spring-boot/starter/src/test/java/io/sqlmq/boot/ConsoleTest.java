package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.console.SqlmqConsole;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.core.JmsTemplate;

/** The console of an application that asks for it by a property. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ConsoleTest {
    private static final String TOKEN = "a token of sixteen or more";
    private final String url = Databases.create();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Shop {}

    private ConfigurableApplicationContext start(String... more) {
        String[] properties = new String[more.length + 4];
        properties[0] = App.url(url);
        properties[1] = App.NO_JPA;
        properties[2] = "sqlmq.console.enabled=true";
        properties[3] = "sqlmq.console.port=0";
        System.arraycopy(more, 0, properties, 4, more.length);
        return App.start(Shop.class, properties);
    }

    private static String ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        return response.statusCode() + " "
                + response.headers().firstValue("Set-Cookie").orElse("") + response.body();
    }

    @Test
    void itIsThereWithItsTokenUntilTheApplicationEnds(CapturedOutput log) throws Exception {
        SqlmqConsole console;
        try (ConfigurableApplicationContext app = start("sqlmq.console.token=" + TOKEN)) {
            app.getBean(JmsTemplate.class).convertAndSend("orders", "one");
            console = app.getBean(SqlmqConsole.class);
            String login = ask(HttpRequest.newBuilder(URI.create(console.url() + "api/login"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("token=" + TOKEN.replace(' ', '+'))));
            assertThat(login).startsWith("200 ");
            String cookie = login.substring(4, login.indexOf(';'));
            assertThat(ask(HttpRequest.newBuilder(URI.create(console.url() + "api/overview"))
                            .header("Cookie", cookie)))
                    .startsWith("200 ")
                    .contains("orders");
            assertThat(log).contains("The console is at " + console.url()).doesNotContain(TOKEN);
        }
        assertThatThrownBy(() -> ask(HttpRequest.newBuilder(URI.create(console.url()))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void withoutATokenTheLogHasOne(CapturedOutput log) {
        try (ConfigurableApplicationContext app = start()) {
            assertThat(log).contains(app.getBean(SqlmqConsole.class).loginUrl());
        }
    }

    @Test
    void nobodyHasOneWithoutAsking() {
        try (ConfigurableApplicationContext app = App.start(Shop.class, App.url(url), App.NO_JPA)) {
            assertThat(app.getBeansOfType(SqlmqConsole.class)).isEmpty();
        }
    }

    @Test
    void whatIsMisspeltOrTooShortStopsTheStart(CapturedOutput log) {
        assertThatThrownBy(() -> start("sqlmq.console.token=short"));
        assertThat(log).contains("16 characters or more").doesNotContain("token=short");
        assertThatThrownBy(() -> start("sqlmq.console.prot=1"));
        assertThat(log).contains("sqlmq.console.prot");
    }

    @Test
    void aMissingArtifactIsNamed(CapturedOutput log) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (FilteredClassLoader without = new FilteredClassLoader(SqlmqConsole.class)) {
            Thread.currentThread().setContextClassLoader(without);
            assertThatThrownBy(this::start);
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        assertThat(log).contains("io.sqlmq:sqlmq-console");
    }
}
