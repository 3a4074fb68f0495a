package io.sqlmq.jms.jndi;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTopic;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * A naming service in memory, made of properties, as ActiveMQ and Artemis have them; for example {@code jndi.properties} on
 * the class path:
 *
 * <pre>{@code
 * java.naming.factory.initial = io.sqlmq.jms.jndi.SqlmqInitialContextFactory
 * java.naming.provider.url = jdbc:postgresql://localhost/shop?user=shop
 * queue.jms/orders = orders
 * topic.jms/prices = prices
 * connectionFactory.jms/durable = clientID=prices&maximumPoolSize=4
 * }</pre>
 *
 * <ul>
 *   <li>{@code java.naming.provider.url}: the URL of the database, as for {@link SqlmqConnectionFactory}.
 *   <li>{@code java.naming.security.principal}, {@code java.naming.security.credentials}: user and password, if not in the URL.
 *   <li>{@code connectionFactory.<name>}: a connection factory, either with a URL of its own, or with the URL above and these
 *       options: {@code option=value&option=value}.
 *   <li>{@code connectionFactoryNames}: names, separated by commas, of connection factories for the URL without further
 *       options; by default ConnectionFactory, QueueConnectionFactory and TopicConnectionFactory.
 *   <li>{@code queue.<name>}, {@code topic.<name>}: a queue or topic, perhaps with {@linkplain
 *       io.sqlmq.jms.DestinationOptions options}.
 * </ul>
 *
 * <p>Without any property, {@code dynamicQueues/orders} is the queue {@code orders}, and {@code dynamicTopics/prices} the topic
 * {@code prices}. Slashes in names make subcontexts. The contexts are read-only, connect to nothing, and may be used by several
 * threads.
 *
 * <p>Equal URL and options are the same connection factory everywhere in a class loader, so that a lookup does not cost pools
 * of its own; who closes it gets a new one with the next lookup.
 */
public final class SqlmqInitialContextFactory implements InitialContextFactory {
    private static final String FACTORY = "connectionFactory.";
    private static final String QUEUE = "queue.";
    private static final String TOPIC = "topic.";
    private static final String FACTORY_NAMES = "connectionFactoryNames";
    private static final List<String> DEFAULT_NAMES =
            List.of("ConnectionFactory", "QueueConnectionFactory", "TopicConnectionFactory", "XAConnectionFactory");

    /** For the naming service. */
    public SqlmqInitialContextFactory() {}

    /**
     * The initial context.
     *
     * @throws NamingException if the properties contradict each other
     */
    @Override
    public Context getInitialContext(@Nullable Hashtable<?, ?> environment) throws NamingException {
        Map<String, String> properties = texts(environment);
        NameTree tree = new NameTree();
        tree.addAll("dynamicQueues", SqlmqQueue.class, SqlmqQueue::new);
        tree.addAll("dynamicTopics", SqlmqTopic.class, SqlmqTopic::new);
        String url = properties.get(Context.PROVIDER_URL);
        if (url != null || properties.containsKey(FACTORY_NAMES)) {
            for (String name : factoryNames(properties)) {
                tree.add(name, factory(url, "", properties));
            }
        }
        for (Map.Entry<String, String> property : properties.entrySet()) {
            String key = property.getKey();
            String value = property.getValue().strip();
            if (key.startsWith(FACTORY)) {
                tree.add(key.substring(FACTORY.length()), factory(url, value, properties));
            } else if (key.startsWith(QUEUE)) {
                tree.add(key.substring(QUEUE.length()), new Entry(SqlmqQueue.class, () -> new SqlmqQueue(value)));
            } else if (key.startsWith(TOPIC)) {
                tree.add(key.substring(TOPIC.length()), new Entry(SqlmqTopic.class, () -> new SqlmqTopic(value)));
            }
        }
        return new ReadOnlyContext(tree, "", environment);
    }

    private static Map<String, String> texts(@Nullable Hashtable<?, ?> environment) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (environment != null) {
            environment.forEach((key, value) -> {
                if (key instanceof String name && value instanceof String text) {
                    texts.put(name, text);
                }
            });
        }
        return texts;
    }

    private static List<String> factoryNames(Map<String, String> properties) {
        String names = properties.get(FACTORY_NAMES);
        return names == null
                ? DEFAULT_NAMES
                : Arrays.stream(names.split(",", -1))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .toList();
    }

    private static Entry factory(@Nullable String url, String value, Map<String, String> properties) {
        boolean ownUrl = value.startsWith("jdbc:") || value.startsWith("sqlmq:");
        Map<String, String> options = new LinkedHashMap<>();
        if (!ownUrl) {
            copy(properties, Context.SECURITY_PRINCIPAL, options, "user");
            copy(properties, Context.SECURITY_CREDENTIALS, options, "password");
        }
        return new Entry(SqlmqConnectionFactory.class, () -> {
            if (!ownUrl) {
                options.putAll(NamedFactories.options(value));
            }
            return NamedFactories.get(ownUrl ? value : url, options);
        });
    }

    private static void copy(Map<String, String> from, String name, Map<String, String> to, String as) {
        String value = from.get(name);
        if (value != null) {
            to.put(as, value);
        }
    }
}
