package io.sqlmq.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;

/** The reference in docs/camel.md is that of the component's description, which Camel's plugin makes of the annotations. */
class CamelDocsTest {
    private static final String BEGIN = "<!-- Written from the component's description by CamelDocsTest -->\n";
    private static final Set<String> OWN = Set.of(
            "dataSource",
            "deadLetterQueue",
            "jdbcUrl",
            "schema",
            "schemaManagement",
            "options",
            "redelivery",
            "destinationOptions",
            "durableRedelivery",
            "group",
            "deduplicationId",
            "batchSize",
            "batchTimeout");

    @Test
    void theReferenceIsUpToDate() throws Exception {
        Path file = Path.of(System.getProperty("basedir", "")).resolve("../docs/camel.md");
        String text = Files.readString(file);
        String written = text.substring(0, text.indexOf(BEGIN) + BEGIN.length()) + reference();
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.writeString(file, written);
        }
        assertThat(file)
                .as("out of date; run again with -Dsqlmq.docs.update=true")
                .hasContent(written);
    }

    private static String reference() throws Exception {
        JsonObject model;
        try (InputStream json = CamelDocsTest.class.getResourceAsStream("/META-INF/io/sqlmq/camel/sqlmq.json")) {
            model = (JsonObject) Jsoner.deserialize(new String(json.readAllBytes(), UTF_8));
        }
        StringBuilder text = new StringBuilder();
        text.append(
                "\n### Of the component\n\nBeside these, every option of endpoints, which then holds for all of them.\n\n");
        Map<String, JsonObject> ofEndpoints = model.getMap("properties");
        table(text, model.getMap("componentProperties"), name -> OWN.contains(name) && !ofEndpoints.containsKey(name));
        text.append("\n### Of endpoints that camel-jms does not have\n\n");
        table(text, model.getMap("properties"), name -> OWN.contains(name));
        text.append("\n### Of endpoints as in camel-jms\n\n");
        table(text, model.getMap("properties"), name -> !OWN.contains(name));
        text.append("\n### Headers\n\n");
        table(text, model.getMap("headers"), name -> true);
        return text.toString();
    }

    private static void table(StringBuilder text, Map<String, JsonObject> options, Predicate<String> which) {
        text.append("| Name | Type | Default | Meaning |\n|---|---|---|---|\n");
        List<String> names = options.keySet().stream()
                .filter(which)
                .sorted(Comparator.comparing((String name) -> name.toLowerCase(Locale.ROOT)))
                .toList();
        for (String name : names) {
            JsonObject option = options.get(name);
            Object fallback = option.get("defaultValue");
            text.append("| `")
                    .append(option.get("prefix") == null ? name : option.getString("prefix") + "*")
                    .append("` | ")
                    .append(type(option))
                    .append(" | ")
                    .append(fallback == null ? "" : "`" + fallback + "`")
                    .append(" | ")
                    .append(option.getString("description").replace("|", "\\|"))
                    .append(" |\n");
        }
    }

    private static String type(JsonObject option) {
        if (option.get("enum") != null) {
            return String.join(", ", option.<List<String>>getCollection("enum"));
        }
        String type = option.getString("javaType").replaceAll("<.*", "");
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
