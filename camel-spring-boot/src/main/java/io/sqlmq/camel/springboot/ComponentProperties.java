package io.sqlmq.camel.springboot;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.util.StringHelper;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** The properties {@code camel.component.sqlmq.*} of an application. */
final class ComponentProperties {
    static final String PREFIX = "camel.component.sqlmq";

    private static final String OPTIONS = "options.";

    private ComponentProperties() {}

    /** The options of the component, by their names there. Camel takes out of the map what it has set. */
    static Map<String, Object> of(Environment environment) {
        Map<String, Object> properties = new HashMap<>();
        Map<String, Object> options = new HashMap<>();
        Binder.get(environment)
                .bind(PREFIX, Bindable.mapOf(String.class, String.class))
                .orElse(Map.of())
                .forEach((key, value) -> {
                    String name = StringHelper.dashToCamelCase(key.replace('_', '-'));
                    if (name.startsWith(OPTIONS)) {
                        options.put(name.substring(OPTIONS.length()), value);
                    } else if (!name.equals("enabled") && !name.startsWith("customizer.")) {
                        properties.put(name, value);
                    }
                });
        if (!options.isEmpty()) {
            properties.put("options", options);
        }
        return properties;
    }
}
