package io.sqlmq.engine.model;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** How many messages were sent to each channel and are done with, since that was last taken. Thread-safe. */
public final class Traffic {

    /**
     * What was counted of a channel.
     *
     * @param sent committed, or, in a transaction of the application, written
     * @param gone acknowledged, expired at a consumer, or moved to a dead-letter queue
     */
    public record Count(long sent, long gone) {
        Count plus(Count other) {
            return new Count(sent + other.sent, gone + other.gone);
        }
    }

    private final ConcurrentHashMap<String, Count> counts = new ConcurrentHashMap<>();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private volatile Runnable first = () -> {};

    /** Is run when the first message is counted since the counts were taken. */
    public void whenFirst(Runnable task) {
        first = task;
    }

    /** Counts messages. Those of temporary queues are not counted: nobody will look for them. */
    public void count(String channel, int sent, int gone) {
        if (!TemporaryNames.isOne(channel)) {
            counts.merge(channel, new Count(sent, gone), Count::plus);
            if (!awaited.get() && awaited.compareAndSet(false, true)) {
                first.run();
            }
        }
    }

    /** What was counted; counting begins anew. */
    public Map<String, Count> take() {
        awaited.set(false);
        Map<String, Count> taken = new HashMap<>();
        for (String channel : counts.keySet()) {
            Count count = counts.remove(channel);
            if (count != null) {
                taken.put(channel, count);
            }
        }
        return taken;
    }

    /** Could not be written: for the next time. */
    public void putBack(Map<String, Count> taken) {
        taken.forEach((channel, count) -> counts.merge(channel, count, Count::plus));
    }
}
