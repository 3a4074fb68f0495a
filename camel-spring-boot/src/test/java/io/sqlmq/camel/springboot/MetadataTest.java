package io.sqlmq.camel.springboot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.camel.SqlmqComponent;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.util.StringHelper;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;

/** What editors know of the properties is what the component's own description says. */
class MetadataTest {
    private static final String FILE = "META-INF/spring-configuration-metadata.json";

    @Test
    void propertiesAreThoseOfTheDescription() throws Exception {
        Path file = Path.of(System.getProperty("basedir", "")).resolve("src/main/resources/" + FILE);
        String written = Jsoner.prettyPrint(metadata().toJson(), 2) + "\n";
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.writeString(file, written);
        }
        assertThat(file)
                .as("out of date; run again with -Dsqlmq.docs.update=true")
                .hasContent(written);
    }

    private static JsonObject metadata() throws Exception {
        JsonArray properties = new JsonArray();
        properties.add(property("enabled", "java.lang.Boolean", "Whether to configure the component sqlmq.", true));
        properties.add(property(
                "customizer.enabled",
                "java.lang.Boolean",
                "Whether these properties are given to the component.",
                true));
        JsonArray hints = new JsonArray();
        description().forEach((name, option) -> {
            String kebab = StringHelper.camelCaseToDash(name);
            properties.add(property(
                    kebab,
                    type(option.getString("javaType")),
                    option.getString("description"),
                    option.get("defaultValue")));
            if (option.get("enum") != null) {
                hints.add(values(kebab, option));
            }
        });
        JsonObject group = new JsonObject();
        group.put("name", ComponentProperties.PREFIX);
        group.put("type", SqlmqComponent.class.getName());
        JsonArray groups = new JsonArray();
        groups.add(group);
        JsonObject metadata = new JsonObject();
        metadata.put("groups", groups);
        metadata.put("properties", properties);
        metadata.put("hints", hints);
        return metadata;
    }

    private static Map<String, JsonObject> description() throws Exception {
        try (InputStream json = SqlmqComponent.class.getResourceAsStream("/META-INF/io/sqlmq/camel/sqlmq.json")) {
            return ((JsonObject) Jsoner.deserialize(new String(json.readAllBytes(), UTF_8)))
                    .getMap("componentProperties");
        }
    }

    private static JsonObject property(String name, String type, String description, Object fallback) {
        JsonObject property = new JsonObject();
        property.put("name", ComponentProperties.PREFIX + "." + name);
        property.put("type", type);
        property.put("description", description);
        if (fallback != null) {
            property.put("defaultValue", fallback);
        }
        return property;
    }

    private static JsonObject values(String name, JsonObject option) {
        JsonArray values = new JsonArray();
        for (Object value : option.<List<?>>getCollection("enum")) {
            JsonObject hint = new JsonObject();
            hint.put("value", value);
            values.add(hint);
        }
        JsonObject hints = new JsonObject();
        hints.put("name", ComponentProperties.PREFIX + "." + name);
        hints.put("values", values);
        return hints;
    }

    private static String type(String javaType) {
        return switch (javaType) {
            case "boolean" -> "java.lang.Boolean";
            case "int" -> "java.lang.Integer";
            case "long" -> "java.lang.Long";
            default -> javaType;
        };
    }
}
