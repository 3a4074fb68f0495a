package io.sqlmq.jms.jndi;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTopic;
import java.util.Collections;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NamingException;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connection factories and destinations that a naming service has references to: those that they made of themselves,
 * or those of a container's configuration, as Tomcat's:
 *
 * <pre>{@code
 * <Resource name="jms/ConnectionFactory" auth="Container" type="io.sqlmq.jms.SqlmqConnectionFactory"
 *           factory="io.sqlmq.jms.jndi.SqlmqObjectFactory" singleton="true" closeMethod="close"
 *           url="jdbc:postgresql://localhost/shop" user="shop" maximumPoolSize="8"/>
 * <Resource name="jms/orders" type="io.sqlmq.jms.SqlmqQueue"
 *           factory="io.sqlmq.jms.jndi.SqlmqObjectFactory" physicalName="orders"/>
 * }</pre>
 *
 * <p>Attributes of a connection factory: {@code url}, and the options of docs/configuration.md by their names. Of a
 * destination: {@code physicalName}, {@code literal}. The type may also be the
 * interface, for example {@code jakarta.jms.Queue}. Thread-safe.
 */
public final class SqlmqObjectFactory implements ObjectFactory {
    /** What containers add to a reference for themselves. */
    private static final Set<String> OF_THE_CONTAINER = Set.of(
            "auth",
            "scope",
            "description",
            "singleton",
            "closeMethod",
            "factory",
            "type",
            "name",
            "forceString",
            "lookup");

    private static final Set<String> CONNECTION_FACTORIES = Set.of(
            SqlmqConnectionFactory.class.getName(),
            "jakarta.jms.ConnectionFactory",
            "jakarta.jms.QueueConnectionFactory",
            "jakarta.jms.TopicConnectionFactory",
            "jakarta.jms.XAConnectionFactory",
            "jakarta.jms.XAQueueConnectionFactory",
            "jakarta.jms.XATopicConnectionFactory");

    private static final Set<String> QUEUES = Set.of(SqlmqQueue.class.getName(), "jakarta.jms.Queue");
    private static final Set<String> TOPICS = Set.of(SqlmqTopic.class.getName(), "jakarta.jms.Topic");

    /** For the naming service. */
    public SqlmqObjectFactory() {}

    /**
     * Makes the object of a reference.
     *
     * @return null if the object is not a reference to an object of sqlmq, so that other factories are asked
     * @throws NamingException if an attribute is missing or not possible
     */
    @Override
    public @Nullable Object getObjectInstance(
            @Nullable Object object,
            @Nullable Name name,
            @Nullable Context context,
            @Nullable Hashtable<?, ?> environment)
            throws NamingException {
        if (!(object instanceof Reference reference)) {
            return null;
        }
        String type = reference.getClassName();
        Map<String, String> attributes = attributes(reference);
        try {
            if (CONNECTION_FACTORIES.contains(type)) {
                String url = required(attributes, "url", type);
                attributes.remove("url");
                return connectionFactory(url, attributes);
            } else if (QUEUES.contains(type)) {
                String queue = required(attributes, "physicalName", type);
                return isLiteral(attributes) ? SqlmqQueue.literal(queue) : new SqlmqQueue(queue);
            } else if (TOPICS.contains(type)) {
                String topic = required(attributes, "physicalName", type);
                return isLiteral(attributes) ? SqlmqTopic.literal(topic) : new SqlmqTopic(topic);
            }
            return null;
        } catch (IllegalArgumentException e) {
            throw refused("The reference to a " + type + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> attributes(Reference reference) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (RefAddr address : Collections.list(reference.getAll())) {
            if (address.getContent() instanceof String text && !OF_THE_CONTAINER.contains(address.getType())) {
                attributes.put(address.getType(), text);
            }
        }
        return attributes;
    }

    private static boolean isLiteral(Map<String, String> attributes) {
        return Boolean.parseBoolean(attributes.get("literal"));
    }

    private static String required(Map<String, String> attributes, String attribute, String type)
            throws NamingException {
        String value = attributes.get(attribute);
        if (value == null) {
            throw new ConfigurationException("A reference to a " + type + " needs the attribute " + attribute);
        }
        return value;
    }

    /** A connection factory for a URL with further options. */
    static SqlmqConnectionFactory connectionFactory(String url, Map<String, String> options) {
        SqlmqOptions set = new SqlmqOptions();
        options.forEach(set::set);
        return new SqlmqConnectionFactory(url, set);
    }

    static NamingException refused(String text, IllegalArgumentException cause) {
        NamingException refused = new ConfigurationException(text);
        refused.initCause(cause);
        return refused;
    }
}
