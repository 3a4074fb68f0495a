package io.sqlmq.schema.internal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC URL of PostgreSQL with options of sqlmq ({@code sqlmq.<option>=<value>}) in its query. Messages never repeat
 * the URL, for a password may be in it.
 *
 * @param driverUrl the URL without the options of sqlmq
 * @param options the options of sqlmq, decoded, without the prefix, in the order written
 * @param driverParameters the parameters of the driver in the query, decoded
 */
public record JdbcUrl(String driverUrl, Map<String, String> options, Map<String, String> driverParameters) {
    /** What the names of sqlmq's options begin with in a URL. */
    public static final String PREFIX = "sqlmq.";

    private static final String PROTOCOL = "jdbc:postgresql:";

    public JdbcUrl {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options)); // keeps the order
        driverParameters = Map.copyOf(driverParameters);
    }

    /**
     * Takes a URL apart.
     *
     * @throws IllegalArgumentException if it is not a URL of PostgreSQL, or names one option twice
     */
    public static JdbcUrl parse(String url) {
        if (!url.startsWith(PROTOCOL)) {
            throw new IllegalArgumentException("The URL does not begin with \"" + PROTOCOL
                    + "\"; write jdbc:postgresql://host:port/database?sqlmq.option=value");
        }
        int question = url.indexOf('?');
        if (question < 0) {
            return new JdbcUrl(url, Map.of(), Map.of());
        }
        Map<String, String> options = new LinkedHashMap<>();
        Map<String, String> driverParameters = new LinkedHashMap<>();
        StringJoiner rest = new StringJoiner("&", "?", "").setEmptyValue("");
        for (String parameter : url.substring(question + 1).split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "" : decode(name, parameter.substring(equals + 1));
            if (!name.startsWith(PREFIX)) {
                if (!parameter.isEmpty()) {
                    rest.add(parameter);
                    driverParameters.put(name, value);
                }
            } else if (equals < 0) {
                throw new IllegalArgumentException("The URL parameter " + name + " has no value; write " + name + "=…");
            } else if (options.put(name.substring(PREFIX.length()), value) != null) {
                throw new IllegalArgumentException("The URL parameter " + name + " is there twice");
            }
        }
        return new JdbcUrl(url.substring(0, question) + rest, options, driverParameters);
    }

    /** The value of an option of sqlmq, named without its prefix, or null. */
    public @Nullable String option(String name) {
        return options.get(name);
    }

    private static String decode(String name, String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The value of the URL parameter " + name + " is not percent-encoded correctly (write %25 for %)",
                    e);
        }
    }

    /** Leaves out what may be secret. */
    @Override
    public String toString() {
        int question = driverUrl.indexOf('?');
        return question < 0 ? driverUrl : driverUrl.substring(0, question) + "?…";
    }
}
