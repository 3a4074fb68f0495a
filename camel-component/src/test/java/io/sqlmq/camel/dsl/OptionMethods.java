package io.sqlmq.camel.dsl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.util.json.JsonObject;

/** Writes the options of {@link SqlmqEndpointBuilder} from the component's description. */
final class OptionMethods {
    private static final int WIDTH = 120;

    /** Who has an option, each with an interface of its own. */
    enum Side {
        COMMON("advanced"),
        CONSUMER("consumer"),
        PRODUCER("producer");

        private final String itself;

        Side(String itself) {
            this.itself = itself;
        }

        String interfaceName() {
            return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT) + "Options";
        }

        static Side of(JsonObject option) {
            List<String> labels = List.of(option.getString("label").split(","));
            boolean consumer = labels.contains("consumer");
            boolean producer = labels.contains("producer");
            return consumer == producer ? COMMON : consumer ? CONSUMER : PRODUCER;
        }
    }

    private final Side side;
    private final Set<String> imports = new TreeSet<>();
    private final StringBuilder methods = new StringBuilder();

    private OptionMethods(Side side) {
        this.side = side;
    }

    /** The source of the interface with the options of one side. */
    static String source(Side side, Map<String, JsonObject> options) {
        OptionMethods source = new OptionMethods(side);
        options.entrySet().stream()
                .filter(option -> isParameter(option.getValue()) && Side.of(option.getValue()) == side)
                .sorted(Comparator.comparing(option -> option.getKey().toLowerCase(Locale.ROOT)))
                .forEach(option -> source.add(option.getKey(), option.getValue()));
        return source.text();
    }

    /** Whether it stands behind the question mark, not before it. */
    static boolean isParameter(JsonObject option) {
        return option.getString("kind").equals("parameter");
    }

    private void add(String name, JsonObject option) {
        if (option.getString("javaType").startsWith("java.util.Map")) {
            addMap(name, option);
            return;
        }
        String type = type(option.getString("javaType"));
        add(meaning(option), name, type + " value", "doSetProperty(\"" + name + "\", value)");
        if (!type.equals("String")) {
            String link = "As {@link #" + name + "(" + type + ")}, as text: a property placeholder"
                    + (option.getString("type").equals("object") ? ", or a bean's name after #." : ".");
            add(link, name, "String value", "doSetProperty(\"" + name + "\", value)");
        }
    }

    private void addMap(String name, JsonObject option) {
        imports.add("java.util.Map");
        String prefix = option.getString("prefix");
        add(
                meaning(option),
                name,
                "String key, Object value",
                "doSetMultiValueProperty(\"" + name + "\", \"" + prefix + "\" + key, value)");
        add(
                "As {@link #" + name + "(String, Object)}, several at once.",
                name,
                "Map<String, Object> values",
                "doSetMultiValueProperties(\"" + name + "\", \"" + prefix + "\", values)");
    }

    private void add(String meaning, String name, String parameters, String statement) {
        String oneLine = "    /** " + meaning + " */\n";
        methods.append('\n').append(oneLine.length() <= WIDTH + 1 ? oneLine : wrapped(meaning));
        methods.append("    default B ").append(name).append('(').append(parameters);
        methods.append(") {\n        ").append(statement);
        methods.append(";\n        return ").append(side.itself).append("();\n    }\n");
    }

    private static String meaning(JsonObject option) {
        String text = option.getString("description").trim().replaceAll("\\s+", " ");
        Object fallback = option.get("defaultValue");
        return (text.endsWith(".") ? text : text + ".").replace("&", "&amp;").replace("<", "&lt;")
                + (fallback == null ? "" : " Default: {@code " + fallback + "}.");
    }

    private static String wrapped(String meaning) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : meaning.split(" ", -1)) {
            if (line.length() > 0 && line.length() + word.length() + 1 > WIDTH - "     * ".length()) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return "    /**\n     * " + String.join("\n     * ", lines) + "\n     */\n";
    }

    private String type(String javaType) {
        String type = javaType.replace("java.lang.", "");
        if (type.equals("Integer")) {
            return "int";
        }
        if (type.equals("Boolean")) {
            return "boolean";
        }
        if (type.contains(".")) {
            imports.add(type);
        }
        return type.substring(type.lastIndexOf('.') + 1);
    }

    private String text() {
        StringBuilder text = new StringBuilder("package io.sqlmq.camel.dsl;\n\n");
        imports.forEach(type -> text.append("import ").append(type).append(";\n"));
        String whose = side == Side.COMMON ? "all endpoints" : side.itself + "s";
        text.append("\n/**\n * Options of ").append(whose).append(": written from the component's description, see");
        text.append(" SqlmqEndpointBuilderTest.\n *\n * @param <B> the endpoint that has them\n */\n");
        text.append("public interface ").append(side.interfaceName()).append("<B> extends OptionSetting {\n\n");
        text.append(
                side == Side.COMMON
                        ? "    /** Returns the endpoint itself: here the options that are rarely needed stand with the others. */\n"
                        : "    /** The endpoint as one that can have such options. */\n");
        text.append("    B ").append(side.itself).append("();\n");
        return text.append(methods).append("}\n").toString();
    }
}
