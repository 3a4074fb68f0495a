package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.OptionDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What IDEs complete is written from the table of options. To rewrite it after a change there, run this test with
 * {@code -Dsqlmq.docs.update=true}.
 */
class MetadataTest {
    private static final Path FILE = Path.of("src/main/resources/META-INF/spring-configuration-metadata.json");

    private final List<String> properties = new ArrayList<>();
    private final List<String> hints = new ArrayList<>();

    @Test
    void everyPropertyIsDescribed() throws IOException {
        String expected = metadata();
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.writeString(FILE, expected);
        }
        assertThat(Files.readString(FILE)).isEqualTo(expected);
    }

    private String metadata() {
        property("sqlmq.enabled", "java.lang.Boolean", "Whether sqlmq is the application's JMS provider.", "true");
        property(
                "sqlmq.embedded",
                "java.lang.Boolean",
                "Whether the database is an embedded PostgreSQL that ends with the application. Needs sqlmq-embedded.",
                "false");
        property(
                SqlmqSettings.DATA_SOURCE,
                "java.lang.String",
                "Name of the DataSource bean whose database has the messages; needed where there are several.",
                null);
        property(
                SqlmqSettings.TRANSACTION_MANAGER,
                "java.lang.String",
                "Name of the transaction manager bean in whose transactions listeners work; by default the one on the"
                        + " DataSource with the messages. 'none': sessions are transacted by themselves.",
                null);
        property(
                SqlmqSettings.DESTINATIONS,
                "java.util.List<java.util.Map<java.lang.String,java.lang.String>>",
                "Redelivery and limits of some destinations. Each entry has a name, or a pattern such as orders.>, and of "
                        + SqlmqSettings.ofDestinations().stream()
                                .map(option -> SqlmqSettings.dashed(option.name()))
                                .collect(Collectors.joining(", "))
                        + " what it needs.",
                null);
        SqlmqSettings.available().forEach(this::option);
        property(
                JobSettings.PREFIX + ".enabled",
                "java.lang.Boolean",
                "Whether the application runs the jobs that its beans have methods for (@Job).",
                "true");
        property(
                JobSettings.PREFIX + ".channels",
                "java.util.List<java.lang.String>",
                "The channels whose jobs it runs. By default those of its methods.",
                null);
        property(
                JobSettings.PREFIX + ".min-concurrency",
                "java.lang.Integer",
                "When fewer jobs run, more are begun, until max-concurrency run.",
                "16");
        property(
                JobSettings.PREFIX + ".max-concurrency",
                "java.lang.Integer",
                "How many jobs run at once at most.",
                "32");
        property(
                JobSettings.PREFIX + ".shutdown-timeout",
                "java.time.Duration",
                "How long a stop waits for the jobs that run. What is not finished then is begun again elsewhere.",
                "30s");
        property(
                ConsoleSettings.PREFIX + ".enabled",
                "java.lang.Boolean",
                "Whether the web console is there: in the server of the application, or on a port of its own if there is none. Needs sqlmq-console.",
                "false");
        property(
                ConsoleSettings.PREFIX + ".path",
                "java.lang.String",
                "Where the console is in the server of the application.",
                "/sqlmq");
        property(
                ConsoleSettings.PREFIX + ".roles",
                "java.util.List<java.lang.String>",
                "The roles of users of the application whom the console lets in; * for whoever is logged in there. Without any, and on a port of its own, one needs the token.",
                null);
        property(
                ConsoleSettings.PREFIX + ".host",
                "java.lang.String",
                "The address that the console listens on, without encryption. Set, it is not in the server of the application.",
                "127.0.0.1");
        property(
                ConsoleSettings.PREFIX + ".port",
                "java.lang.Integer",
                "The port of the console; 0 for any. Set, it is not in the server of the application.",
                "8161");
        property(
                ConsoleSettings.PREFIX + ".read-only", "java.lang.Boolean", "Whether the console only looks.", "false");
        property(
                ConsoleSettings.PREFIX + ".token",
                "java.lang.String",
                "What lets one into the console as the role of the DataSource, 16 characters or more. By default a new one with each start, which the log tells, or none where there are roles.",
                null);
        property(
                ConsoleSettings.PREFIX + ".idle-timeout",
                "java.time.Duration",
                "After which time without a page one has to log into the console again.",
                "30m");
        property(
                "management.health.sqlmq.enabled", "java.lang.Boolean", "Whether to show the health of sqlmq.", "true");
        property(
                SqlmqHealth.QUEUES,
                "java.lang.Boolean",
                "Whether the health of sqlmq says how many messages each queue holds, which takes a while where there are"
                        + " many.",
                "false");
        return "{\n  \"properties\": [\n" + String.join(",\n", properties) + "\n  ],\n  \"hints\": [\n"
                + String.join(",\n", hints) + "\n  ]\n}\n";
    }

    private void option(OptionDescription option) {
        String name = SqlmqSettings.PREFIX + "." + SqlmqSettings.dashed(option.name());
        String defaultText = option.defaultText();
        String type = switch (option.unit()) {
            case MILLISECONDS -> "java.time.Duration";
            case BYTES -> "org.springframework.util.unit.DataSize";
            case NONE ->
                option.type() == List.class
                        ? "java.util.List<java.lang.String>"
                        : option.type().getName();
        };
        if (defaultText != null && option.unit() != OptionDescription.Unit.NONE) {
            defaultText += option.unit() == OptionDescription.Unit.BYTES ? "B" : "ms";
        }
        if (name.equals(SqlmqSettings.SCHEMA_MANAGEMENT)) {
            defaultText = null;
        }
        if (option.type().isEnum()) {
            type = "java.lang.String";
            hints.add("    {\"name\": " + quoted(name) + ", \"values\": ["
                    + Arrays.stream(option.type().getEnumConstants())
                            .map(value ->
                                    "{\"value\": " + quoted(value.toString().toLowerCase(Locale.ROOT)) + "}")
                            .collect(Collectors.joining(", "))
                    + "]}");
        }
        property(name, type, description(name, option.meaning()), defaultText);
    }

    private static String description(String name, String markdown) {
        return name.equals(SqlmqSettings.SCHEMA_MANAGEMENT)
                ? "What is done about the tables of sqlmq when the application starts: create or upgrade them (migrate), check"
                        + " them (validate), or nothing (none). By default migrate for databases that were made for this run"
                        + " (embedded, Testcontainers, Docker Compose), else validate."
                : markdown.replace("`", "");
    }

    private void property(String name, String type, String description, @Nullable String defaultText) {
        properties.add("    {\"name\": " + quoted(name) + ", \"type\": " + quoted(type) + ",\n     \"description\": "
                + quoted(description)
                + (defaultText == null ? "" : ",\n     \"defaultValue\": " + value(type, defaultText)) + "}");
    }

    private static String value(String type, String text) {
        return type.matches("java\\.lang\\.(Boolean|Integer|Long|Double)") ? text : quoted(text);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
