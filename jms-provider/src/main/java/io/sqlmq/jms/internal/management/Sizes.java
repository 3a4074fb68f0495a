package io.sqlmq.jms.internal.management;

import io.sqlmq.engine.QueueInspection;
import jakarta.jms.JMSException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How large queues are and which are paused, asked for all of them together, every few seconds at most. Thread-safe. */
final class Sizes {
    private static final int QUEUES = 1_000;
    private static final long LIMIT = 100_000;
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Database database;
    private Map<String, QueueInspection.Size> byQueue = Map.of();
    private Set<String> paused = Set.of();
    private boolean known;
    private long asked;

    Sizes(Database database) {
        this.database = database;
    }

    /** The size of a queue, or null if it is empty. */
    synchronized QueueInspection.@Nullable Size of(String queue) throws JMSException {
        look();
        return byQueue.get(queue);
    }

    synchronized boolean isPaused(String queue) throws JMSException {
        look();
        return paused.contains(queue);
    }

    /** The queues that have messages, or are declared. */
    synchronized Collection<String> queues() throws JMSException {
        look();
        return Set.copyOf(byQueue.keySet());
    }

    /** Something was changed. */
    synchronized void forget() {
        known = false;
    }

    private void look() throws JMSException {
        if (known && System.nanoTime() - asked < FRESH_NANOS) {
            return;
        }
        Map<String, QueueInspection.Size> sizes = new LinkedHashMap<>();
        Set<String> stopped = new HashSet<>();
        database.calls().look("Counting messages", inspection -> {
            inspection.sizes(QUEUES, LIMIT).forEach(size -> sizes.put(size.channel(), size));
            inspection.paused().forEach(queue -> stopped.add(queue.channel()));
            return null;
        });
        byQueue = sizes;
        paused = stopped;
        known = true;
        asked = System.nanoTime();
    }
}
