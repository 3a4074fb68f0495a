package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What Camel's developer console shows of the component: whether its databases take work, how many messages wait in the queues
 * that the context uses and in the dead-letter queue, and which routes consume. Needs the artifact camel-console.
 */
@DevConsole(name = "sqlmq", displayName = "sqlmq", description = "Databases, queues and consumers of sqlmq")
public class SqlmqDevConsole extends AbstractDevConsole {

    /** A console, which Camel makes and gives a context. */
    public SqlmqDevConsole() {
        super("camel", "sqlmq", "sqlmq", "Databases, queues and consumers of sqlmq");
    }

    /**
     * A database.
     *
     * @param name its URL without parameters, or its DataSource
     * @param error why it takes no work, or null
     * @param queues how many messages they have
     */
    private record Database(String name, @Nullable String error, Map<String, Long> queues) {

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.put("database", name);
            json.put("up", error == null);
            if (error != null) {
                json.put("error", error);
            }
            json.put("queues", new JsonObject(queues));
            return json;
        }
    }

    /** A route that consumes, and how many consumers it has at the moment. */
    private record Consuming(String route, String from, String state, int consumers) {

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.put("routeId", route);
            json.put("from", from);
            json.put("state", state);
            json.put("consumers", consumers);
            return json;
        }
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        for (Database database : databases()) {
            text.append(String.format(
                    "Database: %s (%s)%n", database.name, database.error == null ? "up" : "down: " + database.error));
            database.queues.forEach(
                    (name, messages) -> text.append(String.format("  %s: %d messages%n", name, messages)));
        }
        for (Consuming route : consuming()) {
            text.append(String.format(
                    "Route %s: %s (%s, %d consumers)%n", route.route, route.from, route.state, route.consumers));
        }
        return text.toString();
    }

    @Override
    protected JsonObject doCallJson(Map<String, Object> options) {
        JsonObject json = new JsonObject();
        json.put(
                "databases",
                new JsonArray(databases().stream().map(Database::json).toList()));
        json.put(
                "consumers",
                new JsonArray(consuming().stream().map(Consuming::json).toList()));
        return json;
    }

    private List<Database> databases() {
        Map<SqlmqConnectionFactory, Set<String>> used = new LinkedHashMap<>();
        for (Endpoint endpoint : getCamelContext().getEndpoints()) {
            SqlmqConnectionFactory factory =
                    endpoint instanceof SqlmqEndpoint own ? ConnectionFactories.own(own.getConnectionFactory()) : null;
            if (factory != null) {
                Set<String> queues = used.computeIfAbsent(factory, key -> new TreeSet<>());
                // The endpoint of a toD has its name as it is written, which is no queue.
                if (endpoint instanceof SqlmqQueueEndpoint queue
                        && !(queue instanceof SqlmqTemporaryQueueEndpoint)
                        && !queue.getDestinationName().contains("${")) {
                    queues.add(queue.getDestinationName());
                }
            }
        }
        List<Database> databases = new ArrayList<>();
        used.forEach((factory, queues) -> databases.add(database(factory, queues)));
        return databases;
    }

    private static Database database(SqlmqConnectionFactory factory, Set<String> queues) {
        String url = ConnectionFactories.urlOf(factory);
        String shown = url == null ? factory.getDataSource().toString() : url;
        Map<String, Long> counts = new TreeMap<>();
        try {
            factory.checkHealth();
            counts.put(factory.getOptions().getDeadLetterQueue(), 0L);
            queues.forEach(queue -> counts.put(queue, 0L));
            for (Map.Entry<String, Long> queue : counts.entrySet()) {
                queue.setValue(factory.admin().count(queue.getKey()));
            }
            return new Database(shown, null, counts);
        } catch (JMSException e) {
            return new Database(shown, String.valueOf(e.getMessage()), Map.of());
        }
    }

    private List<Consuming> consuming() {
        List<Consuming> consuming = new ArrayList<>();
        for (Route route : getCamelContext().getRoutes()) {
            if (route.getConsumer() instanceof SqlmqConsumer consumer) {
                consuming.add(new Consuming(
                        route.getRouteId(),
                        route.getEndpoint().getEndpointUri(),
                        getCamelContext()
                                .getRouteController()
                                .getRouteStatus(route.getRouteId())
                                .name(),
                        consumer.activeConsumers()));
            }
        }
        return consuming;
    }
}
