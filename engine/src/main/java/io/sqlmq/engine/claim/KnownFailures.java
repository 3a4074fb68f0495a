package io.sqlmq.engine.claim;

import io.sqlmq.engine.model.Delivery;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Why deliveries in transactions of others failed, as far as this process was told: a note inside of such a transaction
 * would be rolled back with it, and whoever counts the failure afterwards finds the text here. Thread-safe.
 */
public final class KnownFailures {
    private static final int REMEMBERED = 1_000;

    private final Map<UUID, String> texts = new Latest();
    private final Map<UUID, String> unreadable = new Latest();

    public synchronized void note(Collection<Delivery> failed, String text) {
        failed.forEach(delivery -> texts.put(delivery.row().id(), text));
    }

    @Nullable
    synchronized String of(Delivery failed) {
        return texts.get(failed.row().id());
    }

    /** It could be neither read nor set aside in its transaction. */
    public synchronized void noteUnreadable(Delivery taken, String reason) {
        unreadable.put(taken.row().id(), reason);
    }

    /** Why it cannot be read, told once. */
    synchronized @Nullable String takeUnreadable(Delivery failed) {
        return unreadable.remove(failed.row().id());
    }

    /** It is delivered again. */
    public synchronized void forget(Delivery taken) {
        texts.remove(taken.row().id());
        unreadable.remove(taken.row().id());
    }

    private static final class Latest extends LinkedHashMap<UUID, String> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, String> eldest) {
            return size() > REMEMBERED;
        }
    }
}
