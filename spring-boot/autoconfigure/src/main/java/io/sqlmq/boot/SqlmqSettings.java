package io.sqlmq.boot;

import io.sqlmq.jms.OptionDescription;
import io.sqlmq.jms.SqlmqOptions;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.system.JavaVersion;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code sqlmq.*}: one for each option of sqlmq that a DataSource leaves open, in the form that Boot has, and those
 * of the starter.
 */
final class SqlmqSettings {
    static final String PREFIX = "sqlmq";

    /** The name of the DataSource's bean. */
    static final String DATA_SOURCE = "sqlmq.data-source";

    /** The name of the bean of the transaction manager that listeners have. */
    static final String TRANSACTION_MANAGER = "sqlmq.transaction-manager";

    static final String SCHEMA_MANAGEMENT = "sqlmq.schema-management";

    /** What is said for some destinations only. */
    static final String DESTINATIONS = "sqlmq.destinations";

    /** That have nothing to do with options. */
    static final List<String> OWN = List.of(
            "enabled", "embedded", "data-source", "transaction-manager", "destinations", "jobs", "console", "test-url");

    private static final Set<String> OF_THE_DATA_SOURCE =
            Set.of("user", "password", "maximumPoolSize", "connectionTimeout");

    private static final Set<String> OF_DEPTH = Set.of("maxDepth", "whenFull");

    /** Where programs other than this application may have put something that begins with sqlmq. */
    private static final Set<String> SHARED_SOURCES = Set.of(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);

    /** What cannot be bound is an error. */
    private static final BindHandler ALL_OF_IT =
            new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter());

    private static final boolean CONSOLE =
            ClassUtils.isPresent("io.sqlmq.console.SqlmqConsole", SqlmqSettings.class.getClassLoader());

    private final Environment environment;
    private final Binder binder;

    SqlmqSettings(Environment environment) {
        this.environment = environment;
        this.binder = Binder.get(environment);
    }

    /** What the properties of a part of the starter say; what is misspelt is an error. */
    static <T> T bind(Environment environment, String prefix, Class<T> settings) {
        return Binder.get(environment).bindOrCreate(prefix, Bindable.of(settings), ALL_OF_IT);
    }

    /** Refuses a value that can be bound, and is of no use. Null is fine. */
    static <T> void require(String property, @Nullable T value, Predicate<T> fits, String reason) {
        if (value != null && !fits.test(value)) {
            throw new InvalidConfigurationPropertyValueException(property, value, reason);
        }
    }

    /** The options that properties can set. */
    static List<OptionDescription> available() {
        return OptionDescription.all().stream()
                .filter(option -> !OF_THE_DATA_SOURCE.contains(option.name()))
                .toList();
    }

    /** The form that the name of an option has in properties: {@code maxDepth} is {@code max-depth}. */
    static String dashed(String optionName) {
        return optionName
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("([A-Z]+)([A-Z][a-z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }

    /** Null also where nothing is said, as by a placeholder with an empty default. */
    @Nullable
    String text(String property) {
        String text = environment.getProperty(property);
        return StringUtils.hasText(text) ? text : null;
    }

    /** Whether the application wants virtual threads, and the JVM has them. */
    boolean virtualThreads() {
        return environment.getProperty("spring.threads.virtual.enabled", Boolean.class, false)
                && JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE);
    }

    /** Whether a property is set, however it is written. */
    boolean isSet(String property) {
        return binder.bind(property, String.class).isBound();
    }

    /** What the properties say. */
    SqlmqOptions options() {
        refuseUnknown();
        SqlmqOptions options = new SqlmqOptions();
        for (OptionDescription option : available()) {
            String property = PREFIX + "." + dashed(option.name());
            String value = value(property, option);
            if (value != null) {
                set(options, option.name(), converted(option, property, value), property, value);
            }
        }
        destinations(options);
        return options;
    }

    private @Nullable String value(String property, OptionDescription option) {
        if (option.type() == List.class) {
            List<String> names =
                    binder.bind(property, Bindable.listOf(String.class)).orElse(null);
            return names == null ? null : String.join(",", names);
        }
        return binder.bind(property, String.class).orElse(null);
    }

    private static void set(SqlmqOptions options, String name, String text, String property, Object value) {
        try {
            options.set(name, text);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(property, value, String.valueOf(e.getMessage()));
        }
    }

    /** Times and sizes with Boot's units, as sqlmq counts them. */
    private static String converted(OptionDescription option, String property, String value) {
        try {
            return switch (option.unit()) {
                case MILLISECONDS ->
                    Long.toString(DurationStyle.detectAndParse(value.strip(), ChronoUnit.MILLIS)
                            .toMillis());
                case BYTES -> Long.toString(DataSize.parse(value.strip()).toBytes());
                case NONE -> value;
            };
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new InvalidConfigurationPropertyValueException(property, value, String.valueOf(e.getMessage()));
        }
    }

    private void destinations(SqlmqOptions options) {
        List<Map<String, String>> entries = binder.bind(
                        DESTINATIONS,
                        Bindable.<List<Map<String, String>>>of(ResolvableType.forClassWithGenerics(
                                List.class,
                                ResolvableType.forClassWithGenerics(Map.class, String.class, String.class))),
                        ALL_OF_IT)
                .orElse(List.of());
        Set<String> names = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            destination(options, DESTINATIONS + "[" + i + "]", entries.get(i), names);
        }
    }

    /** The options that a destination may have of its own, by their names without dashes and in lower case. */
    private static final Map<String, OptionDescription> OF_DESTINATIONS = available().stream()
            .filter(option -> option.redelivery() || OF_DEPTH.contains(option.name()))
            .collect(Collectors.toUnmodifiableMap(option -> uniform(option.name()), Function.identity()));

    /** Those, for the documentation. */
    static List<OptionDescription> ofDestinations() {
        return available().stream()
                .filter(option -> OF_DESTINATIONS.containsValue(option))
                .toList();
    }

    private static String uniform(String name) {
        // With dots where an environment variable has an underscore within it.
        return name.replaceAll("[-_.]", "").toLowerCase(Locale.ROOT);
    }

    private static void destination(
            SqlmqOptions options, String property, Map<String, String> entry, Set<String> names) {
        List<String> policy = new ArrayList<>();
        List<String> limit = new ArrayList<>();
        String pattern = null;
        for (Map.Entry<String, String> line : entry.entrySet()) {
            String name = uniform(line.getKey());
            OptionDescription option = OF_DESTINATIONS.get(name);
            if (name.equals("name")) {
                pattern = line.getValue();
            } else if (option == null) {
                throw new InvalidConfigurationPropertyValueException(
                        property + "." + line.getKey(),
                        line.getValue(),
                        "A destination has a name, and may have "
                                + ofDestinations().stream()
                                        .map(known -> dashed(known.name()))
                                        .collect(Collectors.joining(", ")));
            } else {
                (option.redelivery() ? policy : limit)
                        .add(option.name() + "=" + converted(option, property + "." + line.getKey(), line.getValue()));
            }
        }
        if (pattern == null) {
            throw new InvalidConfigurationPropertyValueException(
                    property, entry, "It needs a name: that of a destination, or a pattern such as orders.>");
        }
        if (!names.add(pattern)) {
            throw new InvalidConfigurationPropertyValueException(
                    property,
                    entry,
                    "There is an entry of this name before it: all that is said of " + pattern + " belongs into one");
        }
        if (!policy.isEmpty()) {
            set(options, "redeliveryPolicy." + pattern, String.join("&", policy), property, entry);
        }
        if (!limit.isEmpty()) {
            set(options, "depthLimit." + pattern, String.join("&", limit), property, entry);
        }
    }

    /** Whatever is misspelt would otherwise just not happen. */
    private void refuseUnknown() {
        ConfigurationPropertyName prefix = ConfigurationPropertyName.of(PREFIX);
        Set<String> known =
                available().stream().map(option -> uniform(option.name())).collect(Collectors.toSet());
        OWN.forEach(name -> known.add(uniform(name)));
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource all
                    && !(source.getUnderlyingSource() instanceof PropertySource<?> underlying
                            && SHARED_SOURCES.contains(underlying.getName()))) {
                all.stream()
                        .filter(name -> prefix.isAncestorOf(name) && !known.contains(name.getElement(1, Form.UNIFORM)))
                        .findFirst()
                        .ifPresent(name -> refuse(name, source));
            }
        }
        if (CONSOLE) {
            ConsoleSettings.of(environment);
        }
    }

    private static void refuse(ConfigurationPropertyName name, ConfigurationPropertySource source) {
        String option = name.getElement(1, Form.ORIGINAL);
        String reason = "There is no such property";
        try {
            new SqlmqOptions().get(camel(option));
            reason = "It is for connections that sqlmq opens itself; here the DataSource has them";
        } catch (IllegalArgumentException e) {
            reason = String.valueOf(e.getMessage());
        }
        throw new InvalidConfigurationPropertyValueException(
                name.toString(), source.getConfigurationProperty(name).getValue(), reason);
    }

    private static String camel(String dashed) {
        StringBuilder camel = new StringBuilder();
        for (String part : dashed.split("-", -1)) {
            camel.append(
                    camel.isEmpty() || part.isEmpty()
                            ? part
                            : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
        }
        return camel.toString();
    }
}
