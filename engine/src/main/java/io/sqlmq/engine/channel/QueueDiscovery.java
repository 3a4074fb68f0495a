package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.NamePattern;
import io.sqlmq.engine.model.Subscription;
import io.sqlmq.engine.model.TemporaryNames;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Finds the queues that match patterns: those with messages and those that are declared, by a look each second as long as
 * somebody wants to know, and what this process sends to at once. Thread-safe.
 */
public final class QueueDiscovery {

    private static final long LOOK_MILLIS = 1_000;

    private final Database database;
    private final Recurring recurring;
    private final Threads threads;
    private final String queueNames;
    private final List<Search> searches = new CopyOnWriteArrayList<>();
    private final AtomicBoolean looking = new AtomicBoolean();

    public QueueDiscovery(Database database, Recurring recurring, Threads threads, String schema) {
        this.database = database;
        this.recurring = recurring;
        this.threads = threads;
        this.queueNames = "SELECT " + schema + ".mq_queue_names(?)";
    }

    /** Somebody's interest in the queues of a pattern. */
    public final class Search implements AutoCloseable {
        private final NamePattern pattern;
        private final Consumer<String> listener;
        private final Set<String> found = ConcurrentHashMap.newKeySet();

        private Search(NamePattern pattern, Consumer<String> listener) {
            this.pattern = pattern;
            this.listener = listener;
        }

        private void found(String queue) {
            if (pattern.matches(queue) && found.add(queue)) {
                listener.accept(queue);
            }
        }

        /** Ends the search. Idempotent. */
        @Override
        public void close() {
            searches.remove(this);
        }
    }

    /**
     * Tells of each queue that matches, once: of those that are there, before this returns; of later ones, on an engine
     * thread or on one that sends.
     *
     * @param listener must not block
     */
    public Search search(NamePattern pattern, Consumer<String> listener) throws SQLException {
        Search search = new Search(pattern, listener);
        searches.add(search);
        try {
            look(search);
        } catch (SQLException e) {
            searches.remove(search);
            throw e;
        }
        if (looking.compareAndSet(false, true)) {
            threads.schedule(this::later, LOOK_MILLIS);
        }
        return search;
    }

    /** A message was written. */
    void written(String channel) {
        if (!searches.isEmpty() && isQueue(channel)) {
            searches.forEach(search -> search.found(channel));
        }
    }

    /** What mq_queue_names leaves out. */
    private static boolean isQueue(String channel) {
        return !TemporaryNames.isOne(channel) && !Subscription.isChannel(channel);
    }

    /** On the timer's thread. */
    private void later() {
        threads.workers().execute(() -> {
            for (Search search : searches) {
                recurring.run("the look for queues that match " + search.pattern, () -> look(search));
            }
            looking.set(false);
            if (!searches.isEmpty() && looking.compareAndSet(false, true)) {
                threads.schedule(this::later, LOOK_MILLIS);
            }
        });
    }

    private void look(Search search) throws SQLException {
        database.run(new Pipeline().query(queueNames, p -> p.text(search.pattern.prefix()), rows -> {
            while (rows.next()) {
                search.found(rows.getString(1));
            }
        }));
    }
}
