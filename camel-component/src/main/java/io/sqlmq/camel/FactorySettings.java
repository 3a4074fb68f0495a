package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import jakarta.jms.ConnectionFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import javax.sql.DataSource;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;

/**
 * What the component was told of its database, and what the registry offers. Not thread-safe: set before the first
 * endpoint.
 */
final class FactorySettings {
    @Nullable
    String jdbcUrl;

    @Nullable
    DataSource dataSource;

    /** Options of the connection factory by name; Camel puts into it. */
    final Map<String, Object> options = new LinkedHashMap<>();

    /** Nothing leads to a database. */
    static final class NoDatabaseException extends SqlmqStartException {
        private static final long serialVersionUID = 1L;

        private NoDatabaseException() {
            super(
                    "The component sqlmq has no database.",
                    "Give it one of these: a DataSource"
                            + " in the registry, or the option dataSource; the option jdbcUrl, for example"
                            + " camel.component.sqlmq.jdbcUrl=jdbc:postgresql://localhost/shop; a SqlmqConnectionFactory in the"
                            + " registry, or the option connectionFactory");
        }
    }

    /** A factory, and whether the component has to close it. */
    record Found(SqlmqConnectionFactory factory, boolean own) {}

    /**
     * The connection factory of the component.
     *
     * @throws NoDatabaseException if there is none
     * @throws SqlmqStartException if more than one could be meant, or an option is not possible
     */
    Found find(Registry registry, @Nullable String user, @Nullable String password) {
        if (jdbcUrl != null && dataSource != null) {
            throw new SqlmqStartException(
                    "Both jdbcUrl and dataSource are set for the component sqlmq.", "Set one of them");
        }
        if (jdbcUrl != null) {
            return made(options -> new SqlmqConnectionFactory(jdbcUrl, options), user, password);
        }
        if (dataSource == null) {
            SqlmqConnectionFactory registered = registered(registry);
            if (registered != null) {
                requireNoUser(user, "SqlmqConnectionFactory of the registry");
                return new Found(registered, false);
            }
            Map<String, DataSource> found = registry.findByTypeWithName(DataSource.class);
            dataSource = DataSources.areOne(found)
                    ? found.values().iterator().next()
                    : only(found, "DataSource", "dataSource");
        }
        if (dataSource == null) {
            throw new NoDatabaseException();
        }
        requireNoUser(user, "DataSource");
        return made(options -> new SqlmqConnectionFactory(dataSource, options), null, null);
    }

    private Found made(
            Function<SqlmqOptions, SqlmqConnectionFactory> making, @Nullable String user, @Nullable String password) {
        try {
            return new Found(making.apply(options(user, password)), true);
        } catch (IllegalArgumentException e) {
            throw new SqlmqStartException(
                    "The component sqlmq cannot work as it is configured. " + e.getMessage() + ".",
                    "Change its options (camel.component.sqlmq) or its database",
                    e);
        }
    }

    private static void requireNoUser(@Nullable String user, String source) {
        if (user != null) {
            throw new SqlmqStartException(
                    "The component sqlmq works on a " + source + ", which has its user.",
                    "Take out username and password, which are for jdbcUrl");
        }
    }

    private @Nullable SqlmqConnectionFactory registered(Registry registry) {
        Map<String, SqlmqConnectionFactory> found = new LinkedHashMap<>();
        registry.findByTypeWithName(ConnectionFactory.class).forEach((name, factory) -> {
            SqlmqConnectionFactory own = ConnectionFactories.own(factory);
            if (own != null && !found.containsValue(own)) {
                found.put(name, own);
            }
        });
        SqlmqConnectionFactory factory = only(found, "SqlmqConnectionFactory", "connectionFactory");
        if (factory != null && !options.isEmpty()) {
            throw new SqlmqStartException(
                    "The registry has a SqlmqConnectionFactory, which has its options; the"
                            + " component sqlmq cannot set " + options.keySet() + ".",
                    "Set them there, or set dataSource or jdbcUrl"
                            + " too, so that the component makes a factory of its own");
        }
        return factory;
    }

    private static <T> @Nullable T only(Map<String, T> found, String type, String option) {
        if (found.size() > 1) {
            Set<String> names = new TreeSet<>(found.keySet());
            throw new SqlmqStartException(
                    "The registry has several of the type " + type + ": " + String.join(", ", names) + ".",
                    "Say which the component sqlmq shall use:"
                            + " camel.component.sqlmq." + option + "=#bean:"
                            + names.iterator().next());
        }
        return found.isEmpty() ? null : found.values().iterator().next();
    }

    private SqlmqOptions options(@Nullable String user, @Nullable String password) {
        SqlmqOptions made = new SqlmqOptions();
        options.forEach((name, value) -> made.set(name, String.valueOf(value)));
        if (user != null) {
            made.setUser(user);
        }
        if (password != null) {
            made.setPassword(password);
        }
        return made;
    }
}
