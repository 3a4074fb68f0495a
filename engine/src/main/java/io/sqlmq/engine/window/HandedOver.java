package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a window has handed over and what is neither acknowledged nor given back, oldest first: locked by the window's
 * transaction, leased, or lost. Guarded by the window's lock.
 */
final class HandedOver {

    private final Map<Delivery, ChannelConsumer> handed = new LinkedHashMap<>();

    void add(Delivery delivery, ChannelConsumer consumer) {
        handed.put(delivery, consumer);
    }

    void addAll(Map<Delivery, ChannelConsumer> deliveries) {
        handed.putAll(deliveries);
    }

    /** Whose it was, or null if it is not here. */
    @Nullable
    ChannelConsumer remove(Delivery delivery) {
        return handed.remove(delivery);
    }

    void clear() {
        handed.clear();
    }

    boolean isEmpty() {
        return handed.isEmpty();
    }

    int size() {
        return handed.size();
    }

    List<Delivery> all() {
        return List.copyOf(handed.keySet());
    }

    /** All of them, and whose they are. */
    Map<Delivery, ChannelConsumer> byDelivery() {
        return new LinkedHashMap<>(handed);
    }

    /** Whose the last one is, or null if there is none. */
    @Nullable
    ChannelConsumer lastConsumer() {
        ChannelConsumer last = null;
        for (ChannelConsumer consumer : handed.values()) {
            last = consumer;
        }
        return last;
    }

    List<Delivery> locked() {
        return locked(handed.keySet());
    }

    /** Those that the window's transaction holds by their row locks. */
    static List<Delivery> locked(Collection<Delivery> deliveries) {
        return deliveries.stream().filter(d -> d.state == State.HANDED).toList();
    }

    boolean hasLocked() {
        return handed.keySet().stream().anyMatch(d -> d.state == State.HANDED);
    }

    /** What the window works on without a transaction. */
    List<Delivery> leased() {
        return handed.keySet().stream().filter(d -> d.state == State.LEASED).toList();
    }

    /** Those that are still the window's, by a lock or a lease. */
    List<Delivery> kept() {
        return handed.keySet().stream().filter(d -> d.state != State.LOST).toList();
    }

    /** The transaction that held the locked ones is gone. */
    void lose() {
        for (Delivery delivery : handed.keySet()) {
            if (delivery.state == State.HANDED) {
                delivery.state = State.LOST;
            }
        }
    }
}
