package io.sqlmq.jms.jndi;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The connection factories that were looked up: equal configurations share one, since each has pools of its own. */
final class NamedFactories {
    private static final Map<Configuration, SqlmqConnectionFactory> FACTORIES = new ConcurrentHashMap<>();

    private record Configuration(String url, Map<String, String> options) {}

    private NamedFactories() {}

    static SqlmqConnectionFactory get(@Nullable String url, Map<String, String> options) {
        if (url == null) {
            throw new IllegalArgumentException("There is no URL of a database. Set java.naming.provider.url to"
                    + " jdbc:postgresql://host:port/database");
        }
        return FACTORIES.compute(
                new Configuration(url, Map.copyOf(options)),
                (wanted, known) -> known != null && !known.isClosed()
                        ? known
                        : SqlmqObjectFactory.connectionFactory(wanted.url(), wanted.options()));
    }

    /** Reads {@code name=value&name=value}, percent-encoded as in a URL. */
    static Map<String, String> options(String text) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(
                        "What is given for the factory (not shown here, for it may hold a password) is neither a URL that"
                                + " begins with jdbc:postgresql: or sqlmq:embedded, nor options of the form"
                                + " name=value&name=value");
            }
            String name = pair.substring(0, equals).strip();
            options.put(
                    name.startsWith("sqlmq.") ? name.substring("sqlmq.".length()) : name,
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return options;
    }
}
