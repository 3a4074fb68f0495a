package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.model.Delivery;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a window has claimed and not handed over, by the cursor that it was claimed with, and the channels where some of that
 * was let go. Guarded by the window's lock.
 */
final class Unseen {

    private final Map<ClaimCursor, Deque<Delivery>> buffers = new HashMap<>();
    /** Unseen rows that are free again when the transaction has ended, by channel. */
    private final Map<String, Freed> freed = new LinkedHashMap<>();

    /**
     * Where rows of a channel are free.
     *
     * @param logged whether some are ready in that table
     * @param unlogged the same
     * @param elsewhere whether some are not just ready
     */
    record Freed(boolean logged, boolean unlogged, boolean elsewhere) {

        private static Freed of(Delivery row) {
            boolean elsewhere = row.due || row.grouped;
            return new Freed(!elsewhere && !row.unlogged(), !elsewhere && row.unlogged(), elsewhere);
        }

        private Freed and(Freed other) {
            return new Freed(logged || other.logged, unlogged || other.unlogged, elsewhere || other.elsewhere);
        }
    }

    @Nullable
    Delivery poll(ClaimCursor cursor) {
        Deque<Delivery> buffer = buffers.get(cursor);
        return buffer == null ? null : buffer.poll();
    }

    void add(ClaimCursor cursor, Collection<Delivery> claimed) {
        if (!claimed.isEmpty()) {
            buffer(cursor).addAll(claimed);
        }
    }

    /** The hand-over of this one was taken back: it comes next. */
    void putBack(ClaimCursor cursor, Delivery delivery) {
        buffer(cursor).addFirst(delivery);
    }

    /** Cursors of which nothing is there are forgotten: sessions may go through any number of queues. */
    private Deque<Delivery> buffer(ClaimCursor cursor) {
        Deque<Delivery> known = buffers.get(cursor);
        if (known != null) {
            return known;
        }
        buffers.values().removeIf(Deque::isEmpty);
        Deque<Delivery> added = new ArrayDeque<>();
        buffers.put(cursor, added);
        return added;
    }

    int size() {
        int size = 0;
        for (Deque<Delivery> buffer : buffers.values()) {
            size += buffer.size();
        }
        return size;
    }

    boolean isEmpty() {
        return size() == 0;
    }

    boolean isEmpty(ClaimCursor cursor) {
        Deque<Delivery> buffer = buffers.get(cursor);
        return buffer == null || buffer.isEmpty();
    }

    boolean isEmpty(Channel channel) {
        return buffers.entrySet().stream()
                .noneMatch(e -> e.getKey().channel() == channel && !e.getValue().isEmpty());
    }

    /** The channels of which something is there. */
    Set<String> channels() {
        Set<String> channels = new HashSet<>();
        buffers.forEach((cursor, buffer) -> {
            if (!buffer.isEmpty()) {
                channels.add(cursor.channel().name());
            }
        });
        return channels;
    }

    List<Delivery> all() {
        return buffers.values().stream().flatMap(Collection::stream).toList();
    }

    /** Those that are under a lease, which is to be ended: forgets them. */
    List<Delivery> takeLeased() {
        List<Delivery> leased = all().stream().filter(Unseen::isLeased).toList();
        buffers.values().forEach(buffer -> buffer.removeIf(Unseen::isLeased));
        return leased;
    }

    /** Forgets those that are locked: their rows are free as soon as the transaction ends. */
    void drop() {
        buffers.forEach((cursor, buffer) -> {
            if (buffer.removeIf(d -> isFreed(cursor, d))) {
                cursor.lookBack();
            }
        });
    }

    private boolean isFreed(ClaimCursor cursor, Delivery delivery) {
        if (isLeased(delivery)) {
            return false;
        }
        freed.merge(cursor.channel().name(), Freed.of(delivery), Freed::and);
        return true;
    }

    private static boolean isLeased(Delivery delivery) {
        return delivery.state == Delivery.State.LEASED;
    }

    /** The rows that were let go since the last call, by channel. */
    Map<String, Freed> takeFreed() {
        Map<String, Freed> taken = Map.copyOf(freed);
        freed.clear();
        return taken;
    }
}
