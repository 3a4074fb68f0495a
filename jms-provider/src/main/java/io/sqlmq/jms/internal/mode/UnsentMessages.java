package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.model.NewMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a transacted session has sent and not yet written. Delay and time to live run from send() (§3.4.9, §7.9), so
 * what is left of them is computed when the messages are drained. Not thread-safe.
 */
final class UnsentMessages {
    private static final int MANY = 1_000;
    private static final long LARGE = 8L << 20;

    private record Unsent(NewMessage message, long sentNanos) {
        NewMessage now() {
            if (message.delay() == 0 && message.timeToLive() == 0) {
                return message;
            }
            long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentNanos);
            return message.left(Math.max(message.delay() - elapsed, 0), timeToLive(elapsed));
        }

        /** Negative when it has expired; 0 would mean for ever. */
        private long timeToLive(long elapsed) {
            long left = message.timeToLive() - elapsed;
            return message.timeToLive() == 0 ? 0 : left > 0 ? left : -1;
        }
    }

    private final List<Unsent> messages = new ArrayList<>();
    private long size;

    void add(NewMessage message) {
        messages.add(new Unsent(message, System.nanoTime()));
        size += message.content().size();
    }

    /** Whether they should be written before the commit. */
    boolean isLarge() {
        return messages.size() >= MANY || size >= LARGE;
    }

    List<NewMessage> drain() {
        if (messages.isEmpty()) {
            return List.of();
        }
        List<NewMessage> drained = new ArrayList<>(messages.size());
        for (Unsent unsent : messages) {
            drained.add(unsent.now());
        }
        clear();
        return drained;
    }

    void clear() {
        messages.clear();
        size = 0;
    }
}
