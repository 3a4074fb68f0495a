package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What this process knows of the subscriptions of topics. It may be out of date: who writes by it has the database
 * compare the version. Of a topic that it has not heard of it assumes that there are none. Thread-safe.
 */
final class Topics {

    private static final int REMEMBERED = 10_000;

    /** So many changes in a row while one message is being published are no coincidence. */
    private static final int MOST_ROUNDS = 100;

    /**
     * The subscriptions of a topic.
     *
     * @param version 0 when there are none
     */
    record Known(long version, List<Subscription> subscriptions) {
        static final Known NONE = new Known(0, List.of());
    }

    private final TopicSql sql;
    private final Map<String, Known> known = Collections.synchronizedMap(new Recent());

    Topics(TopicSql sql) {
        this.sql = sql;
    }

    Known of(String topic) {
        Known subscriptions = known.get(topic);
        return subscriptions == null ? Known.NONE : subscriptions;
    }

    /**
     * A look at the topics of these messages, to be run where they are written.
     *
     * @param round how often that was done already for the same messages
     */
    Pipeline look(List<NewMessage> published, int round) throws SQLException {
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
        return new Pipeline().query(sql.subscriptions, p -> p.texts(topics.toArray(String[]::new)), rows -> {
            Map<String, Known> read = new HashMap<>();
            while (rows.next()) {
                long version = rows.getLong(2);
                Known topic = read.computeIfAbsent(rows.getString(1), name -> new Known(version, new ArrayList<>()));
                String channel = rows.getString(3);
                if (channel != null) {
                    topic.subscriptions()
                            .add(new Subscription(channel, rows.getBoolean(4), rows.getString(5), rows.getString(6)));
                }
            }
            read.forEach(this::learn);
        });
    }

    private void learn(String topic, Known subscriptions) {
        if (subscriptions.version() == 0) {
            known.remove(topic);
        } else {
            known.put(topic, subscriptions);
        }
    }

    private static final class Recent extends LinkedHashMap<String, Known> {
        private static final long serialVersionUID = 1L;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > REMEMBERED;
        }
    }
}
