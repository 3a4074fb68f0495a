package io.sqlmq.engine.window;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a window has handed over and what is neither acknowledged nor given back, oldest first: locked by the window's
 * transaction, leased, or lost. Guarded by the window's lock.
 */
final class HandedOver {

    private final LinkedHashSet<Delivery> handed = new LinkedHashSet<>();

    void add(Delivery delivery) {
        handed.add(delivery);
    }

    boolean remove(Delivery delivery) {
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
        return List.copyOf(handed);
    }

    @Nullable
    Delivery last() {
        Delivery last = null;
        for (Delivery delivery : handed) {
            last = delivery;
        }
        return last;
    }

    List<Delivery> locked() {
        return locked(handed);
    }

    /** Those that the window's transaction holds by their row locks. */
    static List<Delivery> locked(Collection<Delivery> deliveries) {
        return deliveries.stream().filter(d -> d.state == State.HANDED).toList();
    }

    boolean hasLocked() {
        return handed.stream().anyMatch(d -> d.state == State.HANDED);
    }

    /** What the window works on without a transaction. */
    List<Delivery> leased() {
        return handed.stream().filter(d -> d.state == State.LEASED).toList();
    }

    /** Those that are still the window's, by a lock or a lease. */
    List<Delivery> kept() {
        return handed.stream().filter(d -> d.state != State.LOST).toList();
    }

    /** The transaction that held the locked ones is gone. */
    void lose() {
        for (Delivery delivery : handed) {
            if (delivery.state == State.HANDED) {
                delivery.state = State.LOST;
            }
        }
    }
}
