package io.sqlmq.embedded;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * A parsed {@code sqlmq:embedded} URL.
 *
 * @param name the server's name in this JVM
 * @param options how to start the server; the defaults if the URL names none
 * @param connectionParameters parameters of the driver and {@code sqlmq.} options, in the order of the URL
 */
record EmbeddedUrl(String name, EmbeddedOptions options, Map<String, String> connectionParameters) {

    static final String DEFAULT_NAME = "default";

    private static final String PREFIX = "sqlmq:embedded";
    private static final Pattern FORM =
            Pattern.compile(Pattern.quote(PREFIX) + "(?::(?://)?(?<name>[A-Za-z0-9_.-]+)/?)?(?:\\?(?<query>.*))?");

    static boolean accepts(String url) {
        return url.equals(PREFIX) || url.startsWith(PREFIX + ":") || url.startsWith(PREFIX + "?");
    }

    static EmbeddedUrl parse(String url) {
        Matcher matcher = FORM.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + shown(url) + "\" is not the URL of an embedded database; write "
                    + PREFIX + ", " + PREFIX + ":name or " + PREFIX + "://name?option=value (letters, digits, dot,"
                    + " hyphen and underscore in the name)");
        }
        String name = matcher.group("name");
        EmbeddedOptions options = EmbeddedOptions.defaults();
        Map<String, String> connection = new LinkedHashMap<>();
        for (Map.Entry<String, String> parameter : query(matcher.group("query")).entrySet()) {
            String key = parameter.getKey();
            String value = parameter.getValue();
            if (key.startsWith("server.")) {
                options = options.setting(key.substring("server.".length()), value);
            } else if (key.startsWith("sqlmq.") || PGProperty.forName(key) != null) {
                connection.put(key, value);
            } else {
                options = option(options, key, value);
            }
        }
        return new EmbeddedUrl(name == null ? DEFAULT_NAME : name, options, Map.copyOf(connection));
    }

    private static EmbeddedOptions option(EmbeddedOptions options, String key, String value) {
        return switch (key) {
            case "fsync" -> options.fsync(onOff(key, value));
            case "port" -> options.port(number(key, value));
            case "dataDirectory" -> options.dataDirectory(Path.of(value));
            default ->
                throw new IllegalArgumentException("Unknown option \"" + key + "\" of an embedded database; there are"
                        + " fsync, port, dataDirectory, server.<setting of PostgreSQL>, sqlmq.<option of sqlmq> and the"
                        + " parameters of the PostgreSQL driver");
        };
    }

    private static boolean onOff(String key, String value) {
        return switch (value) {
            case "on", "true" -> true;
            case "off", "false" -> false;
            default -> throw new IllegalArgumentException(key + " is \"" + value + "\"; it must be on or off");
        };
    }

    private static int number(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " is \"" + value + "\"; it must be a number", e);
        }
    }

    /** Without what may be a password: parameters, and what stands before an @. */
    private static String shown(String url) {
        return url.replaceFirst("(?s)\\?.*", "?…").replaceFirst("(?s)//.*@", "//…@");
    }

    private static Map<String, String> query(@Nullable String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query == null || query.isEmpty()) {
            return parameters;
        }
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "A parameter in the URL of an embedded database is not of the form option=value");
            }
            String key = decode(parameter.substring(0, equals));
            if (parameters.put(key, decode(parameter.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("The URL of an embedded database has " + key + " twice");
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Appends parameters to a JDBC URL. */
    static String append(String jdbcUrl, Map<String, String> parameters) {
        StringBuilder url = new StringBuilder(jdbcUrl);
        parameters.forEach((key, value) -> url.append(url.indexOf("?") < 0 ? '?' : '&')
                .append(encode(key))
                .append('=')
                .append(encode(value)));
        return url.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
