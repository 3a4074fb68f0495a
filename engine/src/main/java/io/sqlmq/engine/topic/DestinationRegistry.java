package io.sqlmq.engine.topic;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.Remembered;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the database knows of destinations by their names: which are declared, and which queues get the messages of topics.
 * What is there is remembered for a while; what is not is asked for each time. Thread-safe.
 */
public final class DestinationRegistry {

    private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Database database;
    private final TopicStatements topicSql;
    private final String schema;
    private final Remembered<Known, Long> known = new Remembered<>();

    /** A fact: a destination is declared, or a queue is bound. */
    private record Known(String name, Kind kind) {}

    private enum Kind {
        QUEUE,
        TOPIC,
        BOUND
    }

    public DestinationRegistry(Database database, String schema, TopicStatements topicSql) {
        this.database = database;
        this.schema = schema;
        this.topicSql = topicSql;
    }

    /** Whether a queue, or else a topic, of that name is declared. */
    public boolean isDeclared(String name, boolean queue) throws SQLException {
        Known fact = new Known(name, queue ? Kind.QUEUE : Kind.TOPIC);
        if (isKnown(fact)) {
            return true;
        }
        boolean[] found = new boolean[1];
        database.run(new Pipeline()
                .query(
                        "SELECT FROM " + schema + ".mq_destinations WHERE name = ? AND queue = ?",
                        p -> p.text(name).bool(queue),
                        rows -> found[0] = rows.next()));
        if (found[0]) {
            known.put(fact, System.nanoTime());
        }
        return found[0];
    }

    /** Declares a destination; returns false if it is declared already. */
    public boolean declare(String name, boolean queue) throws SQLException {
        return first(
                "INSERT INTO " + schema
                        + ".mq_destinations (name, queue) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1",
                name,
                queue);
    }

    /** Takes a declaration back; returns false if there is none. Other processes may go by it for 10 s more. */
    public boolean undeclare(String name, boolean queue) throws SQLException {
        known.remove(new Known(name, queue ? Kind.QUEUE : Kind.TOPIC));
        return first(
                "DELETE FROM " + schema + ".mq_destinations WHERE name = ? AND queue = ? RETURNING 1", name, queue);
    }

    private boolean first(String statement, String name, boolean queue) throws SQLException {
        boolean[] any = new boolean[1];
        database.run(new Pipeline().query(statement, p -> p.text(name).bool(queue), rows -> any[0] = rows.next()));
        return any[0];
    }

    /** The names of the declared queues, or else topics. */
    public List<String> declared(boolean queues) throws SQLException {
        List<String> names = new ArrayList<>();
        database.run(new Pipeline()
                .query(
                        "SELECT name FROM " + schema + ".mq_destinations WHERE queue = ? ORDER BY name",
                        p -> p.bool(queues),
                        rows -> {
                            while (rows.next()) {
                                names.add(rows.getString(1));
                            }
                        }));
        return names;
    }

    /**
     * From when this returns, whatever is published to a topic goes to a queue too, also while nobody consumes from it.
     *
     * @param topic the topic, or, with a pattern, empty
     * @param pattern patterns of topics, separated by commas, or null
     */
    public void bind(String queue, String topic, @Nullable String pattern) throws SQLException {
        Known fact = new Known(queue, Kind.BOUND);
        if (!isKnown(fact)) {
            database.run(new Pipeline()
                    .query(topicSql.bindQueue, p -> p.text(queue).text(topic).text(pattern), rows -> {}));
            known.put(fact, System.nanoTime());
        }
    }

    /** Ends that for a queue; what is in it stays. Returns false if there was nothing to end. */
    public boolean unbind(String queue) throws SQLException {
        known.remove(new Known(queue, Kind.BOUND));
        boolean[] was = new boolean[1];
        database.run(new Pipeline().query(topicSql.unbindQueue, p -> p.text(queue), rows -> {
            rows.next();
            was[0] = rows.getBoolean(1);
        }));
        return was[0];
    }

    private boolean isKnown(Known fact) {
        Long since = known.get(fact);
        return since != null && System.nanoTime() - since < REMEMBERED_NANOS;
    }
}
