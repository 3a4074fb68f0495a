package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Subscription;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this process knows of the subscriptions of topics. It may be out of date: who writes by it has the database
 * compare the versions. Of a topic that it has not heard of it assumes that there are none. Thread-safe.
 */
public final class Topics {

    private static final int REMEMBERED = 10_000;

    /** So many changes in a row while one message is being published are no coincidence; a hundred are, where others come and go. */
    private static final int MOST_ROUNDS = 2_000;

    /** In the place of a topic's name: the subscriptions by patterns. */
    private static final String PATTERNS = "";

    /**
     * How old what is known is.
     *
     * @param own of the topic's own subscriptions; 0 when there are none
     * @param patterns of all subscriptions by patterns; 0 when there are none
     */
    record Versions(long own, long patterns) {}

    /** The subscriptions that messages to a topic are for. */
    record Known(Versions versions, List<Subscription> subscriptions) {}

    /** The subscriptions under one name. */
    private record Listed(long version, List<Subscription> subscriptions) {
        static final Listed NONE = new Listed(0, List.of());
    }

    private final TopicStatements sql;
    private final Map<String, Listed> known = Collections.synchronizedMap(new Recent<>());
    private final Set<String> wrongPatterns = ConcurrentHashMap.newKeySet();
    private volatile TopicPatterns patterns = new TopicPatterns(0, List.of(), wrongPatterns);

    public Topics(TopicStatements sql) {
        this.sql = sql;
    }

    Known of(String topic) {
        Listed own = known.getOrDefault(topic, Listed.NONE);
        TopicPatterns others = patterns;
        List<Subscription> matching = others.matching(topic);
        List<Subscription> all = own.subscriptions();
        if (!matching.isEmpty()) {
            all = new ArrayList<>(all);
            all.addAll(matching);
        }
        return new Known(new Versions(own.version(), others.version()), all);
    }

    /**
     * A look at the topics of these messages, to be run where they are written.
     *
     * @param round how often that was done already for the same messages
     */
    public Pipeline look(List<NewMessage> published, int round) throws SQLException {
        Set<String> topics = new TreeSet<>();
        for (NewMessage message : published) {
            if (message.publication() != null) {
                topics.add(message.publication().topic());
            }
        }
        if (round >= MOST_ROUNDS) {
            throw new SQLException(
                    "The subscriptions of " + topics + " change faster than messages can be published", "40001");
        }
        topics.add(PATTERNS);
        return new Pipeline().query(sql.subscriptions, p -> p.texts(topics.toArray(String[]::new)), rows -> {
            Map<String, Listed> read = new HashMap<>();
            while (rows.next()) {
                long version = rows.getLong(2);
                Listed topic = read.computeIfAbsent(rows.getString(1), name -> new Listed(version, new ArrayList<>()));
                String channel = rows.getString(3);
                if (channel != null) {
                    topic.subscriptions()
                            .add(new Subscription(
                                    channel,
                                    rows.getBoolean(4),
                                    rows.getString(5),
                                    rows.getString(6),
                                    rows.getString(7),
                                    rows.getBoolean(8)));
                }
            }
            read.forEach(this::learn);
        });
    }

    private void learn(String topic, Listed subscriptions) {
        if (topic.equals(PATTERNS)) {
            if (patterns.version() != subscriptions.version()) {
                patterns = new TopicPatterns(subscriptions.version(), subscriptions.subscriptions(), wrongPatterns);
            }
        } else if (subscriptions.version() == 0) {
            known.remove(topic);
        } else {
            known.put(topic, subscriptions);
        }
    }

    /** The most recently used of what can be read again. */
    static final class Recent<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > REMEMBERED;
        }
    }
}
