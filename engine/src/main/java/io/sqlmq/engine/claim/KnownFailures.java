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

    private final Map<UUID, String> texts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    public synchronized void note(Collection<Delivery> failed, String text) {
        failed.forEach(delivery -> texts.put(delivery.row().id(), text));
    }

    @Nullable
    synchronized String of(Delivery failed) {
        return texts.get(failed.row().id());
    }

    /** It is delivered again. */
    public synchronized void forget(Delivery taken) {
        texts.remove(taken.row().id());
    }
}
